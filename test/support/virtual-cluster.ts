import { ALREADY_IN_MEMPOOL } from "../../lib/chain/http/refusal.ts";
import type { Share, SignedTx } from "../../lib/chain/types.ts";
import { leaderSecret } from "../../lib/chain/wallet.ts";
import { CodedError, must } from "../../lib/core/errors.ts";
import { withDeadline } from "../../lib/core/wait.ts";
import type { VirtualClock } from "../../lib/deployers/simulation/virtual-clock.ts";
import { VirtualNetwork } from "../../lib/deployers/simulation/virtual-network.ts";
import { createSharedMemo, type SharedMemo } from "../../lib/devnet/machine/shared-memo.ts";
import type { Binding } from "../../lib/model/binding.ts";
import type { Cluster, Node, NodeControl, NodeEnd, ProcessObservation } from "../../lib/model/cluster.ts";
import type { DeployContext, Deployer } from "../../lib/model/deployer.ts";
import type { CallOptions, NodeClient, Submission } from "../../lib/model/node-client.ts";
import type { Plan, PlannedNode } from "../../lib/model/plan.ts";

/** Time that a call to a node takes, and that a process takes to stop and to start. */
const CALL_MS = 2;
const STOP_MS = 150;
const BOOT_MS = 600;

const cannot = () => Promise.reject(new CodedError("NR-LOCAL-NODE-STATE", "this backend can't do that"));
/** What no scenario of these tests asks for: the capabilities don't list it. */
const CANNOT = {
  pause: cannot,
  resume: cannot,
  wipe: cannot,
  setLinks: cannot,
  setClockOffset: cannot,
  release: async () => undefined,
};

interface Life {
  readonly planned: PlannedNode;
  start: number;
  up: boolean;
  why: string | undefined;
  client: NodeClient | undefined;
  /** Aborts when the node ends, so that calls in flight fail as over a broken socket. */
  died: AbortController;
}

/** What a test may do to the network behind the run's back. */
export interface Tampering {
  /** The consensus parameters that the nodes get, whatever the plan says. */
  consensus?(planned: Plan["consensus"]): Plan["consensus"];
  /** Called once the network stands. */
  begin?(network: VirtualNetwork, cluster: VirtualCluster, clock: VirtualClock): void;
  /** Stands in the way of a submission: answers in the node's place, or never. */
  submit?(node: string, tx: SignedTx): Submission | "silence" | null;
  /** Whether an executor does what it is asked to and never says so. */
  swallowDispersed?(node: string): boolean;
  /** What a holder hands out for the share that it has. */
  share?(node: string, share: Share): Share | null;
}

/** Machines of embedded nodes behind the cluster's interface, in virtual time: what runs is the nodes' own code. */
export class VirtualCluster implements Cluster {
  readonly control: NodeControl;
  readonly network: VirtualNetwork;
  readonly #context: DeployContext;
  readonly #clock: VirtualClock;
  readonly #binding: Binding;
  readonly #tampering: Tampering;
  readonly #lives: ReadonlyMap<string, Life>;
  readonly #listeners = new Set<(end: NodeEnd) => void>();

