import { CodedError } from "../../core/errors.ts";
import { createSharedMemo, type SharedMemo } from "../../devnet/machine/shared-memo.ts";
import type { Binding } from "../../model/binding.ts";
import type { Cluster, LinkCondition, Node, NodeControl, NodeEnd, ProcessObservation } from "../../model/cluster.ts";
import { conditionsOf, refuseNarrowLinks } from "../../model/conditions.ts";
import type { DeployContext } from "../../model/deployer.ts";
import { placeOf, type SimulatedConfig } from "./deploy.ts";
import type { NodeLogs } from "./node-logs.ts";
import { SimulatedNode } from "./simulated-node.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import type { LinkModel } from "./virtual-links.ts";
import { VirtualNetwork } from "./virtual-network.ts";

/** A link between two nodes when no fault is on it: a local network's, with some unrest. */
const LINK: LinkModel = { delayMs: 5, jitterMs: 20, loss: 0 };

/** Embedded nodes in this process and in virtual time: their own code, on modelled links and disks. */
export class SimulatedCluster implements Cluster {
  readonly control: NodeControl;
  readonly network: VirtualNetwork;
  readonly #nodes: ReadonlyMap<string, SimulatedNode>;
  readonly #logs: NodeLogs;
  readonly #listeners = new Set<(end: NodeEnd) => void>();

  constructor(
    context: DeployContext & { readonly clock: VirtualClock },
    binding: Binding,
    deployed: readonly SimulatedConfig[],
    logs: NodeLogs,
    memo: SharedMemo = createSharedMemo(),
  ) {
    const { clock, events, genesis, nodeKind, plan } = context;
    const network = new VirtualNetwork({
      clock,
      seed: plan.seed,
      link: LINK,
      memo,
      watch: (name, output) => this.#node(name).heard(output),
      onFault: (name, error) => this.#node(name).broke(error),
    });
    this.network = network;
    this.#logs = logs;
    const knownKeys = new Set(genesis.tx.tx.ledger.outputs.map((note) => note.pk));
    this.#nodes = new Map(
      deployed.map((one) => {
        const { name } = one.planned;
        const bound = placeOf(binding, name);
        const node = new SimulatedNode({
          deployed: one,
          bound,
          genesis,
          knownKeys,
          network,
          clock,
          events,
          connect: (transport) => nodeKind.connect(bound, transport),
          print: (line) => logs.append(name, line),
          onEnd: (end) => {
            for (const listener of this.#listeners) listener(end);
          },
        });
        return [name, node];
      }),
    );
    this.control = this.#createControl();
  }

  #createControl(): NodeControl {
    return {
      restart: (name, signal) => this.#node(name).restart(signal),
      stop: (name, signal) => this.#node(name).stop(signal),
      start: (name, signal) => this.#node(name).start(signal),
      kill: (name, signal) => this.#node(name).kill(signal),
      pause: (name, signal) => this.#node(name).pause(signal),
      resume: (name, signal) => this.#node(name).resume(signal),
      wipe: (name, signal) => this.#node(name).wipe(signal),
      setLinks: async (conditions) => this.#setLinks(conditions),
      setClockOffset: async (name, offsetMs) => this.#node(name).setClockOffset(offsetMs),
      release: async (signal) => {
        await Promise.all([...this.#nodes.values()].map((node) => node.resume(signal)));
        for (const node of this.#nodes.values()) node.setClockOffset(0);
        this.#setLinks([]);
      },
    };
  }

  /** Starts every node but those that join late. */
  async startAll(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.startWithOthers()));
  }

  nodes(): readonly Node[] {
    return [...this.#nodes.values()].map((node) => node.view());
  }

  node(name: string): Node {
    return this.#node(name).view();
  }

  running() {
    return this.nodes().filter((node) => node.state === "running");
  }

  onEnd(listener: (end: NodeEnd) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async observe(name: string): Promise<ProcessObservation> {
    return this.#node(name).observe();
  }

  async hasState(name: string): Promise<boolean> {
    return this.network.hasState(name);
  }

  log(name: string): Iterable<string> {
    this.#node(name);
    return this.#logs.lines(name);
  }

  /** Ends a node by no act of the run's; nothing when it isn't there. */
  end(name: string, expected: boolean, why: string): void {
    this.#node(name).end(expected, why);
  }

  #setLinks(conditions: readonly LinkCondition[]): void {
    for (const { from, to } of conditions) for (const name of [from, to]) this.#node(name);
    refuseNarrowLinks(conditions);
    for (const name of this.#nodes.keys()) this.network.impose(name, conditionsOf(name, conditions, 0).links);
  }

  #node(name: string): SimulatedNode {
    const node = this.#nodes.get(name);
    if (node) return node;
    throw new CodedError("NR-NODE-UNKNOWN", `there is no node ${JSON.stringify(name)} in this network`, {
      hint: `Its nodes are ${[...this.#nodes.keys()].join(", ")}.`,
    });
  }
}
