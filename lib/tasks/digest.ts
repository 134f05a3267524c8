import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, errorText, systemCode } from "../core/errors.ts";

/** Whether something may be run by its owner; of a file's permissions only this is content. */
const OWNER_RUNS = 0o100;

/**
 * `sha256:<hex>` of a file, or of a folder with all that is in it: names, bytes, whether they may be run, and where links
 * point. Null when there is nothing. A link at the path itself is followed.
 */
export async function contentDigest(
  path: string,
  signal: AbortSignal,
  leftOut: ReadonlySet<string> = new Set(),
): Promise<string | null> {
  const there = await stat(path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
    throw error;
  });
  if (there === null) return null;
  const hash = createHash("sha256");
  await add(hash, path, "", there, leftOut, signal);
  return `sha256:${hash.digest("hex")}`;
}

/** Folders within inputs that are made of the rest: they would change by the task's own work. */
const DERIVED: ReadonlySet<string> = new Set([".git", "node_modules", "target"]);

/**
 * As {@link contentDigest}, of something that must be there; without folders in it that are called `.git`, `target` or
 * `node_modules`.
 * @throws CodedError NR-TASK-INPUT
 */
export async function inputDigest(path: string, signal: AbortSignal): Promise<string> {
  const digest = await contentDigest(path, signal, DERIVED).catch((error: unknown) => {
    if (signal.aborted || systemCode(error) === undefined) throw error;
    throw new CodedError("NR-TASK-INPUT", `${path} can't be read: ${errorText(error)}`, { cause: error });
  });
  if (digest !== null) return digest;
  throw new CodedError("NR-TASK-INPUT", `there is no ${path}`, { hint: "Check the path; it is an input of the task." });
}

type Entry = Awaited<ReturnType<typeof lstat>>;

async function add(
  hash: ReturnType<typeof createHash>,
  path: string,
  name: string,
  entry: Entry,
  leftOut: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (entry.isDirectory()) {
    hash.update(`folder\0${name}\0`);
    for (const inner of (await readdir(path)).sort()) {
      const below = join(path, inner);
      if (!leftOut.has(inner)) await add(hash, below, `${name}/${inner}`, await lstat(below), leftOut, signal);
    }
    return;
  }
  if (entry.isSymbolicLink()) {
    hash.update(`link\0${name}\0${await readlink(path)}\0`);
    return;
  }
  const runs = (Number(entry.mode) & OWNER_RUNS) > 0;
  hash.update(`file\0${name}\0${runs ? "x" : "-"}\0${entry.size}\0`);
  if (!entry.isFile()) return;
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
}
