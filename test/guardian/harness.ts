import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { randomStream } from "../../lib/core/random.ts";
import { waitFor } from "../../lib/core/wait.ts";
import { processesOf } from "../../lib/host/processes.ts";
import { systemClock } from "../../lib/host/system-clock.ts";

/** A folder with the fixture in it, bundled once. */
export interface Lab {
  readonly folder: string;
  readonly fixture: string;
  /** Every runner that was started in it. */
  readonly runners: Runner[];
  /** Kills the runners that a failed test left, and deletes the folder. */
  dispose(): void;
}

export function openLab(): Lab {
  const folder = mkdtempSync(join(tmpdir(), "nomos-run-guardian-"));
  const fixture = join(folder, "fixture.mjs");
  buildSync({
    entryPoints: [fileURLToPath(new URL("fixture.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    outfile: fixture,
    logLevel: "error",
  });
  const runners: Runner[] = [];
  const dispose = () => {
    for (const runner of runners) runner.process.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, fixture, runners, dispose };
}

/** A runner that was started, and where it keeps its things. */
export interface Runner {
  readonly runId: string;
  readonly folder: string;
  readonly process: ChildProcess;
  /** Everything it printed. */
  printed(): string;
}

let started = 0;

export function startRunner(lab: Lab, mode = "churn", options: { detached?: boolean } = {}): Runner {
  const runId = `test-${process.pid}-${started++}`;
  const folder = join(lab.folder, runId);
  mkdirSync(folder);
  const child = spawn(process.execPath, [lab.fixture, "run", runId, folder, mode], {
    stdio: ["ignore", "pipe", "inherit"],
    ...options,
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const runner = { runId, folder, process: child, printed: () => text };
  lab.runners.push(runner);
  return runner;
}

export async function printed(runner: Runner, text: string): Promise<void> {
  await waitFor({
    clock: systemClock,
    what: `${runner.runId} to print ${text}`,
    timeoutMs: 20_000,
    intervalMs: 5,
    look: () =>
      runner.printed().includes(text) ? { done: true, value: undefined } : { done: false, seen: runner.printed() },
  });
}

export async function ended(runner: Runner): Promise<void> {
  if (runner.process.exitCode === null && runner.process.signalCode === null) await once(runner.process, "exit");
}

/** Waits until two looks in a row find nothing of the run: neither a process nor its file outside the run folder. */
export async function nothingLeft(runner: Runner, timeoutMs = 5_000): Promise<void> {
  let empty = 0;
  await waitFor({
    clock: systemClock,
    what: `run ${runner.runId} to leave nothing`,
    timeoutMs,
    // A look reads the environment of every process of the machine.
    intervalMs: 100,
    look: () => {
      const left = processesOf(runner.runId).map(({ pid, command }) => `${pid} ${command}`);
      if (existsSync(`${runner.folder}-outside`)) left.push(`${runner.folder}-outside`);
      empty = left.length === 0 ? empty + 1 : 0;
      return empty >= 2 ? { done: true, value: undefined } : { done: false, seen: left.join("; ") };
    },
  });
}

export function guardianLog(runner: Runner): string {
  return readFileSync(join(runner.folder, "guardian.log"), "utf8");
}

/**
 * Kills `count` runners at random moments, boot included, and waits each time until nothing is left.
 * @returns how many had booted when they were killed, and the slowest clean-up in ms
 */
export async function killSeries(options: { count: number; parallel: number; seed: string }) {
  const lab = openLab();
  let booted = 0;
  let slowestMs = 0;
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < options.count; i = next++) {
      const random = randomStream(options.seed, "kill", i);
      const runner = startRunner(lab);
      // Half of the moments lie in the boot of the runner and of its guardian, the rest while nodes come and go.
      if (random.float() < 0.5) {
        await systemClock.sleep(random.float() * 250);
      } else {
        await printed(runner, "booted");
        await systemClock.sleep(random.float() * 50);
      }
      runner.process.kill("SIGKILL");
      const killed = systemClock.now();
      if (runner.printed().includes("booted")) booted++;
      await nothingLeft(runner);
      slowestMs = Math.max(slowestMs, systemClock.now() - killed);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.parallel }, worker));
    for (const runner of lab.runners) await nothingLeft(runner);
    return { booted, slowestMs };
  } finally {
    lab.dispose();
  }
}
