import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Files of a node that come with its container, in a variable of its environment: an engine takes 80 ms of a processor for
 * each container that files are put into, and nothing for a variable. Only this very program reads it.
 */
const CARRIED_FILES = "NOMOS_RUN_FILES";

/** The kernel takes at most 128 KiB for one variable, its name and the terminating zero included. */
const MOST_BYTES = 128 * 1024 - CARRIED_FILES.length - 2;

interface File {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** The variable that carries these files; null where they are too large, no text, or below folders. */
export function carrying(files: readonly File[]): Readonly<Record<string, string>> | null {
  if (files.some(({ path, content }) => typeof content !== "string" || path.includes("/"))) return null;
  const text = JSON.stringify(Object.fromEntries(files.map(({ path, content }) => [path, content])));
  return Buffer.byteLength(text) <= MOST_BYTES ? { [CARRIED_FILES]: text } : null;
}

/** Writes the files that this process was started with to `folder`. What is there already is newer, and stays. */
export function placeCarried(env: NodeJS.ProcessEnv, folder: string): void {
  const carried = env[CARRIED_FILES];
  if (carried === undefined) return;
  for (const [name, content] of Object.entries(JSON.parse(carried) as Record<string, string>)) {
    const file = join(folder, name);
    if (!existsSync(file)) writeFileSync(file, content);
  }
}
