import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { writeError } from "../../host/disk-errors.ts";
import type { RenderedFile } from "../../model/node-kind.ts";

/** A node's own folder in the run folder: its configuration, and where it is a process of this machine its state. */
export function nodeFolder(folder: string, name: string): string {
  return join(folder, "nodes", name);
}

/**
 * Writes a node's files into its folder.
 * @param mode of each, whatever the user's mask
 * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE
 */
export async function writeNodeFiles(home: string, files: readonly RenderedFile[], mode?: number): Promise<void> {
  await makeFolder(home);
  await Promise.all(
    files.map(async ({ path, content }) => {
      const target = insideFolder(home, path);
      await makeFolder(dirname(target));
      try {
        await writeFile(target, content);
        if (mode !== undefined) await chmod(target, mode);
      } catch (error) {
        throw writeError(target, error);
      }
    }),
  );
}

/** A path of a node kind's within its node's folder. */
export function insideFolder(home: string, path: string): string {
  const target = join(home, path);
  const way = relative(home, target);
  if (way !== "" && !way.startsWith("..")) return target;
  throw new CodedError("NR-CORE-INTERNAL", `a node kind named a file outside the node's folder: ${path}`);
}

/** @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw writeError(path, error);
  }
}