  constructor(context: DeployContext, clock: VirtualClock, binding: Binding, memo: SharedMemo, tampering: Tampering) {
    const { plan } = context;
    this.#context = context;
    this.#clock = clock;
    this.#binding = binding;
    this.#tampering = tampering;
    const link = { delayMs: 5, jitterMs: 20, loss: 0 };
    this.network = new VirtualNetwork({ clock, seed: plan.seed, link, memo });
    for (const node of plan.topology.nodes) this.network.add(machineConfig(context, node, binding, tampering));
    this.#lives = new Map(
      plan.topology.nodes.map((planned) => [
        planned.name,
        { planned, start: 0, up: false, why: undefined, client: undefined, died: new AbortController() },
      ]),
    );
    this.control = {
      restart: async (name, signal) => {
        await this.#stop(name, signal);
        await this.#start(name, "fault", signal);
      },
      stop: (name, signal) => this.#stop(name, signal),
      start: (name, signal) => this.#start(name, "fault", signal),
      kill: async (name) => this.end(name, true, "SIGKILL, as asked"),
      ...CANNOT,
    };
  }

  async startAll(): Promise<void> {
    await Promise.all([...this.#lives.keys()].map((name) => this.#start(name, "run")));
    this.#tampering.begin?.(this.network, this, this.#clock);
  }

  nodes(): readonly Node[] {
    return [...this.#lives.keys()].map((name) => this.node(name));
  }

  node(name: string): Node {
    const { planned, up, start, why, client } = this.#life(name);
    const bound = must(
      this.#binding.nodes.find((one) => one.name === name),
      `address of ${name}`,
    );
    if (up && client) return { state: "running", planned, bound, client, start, handle: `start ${start}` };
    return { state: "stopped", planned, bound, ...(why === undefined ? {} : { why }) };
  }

  running() {
    return this.nodes().filter((node) => node.state === "running");
  }

  onEnd(listener: (end: NodeEnd) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async observe(name: string): Promise<ProcessObservation> {
    const { up, start } = this.#life(name);
    return { alive: up, paused: false, identity: up ? `start ${start}` : null };
  }

  /** Ends a node at once. */
  end(name: string, expected: boolean, why: string): void {
    const life = this.#life(name);
    if (!life.up) return;
    this.network.kill(name);
    life.up = false;
    life.why = why;
    life.died.abort(new CodedError("NR-NODE-UNREACHABLE", `${name} closed the connection`));
    this.#clock.wake();
    const end: NodeEnd = { node: name, start: life.start, expected, why };
    this.#context.events.emit("node.ended", { ...end });
    for (const listener of this.#listeners) listener(end);
  }

  async #stop(name: string, signal?: AbortSignal): Promise<void> {
    await this.#clock.sleep(STOP_MS, signal);
    this.end(name, true, "SIGTERM, as asked");
  }

  async #start(name: string, by: "run" | "fault", signal?: AbortSignal): Promise<void> {
    const life = this.#life(name);
    life.start++;
    life.up = true;
    life.died = new AbortController();
    life.client = virtualClient(this, life.planned, life.died.signal, this.#clock, this.#tampering);
    this.#context.events.emit("node.started", { node: name, start: life.start, handle: `start ${life.start}`, by });
    this.#clock.at(this.#clock.now() + BOOT_MS, () => {
      if (life.up) this.network.start(name);
    });
    await this.#clock.sleep(1, signal);
  }

  #life(name: string): Life {
    return must(this.#lives.get(name), `node ${name}`);
  }
}

function machineConfig(
  { genesis, plan }: DeployContext,
  node: PlannedNode,
  { chainStartMs }: Binding,
  tampering: Tampering,
) {
  return {
    identity: { name: node.name, role: node.role, leaderSecret: leaderSecret(plan.seed, node.name) },
    genesis,
    consensus: tampering.consensus?.(plan.consensus) ?? plan.consensus,
    da: must(plan.da, "the plan's blob layout"),
    chainStart: chainStartMs,
    neighbours: node.neighbours,
  };
}

function virtualClient(
  cluster: VirtualCluster,
  { name, neighbours }: PlannedNode,
  died: AbortSignal,
  clock: VirtualClock,
  tampering: Tampering,
): NodeClient {
  const { network } = cluster;
  const call = async <T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> => {
    const signal = options?.signal ? AbortSignal.any([options.signal, died]) : died;
    return withDeadline(
      { clock, what: `a call to ${name}`, timeoutMs: options?.timeoutMs ?? 5_000, signal, code: "NR-NODE-TIMEOUT" },
      async (inner) => {
        await clock.sleep(CALL_MS, inner);
        if (!network.isUp(name)) throw new CodedError("NR-NODE-UNREACHABLE", `${name} refuses connections`);
        const aborted = new Promise<never>((_, reject) => {
          inner.addEventListener("abort", () => reject(inner.reason), { once: true });
        });
        return Promise.race([Promise.resolve(work()), aborted]);
      },
    );
  };
  const machine = () => network.machine(name);
  return {
    info: (options) => call(options, () => machine().info()),
    headers: ({ from, to } = {}, options) => call(options, () => machine().headers(from, to)),
    block: (id, options) => call(options, () => machine().block(id)),
    networkInfo: (options) =>
      call(options, () => {
        const peers = machine().peers().length;
        return { listenAddresses: [], peers, connections: peers, pendingConnections: neighbours.length - peers };
      }),
    submit: (tx, options) =>
      call(options, (): Submission | Promise<Submission> => {
        const tampered = tampering.submit?.(name, tx) ?? null;
        if (tampered === "silence") return new Promise(() => undefined);
        if (tampered !== null) return tampered;
        const refusal = network.submit(name, tx);
        if (!refusal) return { accepted: true, duplicate: false };
        if (refusal.reason === ALREADY_IN_MEMPOOL) return { accepted: true, duplicate: true };
        return { accepted: false, ...refusal };
      }),
    mempool: (options) => call(options, () => machine().mempoolMetrics()),
    txStatus: (hashes, options) => call(options, () => machine().txStatus(hashes)),
    disperse: ({ channel, parent, data }, options) =>
      call({ timeoutMs: 25_000, ...options }, async () => {
        const result = await network.disperse(name, { channel, parent, data });
        if (tampering.swallowDispersed?.(name)) return new Promise<never>(() => undefined);
        if ("blob" in result) return result;
        throw new CodedError("NR-NODE-STATUS", `${name}: ${result.refusal.reason}`);
      }),
    share: (blob, index, options) =>
      call(options, () => {
        const share = machine().share(blob, index);
        return share && tampering.share ? tampering.share(name, share) : share;
      }),
    daMembership: (_session, options) =>
      call(options, () => ({
        assignations: Object.fromEntries(
          machine()
            .daMembership()
            .map((members, i) => [String(i), members]),
        ),
      })),
    balance: (pk, options) => call(options, () => machine().balance(pk)),
    metrics: (options) => call(options, () => ""),
    close: async () => undefined,
  };
}

/** A backend whose nodes live in this process and in virtual time. */
export function virtualDeployer(clock: VirtualClock, memo = createSharedMemo(), tampering: Tampering = {}): Deployer {
  return {
    name: "virtual",
    capabilities: () => ["node.restart", "node.stop", "node.kill"],
    open: (context) => ({
      reserve: async () => ({
        runId: context.runId,
        chainStartMs: clock.now() + 1_000,
        nodes: context.plan.topology.nodes.map(({ name }) => ({
          name,
          host: "127.0.0.1",
          apiPort: 1,
          testingPort: 2,
          peerPort: 3,
        })),
      }),
      deploy: async (binding) => {
        const cluster = new VirtualCluster(context, clock, binding, memo, tampering);
        await cluster.startAll();
        return cluster;
      },
      sweep: async () => [],
    }),
  };
}
