import type { Clock } from "../core/clock.ts";
import { CodedError, errorText } from "../core/errors.ts";
import type { Guardian } from "../host/guardian-client.ts";
import { permissionError } from "../host/permission.ts";
import { redactor } from "../host/redaction.ts";
import { StreamDigest } from "../host/stream-digest.ts";
import type { Deployer, SimulatedTime } from "../model/deployer.ts";
import type { RunEvent } from "../model/events.ts";
import type { InventorySummary } from "../model/inventory.ts";
import type { NodeKind } from "../model/node-kind.ts";
import type { Plan } from "../model/plan.ts";
import type { Registry } from "../model/registry.ts";
import type { Spawner } from "../model/spawner.ts";
import { type Verdict, worstVerdict } from "../model/verdict.ts";
import type { Forecast } from "../model/workload.ts";
import { type Conducted, type Conductor, conduct } from "./conduct.ts";
import { stageDeadlines } from "./deadlines.ts";
import { InventoryBook } from "./inventory.ts";
import { OutsideWatch } from "./outside-watch.ts";
import type { CustomPieces } from "./pieces.ts";
import { type LineWriter, Recorder } from "./recorder.ts";
import { startRunClock } from "./run-clock.ts";
import type { ReportedError, RunReport } from "./run-report.ts";
import { StageRunner } from "./stage-runner.ts";
import { TeardownStack } from "./teardown.ts";

/** When the nodes stay up after the run. */
export type Keep = "never" | "on-failure" | "always" | "on-success";

export interface RunOptions {
  readonly runId: string;
  readonly plan: Plan;
  readonly planDigest: string;
  readonly forecast: Forecast;
  /** What the plan's author should know; recorded as warnings. */
  readonly warnings: readonly string[];
  readonly customs: CustomPieces;
  readonly registry: Registry;
  readonly nodeKind: NodeKind;
  readonly deployer: Deployer;
  /** Stamped into the executable. */
  readonly build: string;
  readonly folder: {
    /** Absolute. */
    readonly path: string;
    writeJson(name: string, value: unknown): Promise<void>;
    readonly events: LineWriter;
  };
  readonly clock: Clock;
  /** Wall time in ms since 1970. */
  wallNow(): number;
  startGuardian(): Promise<Guardian>;
  /** Consumers of the event stream. */
  readonly listeners: readonly ((event: RunEvent) => void)[];
  /** Aborts on the first Ctrl-C or SIGTERM, with NR-CORE-INTERRUPTED; with any other reason the run ends in that error. */
  readonly interrupt: AbortSignal;
  readonly keep: Keep;
  /** Keys that the user supplied: they are kept out of everything that is written. */
  readonly secrets?: readonly Uint8Array[];
  /** Runs the tasks that the plan needs; absent when it needs none. `events` is null in a simulation. */
  readonly setup?: (events: Recorder | null, signal: AbortSignal) => Promise<void>;
  /** zx's `$` for the user's own pieces; its commands end with the signal. */
  readonly shell: Conductor["shell"];
  /** Signs transfers in a thread of its own; not used in a simulation. */
  readonly signAhead?: NonNullable<Conductor["signAhead"]>;
  /** What is done between preflight and teardown; by default all of a run, from reserve to judge. */
  readonly act?: (run: Conductor) => Promise<Conducted>;
}

/**
 * Runs a plan from the guardian's start to the last trace's removal, and writes `run.json`. Never rejects: whatever goes
 * wrong is a verdict.
 */
export function executeRun(options: RunOptions): Promise<RunReport> {
  const time = options.deployer.simulate?.();
  if (time) return executeSimulated(options, time);
  return executeIn(options, { startGuardian: options.deployer.attaches ? null : options.startGuardian });
}

