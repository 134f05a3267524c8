import { lstatSync, mkdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { systemCode } from "../core/errors.ts";

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * Makes a folder, unless it is there, and says whether nobody but this user and root can put anything into it or put
 * another in its place: it and every folder above it belong to one of the two, and others can't write to it, or, above it,
 * can't replace what isn't theirs. Code that was written there can be run.
 */
export function isPrivateFolder(path: string): boolean {
  try {
    makeFolder(path);
    // A link of the last part would be of somebody who can write beside it.
    if (!lstatSync(path).isDirectory()) return false;
    const real = realpathSync(path);
    // A link on the way is as good as the folder that it is in.
    return isClosed(lstatSync(real)) && [...foldersAbove(path), ...foldersAbove(real)].every(isKept);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

/** Node's own way to make the folders above never comes to an end below /proc. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) === "EEXIST") return;
    if (systemCode(error) !== "ENOENT" || path === dirname(path)) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

function isClosed(folder: Stats): boolean {
  return isTrusted(folder.uid) && (folder.mode & WRITABLE_BY_OTHERS) === 0;
}

/** Whether what is in this folder stays what it is: others can't write to it, or only to what is theirs. */
function isKept(path: string): boolean {
  const folder = statSync(path);
  return isClosed(folder) || (isTrusted(folder.uid) && (folder.mode & STICKY) !== 0);
}

function isTrusted(owner: number): boolean {
  return owner === 0 || owner === process.getuid?.();
}

function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...foldersAbove(parent)];
}
