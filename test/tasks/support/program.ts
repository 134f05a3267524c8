import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { waitFor } from "../../../lib/core/wait.ts";
import { systemClock } from "../../../lib/host/system-clock.ts";
import { type Finished, type Started, type StartOptions, start } from "../../support/program.ts";

/** Starts the executable, with the working folder for its home. */
export function startProgram(t: TestContext, args: readonly string[], options: StartOptions): Started {
  return start(t, args, { ...options, env: { HOME: options.cwd, ...options.env } });
}

export function runProgram(...args: Parameters<typeof startProgram>): Promise<Finished> {
  return startProgram(...args).finished;
}

/** What is in a folder, hidden things too. */
export function contents(...path: readonly string[]): string[] {
  return readdirSync(join(...path)).toSorted();
}

export async function until(what: string, condition: () => boolean): Promise<void> {
  await waitFor({
    clock: systemClock,
    what,
    timeoutMs: 15_000,
    intervalMs: 10,
    look: () => (condition() ? { done: true, value: null } : { done: false, seen: "not yet" }),
  });
}
