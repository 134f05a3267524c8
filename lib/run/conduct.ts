import type { Genesis } from "../chain/types.ts";
import type { Clock } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import type { Deployer, Deployment } from "../model/deployer.ts";
import type { Expectation } from "../model/expectation.ts";
import type { NodeKind } from "../model/node-kind.ts";
import type { Plan } from "../model/plan.ts";
import type { Registry } from "../model/registry.ts";
import type { RunContext } from "../model/run-context.ts";
import type { Spawner } from "../model/spawner.ts";
import { type Verdict, worstVerdict } from "../model/verdict.ts";
import type { Forecast } from "../model/workload.ts";
import { contextFor, type SharedContext } from "./context.ts";
import { stageDeadlines } from "./deadlines.ts";
import { ClusterFeed, feedIntervalMs } from "./feed/block-feed.ts";
import type { InventoryBook } from "./inventory.ts";
import { type CustomPieces, makeExpectations, makeWorkloads } from "./pieces.ts";
import { recordedCluster } from "./recorded-cluster.ts";
import type { Recorder } from "./recorder.ts";
import type { Stage, StageRunner } from "./stage-runner.ts";
import { awaitBaseline } from "./stages/baseline.ts";
import { drive } from "./stages/drive.ts";
import { heal } from "./stages/heal.ts";
import { type JudgedExpectation, judge } from "./stages/judge.ts";
import { awaitReady } from "./stages/ready.ts";
import { settle } from "./stages/settle.ts";
import type { TeardownStack } from "./teardown.ts";
import { walletsOf } from "./wallets.ts";

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
  /** Writes a document into the run folder. */
  writeJson(name: string, value: unknown): Promise<void>;
  readonly signal: AbortSignal;
}

/** What the stages up to the judgement found. */
export interface Conducted {
  readonly verdict: Verdict;
  readonly why: string;
  readonly expectations: readonly JudgedExpectation[];
}

/** How often heal and baseline look at the feed, which they don't poll themselves. */
const LOOK_MS = 25;

/** A stage's own wait ends this much before the stage's deadline, since it can say what was last seen. */
const INNER_MARGIN_MS = 5_000;

