import type { Clock } from "../core/clock.ts";
import { type CodedError, errorText } from "../core/errors.ts";
import type { Deployer } from "../model/deployer.ts";
import type { Expectation } from "../model/expectation.ts";
import type { NodeKind } from "../model/node-kind.ts";
import type { Plan } from "../model/plan.ts";
import type { Registry } from "../model/registry.ts";
import type { RunContext } from "../model/run-context.ts";
import type { Spawner } from "../model/spawner.ts";
import { type Verdict, worstVerdict } from "../model/verdict.ts";
import type { Forecast } from "../model/workload.ts";
import { contextFor } from "./context.ts";
import { stageDeadlines } from "./deadlines.ts";
import type { InventoryBook } from "./inventory.ts";
import { bootNetwork, INNER_MARGIN_MS, LOOK_MS, type Network } from "./network.ts";
import { type CustomPieces, makeExpectations, makeWorkloads } from "./pieces.ts";
import type { Recorder } from "./recorder.ts";
import { healServices } from "./services.ts";
import type { Stage, StageRunner } from "./stage-runner.ts";
import { type Driven, drive } from "./stages/drive.ts";
import { heal } from "./stages/heal.ts";
import { type JudgedExpectation, judge } from "./stages/judge.ts";
import { settle } from "./stages/settle.ts";
import type { TeardownStack } from "./teardown.ts";

/** Everything that the stages of a run work with. */
export interface Conductor {
  readonly runId: string;
  readonly plan: Plan;
  readonly forecast: Forecast;
  readonly customs: CustomPieces;
  readonly registry: Registry;
  readonly nodeKind: NodeKind;
  readonly deployer: Deployer;
  readonly folder: string;
  readonly spawner: Spawner;
  /** The run's clock. */
  readonly clock: Clock;
  /** Wall time in ms at the run clock's 0. */
  readonly wallAtStart: number;
  readonly recorder: Recorder;
  readonly stages: StageRunner;
  readonly teardown: TeardownStack;
  readonly inventory: InventoryBook;
  /** zx's `$` for the user's own pieces; its commands end with the signal. */
  shell(signal: AbortSignal): RunContext["$"];
  /** Signs transfers in a thread; absent in a simulation. */
  readonly signAhead?: NonNullable<RunContext["signAhead"]>;
  /** Writes a document into the run folder. */
  writeJson(name: string, value: unknown): Promise<void>;
  readonly signal: AbortSignal;
  /** Ends the run in this error: what its nodes run on is no longer there. */
  lost(error: CodedError): void;
}

/** What the stages up to the judgement found. */
export interface Conducted {
  readonly verdict: Verdict;
  readonly why: string;
  readonly expectations: readonly JudgedExpectation[];
}

/** Takes the run from reserve to its judgement. Throws what no stage can turn into evidence. */
export async function conduct(run: Conductor): Promise<Conducted> {
  const { plan, clock, recorder, stages, signal } = run;
  const deadlines = stageDeadlines(plan, run.forecast);
  const stage = <T>(name: Stage, work: (signal: AbortSignal) => Promise<T>) =>
    stages.run(name, { deadlineMs: deadlines[name], signal }, work);
  const evidenceStage = (name: Stage, work: (signal: AbortSignal) => Promise<void>) =>
    stages.runForEvidence(name, { deadlineMs: deadlines[name], signal }, work);

  const network = await bootNetwork(run);
  const { cluster, feed, services, dead, shared, currentSlot } = network;
  recorder.emit("window.opened", { slot: currentSlot() + 1, height: feed.head().height });
  const driveEnds = clock.now() + plan.durationMs;
  const context = (piece: string, inner: AbortSignal) => contextFor({ ...shared, driveEnds }, piece, inner);
  const workloads = makeWorkloads(plan, run.registry, run.customs);
  const expectations = makeExpectations(plan, run.registry, run.customs);
  observeAll(expectations, network, context, signal);

  const driven = await stage("drive", (inner) =>
    drive({ workloads, context, clock, driveEnds, events: recorder, signal: inner }),
  );
  const timeoutMs = deadlines.heal - INNER_MARGIN_MS;
  const diverges = plan.expectations.some(({ kind }) => kind === "divergence");
  await evidenceStage("heal", (inner) =>
    services
      ? healServices(services, dead, timeoutMs, inner)
      : heal({ cluster, feed, dead, diverges, clock, timeoutMs, intervalMs: LOOK_MS, signal: inner }),
  );
  await evidenceStage("settle", (inner) =>
    settle({
      workloads,
      expectations: expectations.map(({ expectation }) => expectation),
      context,
      clock,
      leastMs: run.forecast.settleSlots * plan.consensus.slotMs,
      events: recorder,
      signal: inner,
    }),
  );
  const lastSlot = currentSlot() - 1;
  if (!services) await feed.catchUp(signal);
  recorder.emit("window.closed", { slot: lastSlot, height: feed.head().height });

  const judged = await stage("judge", async () => judgeRecorded(run, expectations));
  return { ...verdictOf(judged, driven), expectations: judged };
}

/** Observes until the signal aborts; an observer that fails costs its expectation evidence, not the run its judgement. */
async function observe(expectation: Expectation, context: RunContext): Promise<void> {
  try {
    await expectation.observe?.(context);
  } catch (thrown) {
    if (context.signal.aborted) return;
    context.events.emit("warning", { text: `expectation ${expectation.name} stopped observing: ${errorText(thrown)}` });
  }
}

/** Has expectations observe in the background until the network is taken down. */
export function observeAll(
  expectations: readonly { readonly expectation: Expectation }[],
  network: Network,
  context: (piece: string, signal: AbortSignal) => RunContext,
  signal: AbortSignal,
): void {
  const observing = AbortSignal.any([network.background, signal]);
  for (const { expectation } of expectations) {
    network.inBackground(observe(expectation, context(expectation.name, observing)));
  }
}

/** Judges by what is recorded as it stands now: a later judgement doesn't see those before it, and a recheck sees the same. */
export function judgeRecorded(
  { plan, nodeKind, recorder }: Conductor,
  expectations: ReturnType<typeof makeExpectations>,
): readonly JudgedExpectation[] {
  const occupancy = (alive: readonly number[], total: number) => nodeKind.occupancy(plan.consensus, alive, total);
  return judge(expectations, { plan, events: recorder.events.slice(), occupancy }, recorder);
}

/** The worst of what was judged and of what became of the workloads: an abandoned one decides nothing. */
export function verdictOf(
  judged: readonly JudgedExpectation[],
  { failures, abandoned }: Driven,
): Pick<Conducted, "verdict" | "why"> {
  const reasons = [
    ...failures.map((text) => ({ outcome: "failed" as const, text })),
    ...abandoned.map((text) => ({ outcome: "inconclusive" as const, text })),
    ...judged.map(({ outcome, expectation, summary }) => ({ outcome, text: `${expectation}: ${summary}` })),
  ];
  const verdict = worstVerdict(reasons.map(({ outcome }) => outcome));
  if (verdict === "passed") return { verdict, why: `${judged.length} expectations passed` };
  const decisive = reasons.filter(({ outcome }) => outcome === verdict);
  return { verdict, why: decisive.map(({ text }) => text).join("; ") };
}
