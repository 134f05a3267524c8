import { lstat, readdir, readlink, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CodedError, systemCode } from "../core/errors.ts";
import { linkAtomically } from "../host/atomic-files.ts";
import { writeError } from "../host/disk-errors.ts";
import { makeFolder } from "../host/make-folder.ts";
import { contentDigest } from "./digest.ts";
import { markLives, ownMark } from "./lock.ts";
import { besideOutput, type Making, writeRecord } from "./record.ts";

/**
 * Outputs are made beside their places and moved there at the end. A file takes its place by one rename. A folder can't
 * replace a folder that way, so its place is a symbolic link to a hidden folder beside it, and the link is replaced.
 */
export interface Staging {
  /** Where to make each output, by name. */
  readonly out: Readonly<Record<string, string>>;
  /** Removes what is not moved to its place. */
  remove(): Promise<void>;
}

const PART = "part";

/** Makes room for new outputs; what dead processes left of theirs is removed. @throws CodedError NR-HOST-WRITE, NR-HOST-DISK-FULL */
export async function stage(
  outputs: Readonly<Record<string, string>>,
): Promise<Staging & { readonly scratch: string }> {
  const paths = Object.entries(outputs);
  const parts = new Map<string, string>();
  const remove = async () => {
    for (const part of parts.values()) await rm(part, { recursive: true, force: true });
  };
  try {
    for (const [name, path] of paths) {
      await makeFolder(dirname(path));
      await sweep(path);
      const part = besideOutput(path, `${ownMark()}.${PART}`);
      parts.set(name, part);
      await makeFolder(join(part, "out"));
      await makeFolder(join(part, "scratch"));
    }
  } catch (error) {
    await remove();
    throw writeError(paths[0]?.[1] ?? "", error, "task");
  }
  const out = paths.map(([name, path]) => [name, join(parts.get(name) as string, "out", basename(path))] as const);
  return { out: Object.fromEntries(out), scratch: join([...parts.values()][0] as string, "scratch"), remove };
}

/**
 * Moves staged outputs to their places. At any moment each output is the old or the new one, and the record knows both.
 * @throws CodedError NR-TASK-OUTPUT when one was not made
 */
export async function commit(options: {
  readonly task: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly staging: Staging;
  readonly record: string;
  readonly inputs: string;
  readonly before: readonly Making[];
  readonly signal: AbortSignal;
}): Promise<void> {
  const { task, outputs, staging, record, inputs, before, signal } = options;
  const digests: Record<string, string> = {};
  for (const name of Object.keys(outputs)) {
    const made = staging.out[name] as string;
    const digest = await contentDigest(made, signal);
    if (digest === null) {
      throw new CodedError("NR-TASK-OUTPUT", `task ${task} ended without making its output ${name}`, {
        hint: `It belongs at the path that it is given as out.${name}.`,
      });
    }
    digests[name] = digest;
  }
  const making: Making = { inputs, outputs: digests };
  // From here on no signal counts: half of the outputs would be of no use to anyone.
  await writeRecord(record, task, [making, ...before]);
  for (const [name, path] of Object.entries(outputs)) await place(staging.out[name] as string, path);
  await writeRecord(record, task, [making]);
  for (const path of Object.values(outputs)) await sweep(path);
}

/** Whether something is at a path that a task's output can't replace: a folder in its own right. */
export async function isFolderInItsOwnRight(path: string): Promise<boolean> {
  return (await entryAt(path))?.isDirectory() ?? false;
}

async function place(made: string, path: string): Promise<void> {
  const entry = await lstat(made);
  try {
    if (!entry.isDirectory()) return await rename(made, path);
    const version = await freeVersion(path);
    await rename(made, version);
    await linkAtomically(basename(version), path);
  } catch (error) {
    throw error instanceof CodedError ? error : writeError(path, error, "task");
  }
}

/** A hidden name for a folder beside its place that this process has not used yet. */
async function freeVersion(path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const version = besideOutput(path, `${ownMark()}-${n}`);
    if ((await entryAt(version)) === null) return version;
  }
}

/** Removes hidden folders of an output that nothing uses: those that it doesn't point to, of processes that have ended. */
async function sweep(path: string): Promise<void> {
  const current = (await entryAt(path))?.isSymbolicLink() ? await readlink(path) : null;
  const prefix = `.${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const mark = /^(\d+-\d+)(?:-\d+|\.part)$/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : "")?.[1];
    if (mark === undefined || name === current) continue;
    const isOwnVersion = mark === ownMark() && !name.endsWith(PART);
    if (isOwnVersion || !markLives(mark)) await rm(join(dirname(path), name), { recursive: true, force: true });
  }
}

async function entryAt(path: string) {
  return await lstat(path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  });
}
