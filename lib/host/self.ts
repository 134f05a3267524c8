import { fileURLToPath } from "node:url";

/** A command line that starts this program. */
export interface SelfCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** Whether this program runs as the single executable. Asked this way since not every runtime has `node:sea`. */
export function insideExecutable(): boolean {
  return process.getBuiltinModule("node:sea")?.isSea() ?? false;
}

/**
 * How this program starts itself with these arguments: the executable itself, or from source the Node that runs it and
 * `cli.ts`.
 */
export function selfCommand(args: readonly string[]): SelfCommand {
  if (insideExecutable()) return { command: process.execPath, args };
  const entry = fileURLToPath(new URL("../../cli.ts", import.meta.url));
  return { command: process.execPath, args: ["--disable-warning=ExperimentalWarning", entry, ...args] };
}
