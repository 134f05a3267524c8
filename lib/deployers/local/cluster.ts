import { CodedError } from "../../core/errors.ts";
import { logLines } from "../../host/log-lines.ts";
import { processUsage } from "../../host/process-usage.ts";
import { processesOf } from "../../host/processes.ts";
import type { Binding, BoundNode } from "../../model/binding.ts";
import type {
  Cluster,
  LinkCondition,
  Node,
  NodeControl,
  NodeEnd,
  ProcessObservation,
  ProcessUsage,
} from "../../model/cluster.ts";
import { conditionsOf } from "../../model/conditions.ts";
import type { DeployContext } from "../../model/deployer.ts";
import type { Transport } from "../../model/transport.ts";
import { boundNode, type DeliveredNode, nodeLog } from "./deploy.ts";
import { NodeProcess } from "./node-process.ts";

/** The nodes of a run as processes of this machine. */
export class LocalCluster implements Cluster {
  readonly control: NodeControl;
  readonly #runId: string;
  readonly #folder: string;
  readonly #nodes: ReadonlyMap<string, NodeProcess>;
  readonly #listeners = new Set<(end: NodeEnd) => void>();
  readonly #clockOffsets = new Map<string, number>();
  #links: readonly LinkCondition[] = [];

  constructor(
    context: DeployContext,
    binding: Binding,
    delivered: readonly DeliveredNode[],
    openTransport: (node: BoundNode) => Transport,
  ) {
    const { spawner, inventory, events, clock, nodeKind } = context;
    this.#runId = context.runId;
    this.#folder = context.folder;
    this.#nodes = new Map(
      delivered.map((files) => {
        const { planned } = files;
        const bound = boundNode(binding, planned.name);
        const node = new NodeProcess({
          files,
          bound,
          spawner,
          inventory,
          events,
          clock,
          conditions: () => conditionsOf(planned.name, this.#links, this.#clockOffsets.get(planned.name) ?? 0),
          connect: () => nodeKind.connect(bound, openTransport(bound)),
          onEnd: (end) => {
            for (const listener of this.#listeners) listener(end);
          },
        });
        return [planned.name, node];
      }),
    );
    this.control = {
      restart: (name, signal) => this.#process(name).restart(signal),
      stop: (name, signal) => this.#process(name).stop(signal),
      start: (name, signal) => this.#process(name).start(signal),
      kill: (name, signal) => this.#process(name).kill(signal),
      pause: (name, signal) => this.#process(name).pause(signal),
      resume: (name, signal) => this.#process(name).resume(signal),
      wipe: (name, signal) => this.#process(name).wipe(signal),
      setLinks: (conditions, signal) => this.#setLinks(conditions, signal),
      setClockOffset: async (name, offsetMs, signal) => {
        const node = this.#process(name);
        this.#clockOffsets.set(name, offsetMs);
        await node.impose(signal);
      },
      release: async (signal) => {
        await Promise.all(this.processes().map((node) => node.resume(signal)));
        this.#clockOffsets.clear();
        await this.#setLinks([], signal);
      },
    };
  }

  /** The nodes' processes, validators first. */
  processes(): readonly NodeProcess[] {
    return [...this.#nodes.values()];
  }

  nodes(): readonly Node[] {
    return this.processes().map((node) => node.view());
  }

  node(name: string): Node {
    return this.#process(name).view();
  }

  running() {
    return this.nodes().filter((node) => node.state === "running");
  }

  onEnd(listener: (end: NodeEnd) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks for the node's process among all of the machine's by its marks, whatever this cluster's books say. */
  async observe(name: string): Promise<ProcessObservation> {
    this.#process(name);
    const found = processesOf(this.#runId).find((process) => process.role === "node" && process.node === name);
    if (!found) return { alive: false, paused: false, identity: null };
    return { alive: true, paused: found.paused, identity: `pid ${found.pid} @ ${found.startTicks}` };
  }

  async hasState(name: string): Promise<boolean> {
    return this.#process(name).hasState();
  }

  async usage(name: string): Promise<ProcessUsage | null> {
    const { pid } = this.#process(name);
    return pid === null ? null : processUsage(pid);
  }

  log(name: string): Iterable<string> {
    this.#process(name);
    return logLines(nodeLog(this.#folder, name));
  }

  async #setLinks(conditions: readonly LinkCondition[], signal?: AbortSignal): Promise<void> {
    for (const { from, to } of conditions) for (const name of [from, to]) this.#process(name);
    this.#links = conditions;
    await Promise.all(this.processes().map((node) => node.impose(signal)));
  }

  #process(name: string): NodeProcess {
    const node = this.#nodes.get(name);
    if (node) return node;
    throw new CodedError("NR-NODE-UNKNOWN", `there is no node ${JSON.stringify(name)} in this network`, {
      hint: `Its nodes are ${[...this.#nodes.keys()].join(", ")}.`,
    });
  }
}
