import { join } from "node:path";

/** Where nodes' logs are in the run folder. */
export function logFolder(folder: string): string {
  return join(folder, "logs");
}

/** A node's log in the run folder, over all its starts. */
export function nodeLog(folder: string, name: string): string {
  return join(logFolder(folder), `${name}.log`);
}
