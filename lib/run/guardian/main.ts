import { rmSync } from "node:fs";
import { finished, type Readable, type Writable } from "node:stream";
import { parseArgs } from "node:util";
import { CodedError, errorText, systemCode } from "../../core/errors.ts";
import {
  type GuardianMessage,
  type GuardianReport,
  type GuardianRequest,
  lineSplitter,
  type NamedProcess,
} from "../../host/guardian-protocol.ts";
import type { MarkedProcess } from "../../host/process-table.ts";
import { identify, sweepProcesses } from "../../host/processes.ts";
import { readMarks } from "../../host/run-marks.ts";
import { systemClock, wallNow } from "../../host/system-clock.ts";
import { runAtEnd } from "./at-end.ts";
import { type Children, openChildren } from "./children.ts";
import { type GuardianLog, openGuardianLog } from "./log.ts";

/** Time from SIGTERM to SIGKILL for nodes that end in order; the chain's own stop deadline. */
const GRACE_MS = 5_000;

/** How long the guardian waits to be told of the ends of processes that no look finds any more. */
const REAP_MS = 1_000;

/** Any length of time will do. */
const STAY_MS = 3_600_000;

/** What the guardian needs of its process. */
export interface GuardianProcess {
  /** `--log FILE`. */
  readonly args: readonly string[];
  /** Its own environment, which holds the marks of the run. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The pipe that the runner holds; its end means that the runner is gone. */
  readonly input: Readable;
  readonly output: Writable;
  /** Aborts when the guardian itself is told to end (SIGTERM). */
  readonly terminate: AbortSignal;
}

type AtEnd = Extract<GuardianRequest, { type: "at-end" }>;

type End = "runner gone" | "told to stop" | "terminated";

/**
 * The guardian of one run: starts and signals its nodes, and removes all of the run when the runner is gone, says so,
 * or when it is terminated. Resolves when nothing of the run is left, or what is left was named in the log.
 */
export async function runGuardian(self: GuardianProcess): Promise<void> {
  const { values } = parseArgs({ args: [...self.args], options: { log: { type: "string" } } });
  const marks = readMarks(Object.entries(self.env).map(([name, value]) => `${name}=${value}`));
  if (!marks || !values.log) throw new CodedError("NR-CORE-INTERNAL", "the guardian is started by a run, not by hand");
  const { runId, runner } = marks;
  const log = openGuardianLog(values.log, wallNow);
  const say = (message: GuardianMessage) => {
    if (self.output.writable) self.output.write(`${JSON.stringify(message)}\n`);
  };
  // The runner can die between two of our lines; the end of the pipe that it holds says so.
  self.output.on("error", () => undefined);

  const children = openChildren({
    runId,
    runner,
    onExit(child, code, signal) {
      log(`${child.name} (pid ${child.pid}) ended: ${signal ?? `code ${code}`}`);
      say({ type: "exited", pid: child.pid, code, signal, wallMs: wallNow() });
    },
  });
  const removals = new Set<string>();
  const atEnd: AtEnd[] = [];
  let kept = false;
  let ending = false;
  let stopRequest: number | undefined;
  const over = new AbortController();

  const end = await new Promise<End>((resolve) => {
    const handle = async (request: GuardianRequest): Promise<void> => {
      const { id } = request;
      if (ending) return say({ type: "refused", id, errno: "ECANCELED", message: "the run is being removed" });
      switch (request.type) {
        case "spawn":
          try {
            const identity = await children.spawn(request);
            log(`${request.name} started (pid ${identity.pid})`);
            return say({ type: "spawned", id, ...identity });
          } catch (error) {
            return say({ type: "refused", id, errno: systemCode(error) ?? "", message: errorText(error) });
          }
        case "signal":
          return say({ type: "done", id, delivered: children.signal(request.pid, request.signal) });
        case "remove-at-end":
          removals.add(request.path);
          return say({ type: "done", id });
        case "at-end":
          atEnd.push(request);
          return say({ type: "done", id });
        case "keep":
          kept = true;
          return say({ type: "done", id });
        case "stop":
          stopRequest = id;
          return resolve("told to stop");
      }
    };
    const split = lineSplitter((line) => void handle(JSON.parse(line) as GuardianRequest));
    const runnerGone = () => {
      if (!kept) return resolve("runner gone");
      log("the runner has ended and the run is kept: holding its nodes until SIGTERM");
      void stayAlive(over.signal);
    };
    self.input.setEncoding("utf8").on("data", split);
    // Not by "close", which a pipe that has ended doesn't tell under every runtime.
    finished(self.input, (error) => {
      if (ending) return;
      if (error) log(errorText(error));
      runnerGone();
    });
    if (self.terminate.aborted) resolve("terminated");
    self.terminate.addEventListener("abort", () => resolve("terminated"), { once: true });
    const own = identify(process.pid);
    say({ type: "ready", pid: process.pid, startTicks: own?.startTicks ?? 0 });
  });

  ending = true;
  over.abort();
  log(`${end}: removing ${children.living().length} nodes of run ${runId}`);
  const report = await removeRun(runId, children, end === "terminated" ? GRACE_MS : 0, log);
  for (const path of removals) removePath(path, log);
  // A runner that says so itself has removed what is no process.
  if (end !== "told to stop") await Promise.all(atEnd.map((command) => runAtEnd(command, log)));
  if (stopRequest !== undefined) say({ type: "done", id: stopRequest, report });
  const outcome = report.left.length === 0 ? "nothing is left" : `${report.left.length} processes are left`;
  log(`run ${runId} removed: ${outcome}`);
  self.input.destroy();
}

/** A process whose pipe has ended and that has no children, as its nodes are containers or have died, would end by itself. */
async function stayAlive(over: AbortSignal): Promise<void> {
  while (!over.aborted) await systemClock.sleep(STAY_MS, over).catch(() => undefined); // It is over.
}

/** Removes the nodes by the guardian's own book, and whatever else carries the run's mark by looks at the world. */
async function removeRun(
  runId: string,
  children: Children,
  graceMs: number,
  log: GuardianLog,
): Promise<GuardianReport> {
  const nodes = children.living().map(({ pid, name }) => ({ pid, name }));
  if (graceMs === 0) children.signalGroups("SIGKILL");
  const sweep = await sweepProcesses({ runId, clock: systemClock, graceMs });
  for (const { pid, node, command } of sweep.left) log(`could not remove ${node ?? command}: kill -9 ${pid}`);
  const enough = new AbortController();
  await Promise.race([children.reaped(), systemClock.sleep(REAP_MS, enough.signal)]);
  enough.abort();

  const left = sweep.left.map(named);
  const removed = [...nodes, ...sweep.removed.map(named)].filter(({ pid }) => !left.some((other) => other.pid === pid));
  return { removed: [...new Map(removed.map((process) => [process.pid, process])).values()], left };
}

function named({ pid, node, command }: MarkedProcess): NamedProcess {
  return { pid, name: node ?? command };
}

function removePath(path: string, log: GuardianLog): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    log(`could not remove ${path}: ${errorText(error)}`);
  }
}
