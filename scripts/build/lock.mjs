import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A build takes seconds; who waits longer than this waits for something that hangs. */
const PATIENCE_MS = 300_000;

/**
 * Runs `work` while nobody else does under the same lock. A lock whose owner has died is taken over. Two that take it
 * over in the same instant both work, which costs time and nothing else: results are moved into place whole.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, work) {
  const deadline = performance.now() + PATIENCE_MS;
  while (!take(path)) {
    if (performance.now() > deadline) throw new Error(`another build holds ${path}; delete it if there is none`);
    await sleep(50);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path) {
  try {
    writeFileSync(path, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (!ownerLives(path)) rmSync(path, { force: true });
    return false;
  }
}

function ownerLives(path) {
  try {
    const owner = Number(readFileSync(path, "utf8"));
    // Nothing is in it yet when its owner has just made it.
    return owner === 0 || process.kill(owner, 0);
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ESRCH") return false;
    if (error.code === "EPERM") return true;
    throw error;
  }
}