/** Takes the run from reserve to its judgement. Throws what no stage can turn into evidence. */
export async function conduct(run: Conductor): Promise<Conducted> {
  const { plan, clock, recorder, stages, signal } = run;
  const deadlines = stageDeadlines(plan, run.forecast);
  const stage = <T>(name: Stage, work: (signal: AbortSignal) => Promise<T>) =>
    stages.run(name, { deadlineMs: deadlines[name], signal }, work);
  const evidenceStage = (name: Stage, work: (signal: AbortSignal) => Promise<void>) =>
    stages.runForEvidence(name, { deadlineMs: deadlines[name], signal }, work);

  const genesis = run.nodeKind.genesis(plan);
  const deployment = openDeployment(run, genesis);
  const binding = await stage("reserve", (inner) => deployment.reserve(inner));
  await run.writeJson("binding.json", binding);
  const chainStart = binding.chainStartMs - run.wallAtStart;
  recorder.emit("chain.scheduled", { chainStart, slotMs: plan.consensus.slotMs });

  const cluster = recordedCluster(await stage("deploy", (inner) => deployment.deploy(binding, inner)), recorder);
  const dead = new Set<string>();
  cluster.onEnd((end) => {
    if (!end.expected) dead.add(end.node);
  });

  const slotMs = plan.consensus.slotMs;
  const intervalMs = feedIntervalMs(slotMs, plan.topology.nodes.length);
  const leaders = run.nodeKind.leaders?.(plan) ?? new Map<string, string>();
  const feed = new ClusterFeed({ cluster, genesis: genesis.id, clock, events: recorder, leaders, intervalMs });
  const background = new AbortController();
  const backgroundWork: Promise<unknown>[] = [];
  run.teardown.push("the block feed", async () => {
    background.abort();
    await Promise.allSettled(backgroundWork);
  });
  backgroundWork.push(feed.follow(background.signal));

  await stage("ready", (inner) =>
    awaitReady({ plan, cluster, clock, events: recorder, timeoutMs: deadlines.ready - INNER_MARGIN_MS, signal: inner }),
  );
  await stage("baseline", (inner) =>
    awaitBaseline({
      cluster,
      feed,
      clock,
      timeoutMs: deadlines.baseline - INNER_MARGIN_MS,
      intervalMs: LOOK_MS,
      signal: inner,
    }),
  );

  const currentSlot = () => Math.floor((clock.now() - chainStart) / slotMs);
  recorder.emit("window.opened", { slot: currentSlot() + 1, height: feed.head().height });
  const driveEnds = clock.now() + plan.durationMs;
  const shared: SharedContext = {
    plan,
    nodeKind: run.nodeKind,
    clock,
    chainStart,
    driveEnds,
    cluster,
    feed,
    wallets: walletsOf(plan, genesis),
    events: recorder,
  };
  const context = (piece: string, inner: AbortSignal) => contextFor(shared, piece, inner);
  const workloads = makeWorkloads(plan, run.registry, run.customs);
  const expectations = makeExpectations(plan, run.registry, run.customs);
  const observing = AbortSignal.any([background.signal, signal]);
  for (const { expectation } of expectations) {
    backgroundWork.push(observe(expectation, context(expectation.name, observing)));
  }

  const failures = await stage("drive", (inner) =>
    drive({ workloads, context, clock, driveEnds, events: recorder, signal: inner }),
  );
  await evidenceStage("heal", (inner) =>
    heal({
      cluster,
      feed,
      dead,
      clock,
      timeoutMs: deadlines.heal - INNER_MARGIN_MS,
      intervalMs: LOOK_MS,
      signal: inner,
    }),
  );
  await evidenceStage("settle", (inner) =>
    settle({
      workloads,
      expectations: expectations.map(({ expectation }) => expectation),
      context,
      clock,
      leastMs: run.forecast.settleSlots * slotMs,
      events: recorder,
      signal: inner,
    }),
  );
  const lastSlot = currentSlot() - 1;
  await feed.catchUp(signal);
  recorder.emit("window.closed", { slot: lastSlot, height: feed.head().height });

  const judged = await stage("judge", async () =>
    judge(
      expectations,
      {
        plan,
        // As it stands now: a later judgement doesn't see those before it, and a recheck sees the same.
        events: recorder.events.slice(),
        occupancy: (alive, total) => run.nodeKind.occupancy(plan.consensus, alive, total),
      },
      recorder,
    ),
  );
  return { ...verdictOf(judged, failures), expectations: judged };
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

function openDeployment(run: Conductor, genesis: Genesis): Deployment {
  const deployment = run.deployer.open({
    runId: run.runId,
    plan: run.plan,
    nodeKind: run.nodeKind,
    genesis,
    folder: run.folder,
    clock: run.clock,
    spawner: run.spawner,
    inventory: run.inventory,
    events: run.recorder,
  });
  run.teardown.push("the deployment", async (signal) => {
    const left = await deployment.sweep(signal);
    for (const { kind, id, remove } of left) {
      run.recorder.emit("warning", { text: `${kind} ${id} could not be removed; remove it with: ${remove}` });
    }
  });
  return deployment;
}

/**
 * The worst of what was judged.
 * @param failures one line for each workload that failed
 */
export function verdictOf(
  judged: readonly JudgedExpectation[],
  failures: readonly string[],
): Pick<Conducted, "verdict" | "why"> {
  const verdict = worstVerdict([...judged.map(({ outcome }) => outcome), ...failures.map(() => "failed" as const)]);
  if (verdict === "passed") return { verdict, why: `${judged.length} expectations passed` };
  const reasons = judged
    .filter(({ outcome }) => outcome === verdict)
    .map(({ expectation, summary }) => `${expectation}: ${summary}`);
  return { verdict, why: [...(verdict === "failed" ? failures : []), ...reasons].join("; ") };
}
