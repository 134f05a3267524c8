import type { Genesis } from "../chain/types.ts";
import type { Cluster } from "../model/cluster.ts";
import type { Deployment } from "../model/deployer.ts";
import type { SeenBlock } from "../model/feed.ts";
import type { SignAhead } from "../model/sign-ahead.ts";
import { needsOf } from "../plan/checks/capabilities.ts";
import type { Conductor } from "./conduct.ts";
import type { SharedContext } from "./context.ts";
import { stageDeadlines } from "./deadlines.ts";
import { ClusterFeed, feedIntervalMs } from "./feed/block-feed.ts";
import { recordedCluster } from "./recorded-cluster.ts";
import { awaitServices, followServices, type ServicesOptions } from "./services.ts";
import type { Stage } from "./stage-runner.ts";
import { awaitBaseline } from "./stages/baseline.ts";
import { awaitReady } from "./stages/ready.ts";
import { walletsOf } from "./wallets.ts";

/** A network that is up and has made a common block, and what a run follows it with. */
export interface Network {
  readonly cluster: Cluster;
  readonly feed: ClusterFeed;
  /** Only where nodes make no blockchain: what asks them how they are. */
  readonly services: ServicesOptions | undefined;
  /** Nodes that ended without a call of ours. */
  readonly dead: ReadonlySet<string>;
  /** What all pieces share, but for the end of the drive. */
  readonly shared: Omit<SharedContext, "driveEnds">;
  /** Slot of the chain now. */
  currentSlot(): number;
  /** Aborts when the network is taken down; the teardown waits for what was added to it. */
  readonly background: AbortSignal;
  inBackground(work: Promise<unknown>): void;
}

/** How often heal and baseline look at the feed, which they don't poll themselves. */
export const LOOK_MS = 25;

/** A stage's own wait ends this much before the stage's deadline, since it can say what was last seen. */
export const INNER_MARGIN_MS = 5_000;

/** Takes a run from reserve to its baseline. Throws what no stage can turn into evidence. */
export async function bootNetwork(run: Conductor): Promise<Network> {
  const { plan, clock, recorder, stages, signal } = run;
  const deadlines = stageDeadlines(plan, run.forecast);
  const stage = <T>(name: Stage, work: (signal: AbortSignal) => Promise<T>) =>
    stages.run(name, { deadlineMs: deadlines[name], signal }, work);

  const genesis = run.nodeKind.genesis(plan);
  const deployment = openDeployment(run, genesis);
  const binding = await stage("reserve", (inner) => deployment.reserve(inner));
  await run.writeJson("binding.json", binding);
  const chainStart = binding.chainStartMs - run.wallAtStart;
  const { slotMs } = plan.consensus;
  recorder.emit("chain.scheduled", { chainStart, slotMs });

  const cluster = recordedCluster(await stage("deploy", (inner) => deployment.deploy(binding, inner)), recorder);
  const dead = new Set<string>();
  cluster.onEnd((end) => {
    if (!end.expected) dead.add(end.node);
  });

  const found = deployment.found?.();
  const intervalMs = feedIntervalMs(slotMs, plan.topology.nodes.length);
  const leaders = run.nodeKind.leaders?.(plan) ?? new Map<string, string>();
  const root = found?.root ?? genesisBlock(genesis);
  const feed = new ClusterFeed({ cluster, root, clock, events: recorder, leaders, intervalMs });
  const background = new AbortController();
  const backgroundWork: Promise<unknown>[] = [];
  run.teardown.pushWork("the block feed", async () => {
    background.abort();
    await Promise.allSettled(backgroundWork);
  });
  const { service } = run.nodeKind;
  const services = service && { service, cluster, clock, events: recorder };
  backgroundWork.push(services ? followServices(services, background.signal) : feed.follow(background.signal));

  const inner = { plan, cluster, clock, events: recorder };
  const readyMs = deadlines.ready - INNER_MARGIN_MS;
  await stage("ready", (ready) =>
    services
      ? awaitServices(services, readyMs, ready)
      : awaitReady({ ...inner, isFound: found !== undefined, timeoutMs: readyMs, signal: ready }),
  );
  await stage("baseline", async (baseline) => {
    if (services) return;
    await awaitBaseline({
      cluster,
      feed,
      clock,
      timeoutMs: deadlines.baseline - INNER_MARGIN_MS,
      intervalMs: LOOK_MS,
      signal: baseline,
    });
  });
  return {
    cluster,
    feed,
    services,
    dead,
    shared: {
      plan,
      nodeKind: run.nodeKind,
      clock,
      chainStart,
      cluster,
      feed,
      wallets: found?.wallets ?? walletsOf(plan, genesis),
      events: recorder,
      shell: (signal) => run.shell(signal),
      ...signingAhead(run),
    },
    currentSlot: () => Math.floor((clock.now() - chainStart) / slotMs),
    background: background.signal,
    inBackground: (work) => void backgroundWork.push(work),
  };
}

/** The thread that signs is this process's own, and ends with the run though its workload left it behind. */
function signingAhead({ signAhead, teardown }: Conductor): Pick<SharedContext, "signAhead"> {
  if (!signAhead) return {};
  return {
    signAhead(rows) {
      let started: SignAhead | undefined;
      teardown.pushWork("the signing of transactions", async () => started?.close());
      started = signAhead(rows);
      return started;
    },
  };
}

function genesisBlock({ id }: Genesis): SeenBlock {
  return { id, parent: "0".repeat(64), height: 0, slot: 0, txs: [], messages: [] };
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
    needs: needsOf(run.plan, run.registry, run.customs).flatMap(({ capabilities }) => capabilities),
  });
  const remove = async (signal: AbortSignal) => {
    const left = await deployment.sweep(signal);
    for (const { kind, id, remove } of left) {
      run.recorder.emit("warning", { text: `${kind} ${id} could not be removed; remove it with: ${remove}` });
    }
  };
  run.teardown.push("the deployment", remove, deployment.handOver?.bind(deployment));
  void deployment.lost?.then((error) => run.lost(error));
  return deployment;
}
