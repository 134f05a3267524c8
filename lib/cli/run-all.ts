import { CodedError, must } from "../core/errors.ts";
import { BUILD } from "../host/build-stamp.ts";
import { cleanRun } from "../host/runs.ts";
import { systemClock } from "../host/system-clock.ts";
import { VERDICTS_WORST_FIRST, type Verdict, worstVerdict } from "../model/verdict.ts";
import type { ResolvedPlan } from "../plan/resolve.ts";
import { renderError } from "../report/error-text.ts";
import type { Reporter } from "../report/reporter.ts";
import { tableText } from "../report/table.ts";
import type { RunReport } from "../run/run-report.ts";
import { type Parts, startRun } from "../run/start.ts";
import type { Batch } from "./batch.ts";
import { verdictExit } from "./exit-codes.ts";
import { type Interrupts, listenForInterrupts } from "./interrupts.ts";
import { notes } from "./notes.ts";
import { openReporting, type Reporting } from "./reporting.ts";
import type { RunSettings } from "./run-flags.ts";
import type { World } from "./world.ts";

/** A plan that is ready to run. */
export interface PreparedRun {
  readonly resolved: ResolvedPlan;
  readonly scenarioDigest: string | null;
  /** The file that it came from, as `loadPlan` takes it; absent where there was none. */
  readonly scenario?: string;
  /** Keys that the user supplied. */
  readonly secrets?: readonly Uint8Array[];
  /** Fields that a matrix replaced, for the summary. */
  readonly fields?: string;
  /** The same with another seed, for repeats. */
  withSeed?(seed: string): ResolvedPlan;
}

/** How often the plans of a call are run. */
type Rounds = Pick<Batch, "times" | "untilFailure">;
const ONCE: Rounds = { times: 1, untilFailure: false };

/** A run of a call, for its summary. */
interface Ended {
  readonly name: string;
  readonly fields: string;
  readonly verdict: Verdict;
  readonly seed: string;
  readonly runId: string;
}

/** How long a run has to write its report once a second signal has cut it short. */
const FORCED_MS = 3_000;

/**
 * Runs plans one after the other, round for round, until one is interrupted or, when asked to, does not pass. Resolves with
 * the exit code of the worst verdict.
 */
export async function runAll(
  prepared: readonly PreparedRun[],
  settings: RunSettings,
  parts: Parts,
  world: World,
  rounds: Rounds = ONCE,
): Promise<number> {
  checkSimulated(prepared, settings, parts);
  const reporting = openReporting(settings.reporters, world);
  const watched: { reporter: Reporter | null } = { reporter: null };
  const interrupts = listenForInterrupts(world, (signal) => {
    const text = `${signal}: taking everything down; a second one cuts that short`;
    if (watched.reporter && !reporting.isDocument) watched.reporter.note(text);
    else notes.warn(text);
  });
  const verdicts: Verdict[] = [];
  const ended: Ended[] = [];
  try {
    for (const run of inRounds(prepared, rounds)) {
      if (interrupts.first.aborted) {
        verdicts.push(interrupts.signal ? "interrupted" : "error");
        break;
      }
      const report = await runOne(run, settings, parts, interrupts, reporting, watched);
      verdicts.push(report.verdict);
      const { name, verdict, seed, runId } = report;
      ended.push({ name, fields: run.fields ?? "", verdict, seed, runId });
      if (rounds.untilFailure && verdict !== "passed") break;
    }
  } catch (thrown) {
    if (!interrupts.signal) throw thrown;
    world.errors.write(renderError(thrown, { debug: false }));
    verdicts.push("interrupted");
  } finally {
    interrupts.release();
  }
  reporting.close();
  const planned = prepared.length * rounds.times;
  if (planned > 1 && !reporting.isDocument) world.output.write(overview(ended, planned));
  // What a run says of being cut short (a guardian that was killed, say) is the second signal's doing.
  const verdict = interrupts.second.aborted ? "interrupted" : worstVerdict(verdicts);
  return verdictExit(verdict, interrupts.signal);
}

/**
 * What can be told of simulated runs before the first run starts.
 * @throws CodedError NR-CLI-OPTION when simulated nodes are to outlive their run
 */
function checkSimulated(prepared: readonly PreparedRun[], { keep }: RunSettings, { deployers }: Parts): void {
  for (const { resolved } of prepared) {
    const { name, deployer } = resolved.plan;
    if (!deployers.get(deployer)?.simulate) continue;
    if (keep === "never") continue;
    throw new CodedError("NR-CLI-OPTION", `the simulated nodes of ${name} can't be kept`, {
      hint: "They end with the run, in whose process and time they live. Leave --keep away, or use --deployer local.",
    });
  }
}

/** The runs of a call in order; those that are repeated have a seed of their own each, which `--seed` takes. */
function* inRounds(prepared: readonly PreparedRun[], { times }: Rounds): Generator<PreparedRun> {
  for (let round = 1; round <= times; round++) {
    for (const run of prepared) {
      yield times > 1 && run.withSeed ? { ...run, resolved: run.withSeed(`${run.resolved.plan.seed}-${round}`) } : run;
    }
  }
}

/** A line for each of several runs, and how many ended how. */
function overview(ended: readonly Ended[], planned: number): string {
  const rows = ended.map(({ verdict, name, fields, seed, runId }) => [verdict, name, fields, `--seed ${seed}`, runId]);
  const columns = ended.some(({ fields }) => fields !== "") ? rows : rows.map((row) => row.toSpliced(2, 1));
  const counts = VERDICTS_WORST_FIRST.map(
    (each) => [ended.filter(({ verdict }) => verdict === each).length, each] as const,
  );
  const notRun = Number.isFinite(planned) ? planned - ended.length : 0;
  const tally = [...counts, [notRun, "not run"] as const].filter(([count]) => count > 0).map((each) => each.join(" "));
  return `${tableText(columns)}${tally.join(", ")}\n`;
}

async function runOne(
  { resolved, scenarioDigest, scenario, secrets }: PreparedRun,
  settings: RunSettings,
  parts: Parts,
  interrupts: Interrupts,
  reporting: Reporting,
  watched: { reporter: Reporter | null },
): Promise<RunReport> {
  const { plan, sources } = resolved;
  const siteOf = (expectation: string) => sources.at(`expectations.${expectation}`);
  const started = await startRun({
    parts,
    resolved,
    scenarioDigest,
    ...(scenario !== undefined && { scenario }),
    out: settings.out,
    build: BUILD,
    interrupt: interrupts.first,
    keep: settings.keep,
    ...(secrets && { secrets }),
    onStart({ runId, folder }) {
      const reporter = reporting.open({ runId, plan, folder, siteOf });
      watched.reporter = reporter;
      return (event) => reporter.event(event);
    },
  });
  const reporter = must(watched.reporter, "the reporter of a run");
  try {
    const report = await Promise.race([started.report, forced(started.runId, interrupts.second)]);
    reporter.end(report);
    return report;
  } catch (thrown) {
    reporter.abandon();
    throw thrown;
  } finally {
    watched.reporter = null;
  }
}

/** After a second signal: kills what the run has on this machine, and gives the run a moment to write that down. */
export async function forced(runId: string, second: AbortSignal): Promise<never> {
  await new Promise((resolve) => second.addEventListener("abort", resolve, { once: true }));
  await cleanRun({ runId, clock: systemClock, graceMs: 0 });
  await systemClock.sleep(FORCED_MS);
  throw new CodedError("NR-RUN-FORCED", `run ${runId} was cut short by a second signal before its report was written`);
}
