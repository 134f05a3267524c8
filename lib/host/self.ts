import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { RUNTIME } from "./runtime.ts";

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
 * How this program starts itself with these arguments: the executable itself, or the runtime that runs it and the entry
 * beside this module, `cli.ts` or what was made of it. A program that uses this one as a library starts that, not itself.
 */
export function selfCommand(args: readonly string[]): SelfCommand {
  if (insideExecutable()) return { command: process.execPath, args };
  // Beside sources it is a source, and in a package that was built it was built.
  const entry = fileURLToPath(new URL(`../../cli${extname(import.meta.url)}`, import.meta.url));
  return { command: process.execPath, args: [...RUNTIME.startArguments, entry, ...args] };
}
