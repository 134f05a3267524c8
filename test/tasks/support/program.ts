import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { waitFor } from "../../../lib/core/wait.ts";
import { systemClock } from "../../../lib/host/system-clock.ts";
import { EXECUTABLE } from "../../support/program.ts";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the executable; it is killed with the test. */
export function startProgram(
  t: TestContext,
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>> },
): Program {
  const child = spawn(EXECUTABLE, args, {
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? "", HOME: options.cwd, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => done({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

export function runProgram(...args: Parameters<typeof startProgram>): Promise<Ended> {
  return startProgram(...args).ended;
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
