import type { Clock } from "../../core/clock.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import { logLines } from "../../host/log-lines.ts";
import { processUsage } from "../../host/process-usage.ts";
import { processesOf } from "../../host/processes.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { Cluster, Node, NodeControl, NodeEnd, ProcessObservation, ProcessUsage } from "../../model/cluster.ts";
import type { EventSink } from "../../model/events.ts";
import type { NodeClient } from "../../model/node-client.ts";
import type { PlannedNode } from "../../model/plan.ts";
import { nodeLog } from "../managed/logs.ts";

/** The run that a network was deployed by, when it was one on this machine. */
export interface OwnRun {
  readonly runId: string;
  /** Absolute path of its folder. */
  readonly folder: string;
  /** Its nodes are processes of this machine, which are looked for; of others only their answers tell. */
  readonly hasProcesses: boolean;
}

/** How often each node is looked after. */
const LOOK_MS = 1_000;
const CALL_TIMEOUT_MS = 2_000;
/** A node that is no process of this machine and says nothing for so long counts as ended. */
const SILENT_MS = 10_000;

interface Attached {
  readonly planned: PlannedNode;
  readonly bound: BoundNode;
  readonly client: NodeClient;
  /** Looked up once: a look at all processes of the machine takes milliseconds, and views are asked for all the time. */
  readonly handle: string;
  /** Counts when it was seen to be there again. */
  start: number;
  gone: string | null;
  answeredAt: number;
}

/** Nodes that were there before the run: they can be asked, and nothing can be done to them. */
export class AttachedCluster implements Cluster {
  readonly control: NodeControl;
  readonly log?: (name: string) => Iterable<string>;
  readonly usage?: (name: string) => Promise<ProcessUsage | null>;
  readonly #nodes: ReadonlyMap<string, Attached>;
  readonly #listeners = new Set<(end: NodeEnd) => void>();
  readonly #clock: Clock;
  readonly #events: EventSink;
  readonly #own: OwnRun | null;

  constructor(options: {
    nodes: readonly { readonly planned: PlannedNode; readonly bound: BoundNode; readonly client: NodeClient }[];
    clock: Clock;
    events: EventSink;
    own: OwnRun | null;
  }) {
    const { clock, events, own } = options;
    this.#clock = clock;
    this.#events = events;
    this.#own = own;
    const answeredAt = clock.now();
    this.#nodes = new Map(
      options.nodes.map((node) => {
        const handle = this.#handle(node.bound);
        return [node.planned.name, { ...node, handle, start: 1, gone: null, answeredAt }];
      }),
    );
    for (const { planned, handle, start } of this.#nodes.values()) {
      events.emit("node.started", { node: planned.name, start, handle, by: "foreign" });
    }
    this.control = uncontrolled();
    if (!own) return;
    this.log = (name) => logLines(nodeLog(own.folder, this.#node(name).planned.name));
    if (!own.hasProcesses) return;
    this.usage = async (name) => {
      const pid = this.#process(this.#node(name).planned.name)?.pid;
      return pid === undefined ? null : processUsage(pid);
    };
  }

  nodes(): readonly Node[] {
    return [...this.#nodes.values()].map((node) => this.#view(node));
  }

  node(name: string): Node {
    return this.#view(this.#node(name));
  }

  running() {
    return this.nodes().filter((node) => node.state === "running");
  }

  onEnd(listener: (end: NodeEnd) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async observe(name: string): Promise<ProcessObservation> {
    const node = this.#node(name);
    const found = this.#process(name);
    if (!this.#own?.hasProcesses) return { alive: node.gone === null, paused: false, identity: null };
    if (!found) return { alive: false, paused: false, identity: null };
    return { alive: true, paused: found.paused, identity: `pid ${found.pid} @ ${found.startTicks}` };
  }

  /** Looks after every node until the signal aborts, and tells of ends and returns. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await Promise.all([...this.#nodes.values()].map((node) => this.#lookAfter(node, signal)));
      try {
        await this.#clock.sleep(LOOK_MS, signal);
      } catch (thrown) {
        if (!signal.aborted) throw thrown;
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map(({ client }) => client.close()));
  }

  async #lookAfter(node: Attached, signal: AbortSignal): Promise<void> {
    const { name } = node.planned;
    if (this.#own?.hasProcesses) {
      if (node.gone === null && !this.#process(name)) this.#end(node, "its process is gone, not by us");
      return;
    }
    try {
      await node.client.info({ signal, timeoutMs: CALL_TIMEOUT_MS });
    } catch (thrown) {
      if (signal.aborted || node.gone !== null) return;
      const silent = this.#clock.now() - node.answeredAt;
      if (silent >= SILENT_MS) this.#end(node, `no answer for ${Math.round(silent / 1_000)}s: ${errorText(thrown)}`);
      return;
    }
    node.answeredAt = this.#clock.now();
    if (node.gone === null) return;
    node.gone = null;
    node.start++;
    this.#events.emit("node.started", { node: name, start: node.start, handle: node.handle, by: "foreign" });
  }

  #end(node: Attached, why: string): void {
    node.gone = why;
    const end: NodeEnd = { node: node.planned.name, start: node.start, expected: false, why };
    this.#events.emit("node.ended", { ...end });
    for (const listener of this.#listeners) listener(end);
  }

  #view({ planned, bound, client, start, gone, handle }: Attached): Node {
    if (gone !== null) return { state: "stopped", planned, bound, why: gone };
    return { state: "running", planned, bound, client, start, handle };
  }

  #handle({ name, host, apiPort }: BoundNode): string {
    const found = this.#process(name);
    return found ? `pid ${found.pid}` : `http://${host}:${apiPort}`;
  }

  #process(name: string) {
    if (!this.#own?.hasProcesses) return undefined;
    return processesOf(this.#own.runId).find((process) => process.role === "node" && process.node === name);
  }

  #node(name: string): Attached {
    const node = this.#nodes.get(name);
    if (node) return node;
    throw new CodedError("NR-NODE-UNKNOWN", `there is no node ${JSON.stringify(name)} in this network`, {
      hint: `Its nodes are ${[...this.#nodes.keys()].join(", ")}.`,
    });
  }
}

/** Refuses every act; there is never anything to release. */
function uncontrolled(): NodeControl {
  const refuse = async (): Promise<never> => {
    throw new CodedError("NR-ATTACH-CONTROL", "nodes that a run is attached to can't be stopped, started or cut off", {
      hint: "Faults need a network of the run's own: nomos-run run.",
    });
  };
  return {
    restart: refuse,
    stop: refuse,
    start: refuse,
    kill: refuse,
    pause: refuse,
    resume: refuse,
    wipe: refuse,
    setLinks: refuse,
    setClockOffset: refuse,
    release: async () => undefined,
  };
}
