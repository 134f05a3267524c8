import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and those above it, as far as they aren't there. Node's own recursive `mkdir` does not return where a
 * file system has no such folders to make, as below /proc (seen with Node 24.21), and users name folders freely.
 *
 * @throws the system's error of the first folder that could not be made
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  let place = resolve(path);
  while (!(await isFolder(place))) {
    missing.unshift(place);
    if (place === dirname(place)) break;
    place = dirname(place);
  }
  for (const folder of missing) {
    await mkdir(folder).catch(async (error: NodeJS.ErrnoException) => {
      const made = error.code === "EEXIST" && (folder !== missing.at(-1) || (await isFolder(folder)));
      if (!made) throw error;
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}
