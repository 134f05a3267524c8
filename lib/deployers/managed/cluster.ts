import type { Clock } from "../../core/clock.ts";
import { CodedError } from "../../core/errors.ts";
import { logLines } from "../../host/log-lines.ts";
import type { BoundNode } from "../../model/binding.ts";
import type {
  Cluster,
  LinkCondition,
  Node,
  NodeControl,
  NodeEnd,
  ProcessObservation,
  ProcessUsage,
} from "../../model/cluster.ts";
import { conditionsOf, refuseNarrowLinks } from "../../model/conditions.ts";
import type { EventSink } from "../../model/events.ts";
import type { NodeClient } from "../../model/node-client.ts";
import type { PlannedNode } from "../../model/plan.ts";
import type { NodeDriver } from "./driver.ts";
import { nodeLog } from "./logs.ts";
import { ManagedNode } from "./managed-node.ts";

/** A node to be managed, and what its backend drives it by. */
export interface DrivenNode {
  readonly planned: PlannedNode;
  readonly bound: BoundNode;
  readonly driver: NodeDriver;
}

export interface ManagedClusterOptions {
  /** Absolute path of the run folder, where the logs are. */
  readonly folder: string;
  /** In the plan's order. */
  readonly nodes: readonly DrivenNode[];
  readonly events: EventSink;
  readonly clock: Clock;
  connect(node: BoundNode): NodeClient;
  /** Only where drivers filter: what of the links' conditions is left to the nodes themselves. */
  ownLinks?(links: readonly LinkCondition[]): readonly LinkCondition[];
}

/** The nodes of a run that starts and ends them itself, each by the driver of its backend. */
export class ManagedCluster implements Cluster {
  readonly control: NodeControl;
  readonly filtered?: NonNullable<Cluster["filtered"]>;
  readonly #folder: string;
  readonly #nodes: ReadonlyMap<string, ManagedNode>;
  readonly #listeners = new Set<(end: NodeEnd) => void>();
  readonly #clockOffsets = new Map<string, number>();
  readonly #ownLinks: (links: readonly LinkCondition[]) => readonly LinkCondition[];
  #links: readonly LinkCondition[] = [];

  constructor(options: ManagedClusterOptions) {
    const { folder, nodes, events, clock, connect } = options;
    this.#folder = folder;
    this.#ownLinks = options.ownLinks ?? ((links) => links);
    if (options.ownLinks) this.filtered = async (name) => (await this.#managed(name).driver.filtered?.()) ?? null;
    this.#nodes = new Map(
      nodes.map(({ planned, bound, driver }) => {
        const { name } = planned;
        const node = new ManagedNode({
          planned,
          bound,
          driver,
          events,
          clock,
          conditions: () => conditionsOf(name, this.#ownLinks(this.#links), this.#clockOffsets.get(name) ?? 0),
          connect: () => connect(bound),
          onEnd: (end) => {
            for (const listener of this.#listeners) listener(end);
          },
        });
        return [name, node];
      }),
    );
    this.control = {
      restart: (name, signal) => this.#managed(name).restart(signal),
      stop: (name, signal) => this.#managed(name).stop(signal),
      start: (name, signal) => this.#managed(name).start(signal),
      kill: (name, signal) => this.#managed(name).kill(signal),
      pause: (name, signal) => this.#managed(name).pause(signal),
      resume: (name, signal) => this.#managed(name).resume(signal),
      wipe: (name, signal) => this.#managed(name).wipe(signal),
      setLinks: (conditions, signal) => this.#setLinks(conditions, signal),
      setClockOffset: async (name, offsetMs, signal) => {
        const node = this.#managed(name);
        this.#clockOffsets.set(name, offsetMs);
        await node.impose(signal);
      },
      release: async (signal) => {
        await Promise.all(this.managed().map((node) => node.resume(signal)));
        this.#clockOffsets.clear();
        await this.#setLinks([], signal);
      },
    };
  }

  /** The nodes as they are managed, validators first. */
  managed(): readonly ManagedNode[] {
    return [...this.#nodes.values()];
  }

  nodes(): readonly Node[] {
    return this.managed().map((node) => node.view());
  }

  node(name: string): Node {
    return this.#managed(name).view();
  }

  running() {
    return this.nodes().filter((node) => node.state === "running");
  }

  onEnd(listener: (end: NodeEnd) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async observe(name: string): Promise<ProcessObservation> {
    return this.#managed(name).driver.observe();
  }

  async hasState(name: string): Promise<boolean> {
    return this.#managed(name).driver.hasState();
  }

  async usage(name: string): Promise<ProcessUsage | null> {
    return this.#managed(name).driver.usage();
  }

  log(name: string): Iterable<string> {
    this.#managed(name);
    return logLines(nodeLog(this.#folder, name));
  }

  async #setLinks(conditions: readonly LinkCondition[], signal?: AbortSignal): Promise<void> {
    for (const { from, to } of conditions) for (const name of [from, to]) this.#managed(name);
    if (!this.filtered) refuseNarrowLinks(conditions);
    this.#links = conditions;
    await Promise.all(
      this.managed().map(async (node) => {
        await node.filter(conditions, signal);
        await node.impose(signal);
      }),
    );
  }

  #managed(name: string): ManagedNode {
    const node = this.#nodes.get(name);
    if (node) return node;
    throw new CodedError("NR-NODE-UNKNOWN", `there is no node ${JSON.stringify(name)} in this network`, {
      hint: `Its nodes are ${[...this.#nodes.keys()].join(", ")}.`,
    });
  }
}