/** Runs a plan in virtual time: without a process, a guardian or any time of day. */
async function executeSimulated(options: RunOptions, time: SimulatedTime): Promise<RunReport> {
  // A thread has a time of its own: what it signs comes when it comes.
  const { setup, signAhead: _, ...inTime } = options;
  const outside = new AbortController();
  const watch = new OutsideWatch((error) => outside.abort(error));
  const { path, events, writeJson } = options.folder;
  const writer = watch.writer(events);
  watch.start();
  try {
    return await time.drive(
      executeIn(
        {
          ...inTime,
          clock: time,
          wallNow: () => time.now(),
          customs: watch.pieces(options.customs),
          listeners: options.listeners.map((listener) => watch.listener(listener)),
          folder: {
            path,
            writeJson: (name, value) => time.outside(() => writeJson(name, value)),
            events: { append: (line) => writer.append(line), close: () => time.outside(() => writer.close()) },
          },
          interrupt: AbortSignal.any([options.interrupt, outside.signal]),
          keep: "never",
          // What was there already is not the same each time, and the record of a simulation is.
          ...(setup && { setup: (_, signal) => time.outside(() => setup(null, signal)) }),
        },
        { startGuardian: null },
      ),
    );
  } finally {
    watch.stop();
  }
}

async function executeIn(
  options: RunOptions,
  world: { startGuardian: RunOptions["startGuardian"] | null },
): Promise<RunReport> {
  const { plan } = options;
  const clock = startRunClock(options.clock);
  const wallAtStart = options.wallNow();
  const redact = redactor(options.secrets ?? []);
  const recorder = new Recorder({
    clock,
    writer: options.folder.events,
    digest: new StreamDigest(),
    redact,
    listeners: options.listeners,
  });
  const stages = new StageRunner(clock, recorder);
  const teardown = new TeardownStack(clock);
  const inventory = new InventoryBook(recorder);
  const broken = new AbortController();
  const lost = new AbortController();
  const signal = AbortSignal.any([options.interrupt, recorder.failed, broken.signal, lost.signal]);
  const errors: ReportedError[] = [];
  const report = (thrown: unknown) => {
    const error = describe(thrown, stages.current);
    errors.push(error);
    recorder.emit("error", error);
  };

  recorder.emit("run.started", {
    runId: options.runId,
    wallTime: options.deployer.simulate ? null : new Date(wallAtStart).toISOString(),
    plan: options.planDigest,
    seed: plan.seed,
    build: options.build,
  });
  for (const text of options.warnings) recorder.emit("warning", { text });

  let end: Conducted;
  let guardian: Guardian | undefined;
  try {
    guardian = await stages.run(
      "preflight",
      { deadlineMs: stageDeadlines(plan, options.forecast).preflight, signal },
      async () => {
        await options.nodeKind.service?.check?.();
        const started = await world.startGuardian?.();
        if (!started) return undefined;
        teardown.push("the guardian", async () => {
          if (!broken.signal.aborted) await started.stop();
        });
        void started.died.then((error) => broken.abort(error));
        return started;
      },
    );
    await runSetupStage(options, { stages, teardown, recorder, signal });
    end = await (options.act ?? conduct)({
      ...options,
      folder: options.folder.path,
      writeJson: (name, value) => options.folder.writeJson(name, value),
      spawner: guardian ?? NO_PROCESSES,
      clock,
      wallAtStart,
      recorder,
      stages,
      teardown,
      inventory,
      signal,
      lost: (error) => lost.abort(error),
    });
  } catch (thrown) {
    if (options.interrupt.aborted && isInterruption(options.interrupt.reason)) {
      end = { verdict: "interrupted", why: errorText(options.interrupt.reason), expectations: [] };
    } else {
      const cause = signal.aborted ? signal.reason : thrown;
      report(cause);
      end = { verdict: "error", why: errorText(cause), expectations: [] };
    }
  }

  const kept =
    guardian !== undefined && !broken.signal.aborted && !lost.signal.aborted && keeps(options.keep, end.verdict);
  if (kept) {
    await teardown.abandon();
    await guardian?.keep();
  }
  await tearDown({ stages, teardown, inventory, plan, forecast: options.forecast, report });
  const audit = await inventory.audit();
  if (!kept) for (const leftover of leftovers(audit)) report(leftover);

  const verdict: Verdict = worstVerdict([end.verdict, ...errors.map(() => "error" as const)]);
  const why = verdict === end.verdict ? end.why : errors.map(({ message }) => message).join("; ");
  recorder.emit("run.verdict", { verdict, why });
  const sealed = await recorder.seal();
  const document: RunReport = {
    v: 1,
    runId: options.runId,
    name: plan.name,
    verdict,
    why,
    startedAt: new Date(wallAtStart).toISOString(),
    endedAt: new Date(options.wallNow()).toISOString(),
    seed: plan.seed,
    deployer: plan.deployer,
    nodeKind: plan.nodeKind,
    profile: plan.profile,
    planDigest: options.planDigest,
    build: options.build,
    forecast: options.forecast,
    expectations: end.expectations,
    stages: stages.timings,
    inventory: audit,
    kept,
    errors,
    events: sealed,
  };
  return await writeReport(options, redact(document));
}

