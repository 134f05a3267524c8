import { readlink, rename, rm, symlink } from "node:fs/promises";
import { hostname } from "node:os";
import type { Clock } from "../core/clock.ts";
import { must, systemCode } from "../core/errors.ts";
import { waitFor } from "../core/wait.ts";
import { writeError } from "../host/disk-errors.ts";
import { identify, lookAt } from "../host/processes.ts";

const LOOK_MS = 200;

/** This process as locks and names of unfinished things have it: `pid-start`. */
export function ownMark(): string {
  const { pid, startTicks } = must(identify(process.pid), "this process");
  return `${pid}-${startTicks}`;
}

/** Whether the process of a mark lives on this machine. */
export function markLives(mark: string): boolean {
  const [pid = 0, startTicks = 0] = mark.split("-").map(Number);
  return lookAt({ pid, startTicks }) !== null;
}

/**
 * Runs `work` while no other process does under the same lock, waiting for the one that does. A lock is a symbolic link
 * whose target names its owner, so that it is made whole or not at all; one whose owner has died is taken over.
 * @param onWait is told who is waited for, once
 * @throws CodedError NR-TASK-BUSY when the other one doesn't end in time
 */
export async function withLock<T>(
  options: {
    path: string;
    clock: Clock;
    timeoutMs: number;
    signal: AbortSignal;
    onWait: (owner: string) => void;
  },
  work: () => Promise<T>,
): Promise<T> {
  const { path, clock, timeoutMs, signal, onWait } = options;
  const own = `${ownMark()}@${hostname()}`;
  let told = false;
  await waitFor({
    clock,
    what: `${path}, by which another process makes the same`,
    timeoutMs,
    intervalMs: LOOK_MS,
    signal,
    code: "NR-TASK-BUSY",
    facets: { hint: `If that process is not there any more, remove the lock: rm ${path}` },
    look: async () => {
      const owner = await take(path, own);
      if (owner === null) return { done: true, value: null };
      if (!told) onWait(owner);
      told = true;
      return { done: false, seen: `held by pid ${owner}` };
    },
  });
  try {
    return await work();
  } finally {
    if ((await ownerOf(path)) === own) await rm(path, { force: true });
  }
}

/** Takes the lock, or says who has it. */
async function take(path: string, own: string): Promise<string | null> {
  for (;;) {
    try {
      await symlink(own, path);
      return null;
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw writeError(path, error, "task");
    }
    const owner = await ownerOf(path);
    if (owner === null) continue;
    if (owner === own) return null;
    if (!owner.endsWith(`@${hostname()}`) || markLives(owner.split("@")[0] ?? "")) return owner.replace("@", " on ");
    await removeDead(path, owner, own);
  }
}

/** Moved away before it is removed, so that the lock of somebody who took it over in between is noticed and put back. */
async function removeDead(path: string, owner: string, own: string): Promise<void> {
  const aside = `${path}.${own}`;
  try {
    await rename(path, aside);
    const moved = await readlink(aside);
    if (moved !== owner) await symlink(moved, path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT" && systemCode(error) !== "EEXIST") throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function ownerOf(path: string): Promise<string | null> {
  try {
    return await readlink(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}
