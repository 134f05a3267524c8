import { lstat, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode } from "../core/errors.ts";
import { writeError } from "./disk-errors.ts";

/** A name beside `path` that nobody else uses, so that a rename stays on one disk. */
function besides(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${crypto.randomUUID().slice(0, 8)}`);
}

async function moveIntoPlace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = besides(path);
  try {
    await make(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(path, error);
  }
}

/**
 * Writes a file whole or not at all: who reads meanwhile sees the old content or the new.
 * @param mode permissions, 0o644 by default
 * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  await moveIntoPlace(path, (temporary) => writeFile(temporary, content, { mode }));
}

/**
 * Makes `path` a symbolic link to `target`, in place of a link that is there. A file or folder is not replaced.
 * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE
 */
export async function linkAtomically(target: string, path: string): Promise<void> {
  const there = await lstat(path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return null;
    throw writeError(path, error);
  });
  if (there && !there.isSymbolicLink())
    throw writeError(path, new Error("something that is no symbolic link is there"));
  await moveIntoPlace(path, (temporary) => symlink(target, temporary));
}
