import { createHash } from "node:crypto";
import { join } from "node:path";
import { CodedError, must } from "../core/errors.ts";
import { startGuardian } from "../host/guardian-client.ts";
import { openLineWriter } from "../host/line-writer.ts";
import { createRunFolder, newRunId } from "../host/run-folder.ts";
import { cleanRun } from "../host/runs.ts";
import { systemClock, wallNow } from "../host/system-clock.ts";
import type { Deployer } from "../model/deployer.ts";
import type { Registry } from "../model/registry.ts";
import { type Verdict, worstVerdict } from "../model/verdict.ts";
import { lockPlan } from "../plan/lock.ts";
import { problemText } from "../plan/problem.ts";
import type { ResolvedPlan } from "../plan/resolve.ts";
import { renderError } from "../report/error-text.ts";
import type { Reporter } from "../report/reporter.ts";
import { executeRun } from "../run/execute.ts";
import type { RunReport } from "../run/run-report.ts";
import { verdictExit } from "./exit-codes.ts";
import { type Interrupts, listenForInterrupts } from "./interrupts.ts";
import { notes } from "./notes.ts";
import { openReporting, type Reporting } from "./reporting.ts";
import type { RunSettings } from "./run-flags.ts";
import { BUILD } from "./version.ts";
import type { World } from "./world.ts";

/** A plan that is ready to run. */
export interface PreparedRun {
  readonly resolved: ResolvedPlan;
  readonly scenarioDigest: string | null;
  /** The file that it came from, as `loadPlan` takes it; absent where there was none. */
  readonly scenario?: string;
}

interface Parts {
  readonly registry: Registry;
  readonly deployers: ReadonlyMap<string, Deployer>;
}

/** How long a run has to write its report once a second signal has cut it short. */
const FORCED_MS = 3_000;

/** Runs plans one after the other, until one is interrupted. Resolves with the exit code of the worst verdict. */
export async function runAll(
  prepared: readonly PreparedRun[],
  settings: RunSettings,
  parts: Parts,
  world: World,
): Promise<number> {
  refuseKeeping(prepared, settings, parts);
  const reporting = openReporting(settings.reporters, world);
  const watched: { reporter: Reporter | null } = { reporter: null };
  const interrupts = listenForInterrupts(world, (signal) => {
    const text = `${signal}: taking everything down; a second one cuts that short`;
    if (watched.reporter && !reporting.isDocument) watched.reporter.note(text);
    else notes.warn(text);
  });
  const verdicts: Verdict[] = [];
  try {
    for (const run of prepared) {
      if (interrupts.first.aborted) {
        verdicts.push(interrupts.signal ? "interrupted" : "error");
        break;
      }
      const report = await runOne(run, settings, parts, interrupts, reporting, watched);
      verdicts.push(report.verdict);
    }
  } catch (thrown) {
    if (!interrupts.signal) throw thrown;
    world.errors.write(renderError(thrown, { debug: false }));
    verdicts.push("interrupted");
  } finally {
    interrupts.release();
  }
  reporting.close();
  if (prepared.length > 1 && !reporting.isDocument) world.output.write(`${overview(prepared, verdicts)}\n`);
  return verdictExit(worstVerdict(verdicts), interrupts.signal);
}

/** @throws CodedError NR-CLI-OPTION when simulated nodes are to outlive their run */
function refuseKeeping(prepared: readonly PreparedRun[], { keep }: RunSettings, { deployers }: Parts): void {
  if (keep === "never") return;
  const one = prepared.find(({ resolved }) => deployers.get(resolved.plan.deployer)?.simulate);
  if (!one) return;
  throw new CodedError("NR-CLI-OPTION", `the simulated nodes of ${one.resolved.plan.name} can't be kept`, {
    hint: "They end with the run, in whose process and time they live. Leave --keep away, or use --deployer local.",
  });
}

/** A line for each of several runs. */
function overview(prepared: readonly PreparedRun[], verdicts: readonly Verdict[]): string {
  return prepared
    .map(({ resolved }, i) => `${(verdicts[i] ?? "not run").padEnd(12)}  ${resolved.plan.name}`)
    .join("\n");
}

async function runOne(
  { resolved, scenarioDigest, scenario }: PreparedRun,
  settings: RunSettings,
  { registry, deployers }: Parts,
  interrupts: Interrupts,
  reporting: Reporting,
  watched: { reporter: Reporter | null },
): Promise<RunReport> {
  const { plan, digest, forecast, warnings, customs, sources } = resolved;
  const deployer = must(deployers.get(plan.deployer), `backend ${plan.deployer}`);
  const simulated = deployer.simulate ? simulatedRunId(digest, scenarioDigest) : null;
  const nextId = simulated === null ? () => newRunId(wallNow()) : counted(simulated);
  const folder = await createRunFolder({ root: settings.out, nextId });
  const { path } = folder;
  const runId = simulated ?? folder.runId;
  await folder.writeJson(
    "plan.lock.json",
    lockPlan(plan, { build: BUILD, scenarioDigest, ...(scenario !== undefined && { scenario }) }),
  );
  const events = await openLineWriter(join(path, "events.ndjson"));
  const siteOf = (expectation: string) => sources.at(`expectations.${expectation}`);
  const reporter = reporting.open({ runId, plan, folder: path, siteOf });
  watched.reporter = reporter;
  const work = executeRun({
    runId,
    plan,
    planDigest: digest,
    forecast,
    warnings: warnings.map(problemText),
    customs,
    registry,
    nodeKind: must(registry.nodeKinds.get(plan.nodeKind), `node kind ${plan.nodeKind}`),
    deployer,
    build: BUILD,
    folder: { path, events, writeJson: (name, value) => folder.writeJson(name, value) },
    clock: systemClock,
    wallNow,
    startGuardian: () => startGuardian({ runId, clock: systemClock, logFile: join(path, "guardian.log"), cwd: path }),
    listeners: [(event) => reporter.event(event)],
    interrupt: interrupts.first,
    keep: settings.keep,
  });
  try {
    const report = await Promise.race([work, forced(runId, interrupts.second)]);
    reporter.end(report);
    return report;
  } catch (thrown) {
    reporter.abandon();
    throw thrown;
  } finally {
    watched.reporter = null;
  }
}

/**
 * A simulated run is its plan's only one: seed, scenario and program say everything that happens in it. The id is in its
 * event stream, so it has no time of day.
 */
function simulatedRunId(planDigest: string, scenarioDigest: string | null): string {
  const digest = createHash("sha256")
    .update(`${planDigest} ${scenarioDigest ?? ""}`)
    .digest("hex");
  return `sim-${digest.slice(0, 12)}`;
}

/** The id itself, and when its folder is there already, `-2`, `-3` and so on: no run's evidence is overwritten. */
function counted(id: string): () => string {
  let count = 0;
  return () => (++count === 1 ? id : `${id}-${count}`);
}

/** After a second signal: kills what the run has on this machine, and gives the run a moment to write that down. */
async function forced(runId: string, second: AbortSignal): Promise<never> {
  await new Promise((resolve) => second.addEventListener("abort", resolve, { once: true }));
  await cleanRun({ runId, clock: systemClock, graceMs: 0 });
  await systemClock.sleep(FORCED_MS);
  throw new CodedError("NR-RUN-FORCED", `run ${runId} was cut short by a second signal before its report was written`);
}