/** Runs tasks before anything of the network is made. */
async function runSetupStage(
  { plan, forecast, setup }: RunOptions,
  run: { stages: StageRunner; teardown: TeardownStack; recorder: Recorder; signal: AbortSignal },
): Promise<void> {
  if (!setup) return;
  const { stages, teardown, recorder, signal } = run;
  await stages.run("tasks", { deadlineMs: stageDeadlines(plan, forecast).tasks, signal }, async (inner) => {
    const work = setup(recorder, inner);
    // An interrupted stage is not waited for, and its commands are to be gone before the guardian is.
    teardown.push("the tasks", async () => void (await Promise.allSettled([work])));
    await work;
  });
}

/** A simulated run has nodes of this process only, and one that attaches has none of its own. */
const NO_PROCESSES: Spawner = {
  spawn: async ({ name }) => {
    throw new CodedError("NR-CORE-INTERNAL", `a run without a guardian was to start a process for ${name}`);
  },
  signal: async () => false,
  atEnd: async () => undefined,
};

function isInterruption(reason: unknown): boolean {
  return reason instanceof CodedError && reason.code === "NR-CORE-INTERRUPTED";
}

async function tearDown(options: {
  stages: StageRunner;
  teardown: TeardownStack;
  inventory: InventoryBook;
  plan: Plan;
  forecast: Forecast;
  report: (thrown: unknown) => void;
}): Promise<void> {
  const { stages, teardown, report } = options;
  const deadlineMs = stageDeadlines(options.plan, options.forecast)["tear down"];
  try {
    // A signal of its own: what stopped the run must not stop its removal.
    await stages.run("tear down", { deadlineMs, signal: new AbortController().signal }, async () => {
      for (const { error } of await teardown.run(deadlineMs / 2)) report(error);
    });
  } catch (thrown) {
    report(thrown);
  }
}

/** Somebody who interrupts a run wants it gone, unless the network was to stay whatever happens. */
function keeps(keep: Keep, verdict: Verdict): boolean {
  if (keep === "on-success") return verdict === "passed";
  return keep === "always" || (keep === "on-failure" && verdict !== "passed" && verdict !== "interrupted");
}

function leftovers(audit: InventorySummary): CodedError[] {
  return audit.items
    .filter(({ removed }) => !removed)
    .map(
      ({ kind, id, name }) =>
        new CodedError("NR-RUN-LEFTOVER", `${kind} ${id} (${name}) is still there after the teardown`, {
          hint: "Remove it with: nomos-run clean",
        }),
    );
}

function describe(thrown: unknown, stage: string): ReportedError {
  const error = thrown instanceof CodedError ? thrown : permissionError(thrown);
  if (error) return { code: error.code, message: error.message, hint: error.hint ?? null, stage };
  return { code: "NR-CORE-INTERNAL", message: errorText(thrown), hint: null, stage };
}

/** A report that can't be written is an error of the run; the caller still gets it. */
async function writeReport(options: RunOptions, document: RunReport): Promise<RunReport> {
  try {
    await options.folder.writeJson("run.json", document);
    return document;
  } catch (thrown) {
    const error = describe(thrown, "tear down");
    return {
      ...document,
      verdict: worstVerdict([document.verdict, "error"]),
      why: error.message,
      errors: [...document.errors, error],
    };
  }
}
