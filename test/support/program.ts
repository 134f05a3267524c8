import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { RunEvent } from "../../lib/model/events.ts";
import type { RunReport } from "../../lib/run/run-report.ts";

const REPOSITORY = resolve(import.meta.dirname, "../..");

/** The executable under test: what testers get, not the sources. */
export const EXECUTABLE = join(REPOSITORY, "dist/nomos-run");

/** A scenario of the repository. */
export function scenario(name: string): string {
  return join(REPOSITORY, "scenarios", `${name}.scenario.ts`);
}

/** A folder of this test's own, deleted after it. */
export function scratch(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nomos-run-test-")));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A started program. */
export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly finished: Promise<Finished>;
}

export interface StartOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  /** A process group of its own. */
  readonly ownGroup?: boolean;
  /** The program and its first arguments; the executable when left away. */
  readonly program?: readonly [command: string, ...args: string[]];
}

/** Starts the executable or another program, killed after the test if it still runs. */
export function start(t: TestContext, args: readonly string[], options: StartOptions): Started {
  const [command, ...first] = options.program ?? [EXECUTABLE];
  const child = spawn(command, [...first, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "/", TMPDIR: tmpdir(), ...options.env },
    detached: options.ownGroup ?? false,
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
  const finished = new Promise<Finished>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => done({ code, signal, stdout, stderr }));
  });
  if (child.pid === undefined) throw new Error(`${command} did not start; scripts/build builds the executable`);
  return { child, pid: child.pid, finished };
}

/** Runs the executable or another program to its end. */
export function nomosRun(t: TestContext, args: readonly string[], options: StartOptions): Promise<Finished> {
  return start(t, args, options).finished;
}

/** The newest run folder below `cwd`. */
export function latestRun(cwd: string): string {
  return realpathSync(join(cwd, ".nomos-run/latest"));
}

export function readReport(folder: string): RunReport {
  return JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as RunReport;
}

/** The events recorded so far; a last line that is still being written is left out. */
export function readEvents(folder: string): RunEvent[] {
  const text = readFileSync(join(folder, "events.ndjson"), "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RunEvent);
}

/** Waits until the run below `cwd` has recorded an event that `wanted` accepts. */
export async function awaitEvent(
  cwd: string,
  what: string,
  wanted: (event: RunEvent) => boolean,
  timeoutMs = 60_000,
): Promise<RunEvent> {
  return await waitFor({
    clock: systemClock,
    what,
    timeoutMs,
    intervalMs: 20,
    look: () => {
      if (!existsSync(join(cwd, ".nomos-run/latest/events.ndjson"))) return { done: false, seen: "no run folder" };
      const events = readEvents(latestRun(cwd));
      const event = events.find(wanted);
      return event ? { done: true, value: event } : { done: false, seen: events.at(-1)?.type ?? "no event" };
    },
  });
}
