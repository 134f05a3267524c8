import type { EventData, EventType, RunEvent } from "../../lib/model/events.ts";
import type { Evidence } from "../../lib/model/expectation.ts";
import type { Plan, PlannedPiece } from "../../lib/model/plan.ts";

/** A resolved plan of so many equal nodes, with 2 s slots from 0 on the run's clock. */
export function planOf(
  nodes: { readonly validators: number; readonly executors: number },
  changes: Partial<Plan> = {},
): Plan {
  const names = [
    ...Array.from({ length: nodes.validators }, (_, i) => ({ name: `validator-${i}`, role: "validator" as const })),
    ...Array.from({ length: nodes.executors }, (_, i) => ({ name: `executor-${i}`, role: "executor" as const })),
  ];
  return {
    v: 1,
    name: "recorded",
    seed: "recorded",
    profile: "default",
    deployer: "local",
    nodeKind: "reference",
    durationMs: 90_000,
    timeScale: 1,
    consensus: { slotMs: 2_000, k: 10, f: 0.9, tieBreak: "smaller-id" },
    topology: {
      layout: "star",
      nodes: names.map(({ name, role }, index) => ({
        name,
        role,
        index,
        stake: 1_000,
        neighbours: names.flatMap((other, i) => (i !== index && (i === 0 || index === 0) ? [other.name] : [])),
      })),
    },
    wallets: { count: 0, totalFunds: 0 },
    da: null,
    workloads: [],
    expectations: [],
    ...changes,
  };
}

/** A piece with the options that its factory takes. */
export function pieceOf(kind: string, options: PlannedPiece["options"] = {}): PlannedPiece {
  return { kind, name: kind, options, custom: false };
}

/** Writes a recorded stream: numbers the events and gives each its time. */
export class Recording {
  readonly events: RunEvent[] = [];
  readonly plan: Plan;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  at<T extends EventType>(t: number, type: T, data: EventData<T>): this {
    this.events.push({ v: 1, seq: this.events.length, t, type, ...data } as unknown as RunEvent);
    return this;
  }

  /** Slot 0 is at 0, and every node was started and has answered. */
  boot(): this {
    const { slotMs } = this.plan.consensus;
    this.at(0, "chain.scheduled", { chainStart: 0, slotMs });
    for (const { name } of this.plan.topology.nodes) {
      this.at(0, "node.started", { node: name, start: 1, handle: `pid ${name}`, by: "run" });
      this.at(100, "node.answered", { node: name, start: 1 });
    }
    return this;
  }

  /**
   * A block that every node of `on` shows half a second into its slot, and makes final what is k below it. Ids are
   * `<branch><height>`.
   */
  block(
    height: number,
    options: {
      readonly slot?: number;
      readonly branch?: string;
      readonly parent?: string;
      readonly on?: readonly string[];
      readonly txs?: readonly string[];
      readonly leader?: string;
      readonly messages?: EventData<"block.seen">["messages"];
    } = {},
  ): this {
    const { slotMs, k } = this.plan.consensus;
    const { slot = height, branch = "b", txs = [], messages = [] } = options;
    const on = options.on ?? this.plan.topology.nodes.map(({ name }) => name);
    const parent = options.parent ?? `${branch}${height - 1}`;
    const t = slot * slotMs + 500;
    const node = on[0] ?? "nobody";
    this.at(t, "block.seen", {
      node,
      block: `${branch}${height}`,
      parent,
      height,
      slot,
      txs: [...txs],
      messages,
      ...(options.leader === undefined ? {} : { leader: options.leader }),
    });
    const final = Math.max(0, height - k);
    for (const name of on) {
      this.at(t, "chain.view", {
        node: name,
        tip: `${branch}${height}`,
        height,
        slot,
        lib: final === 0 ? "genesis" : `${branch}${final}`,
        libHeight: final,
      });
    }
    return this;
  }

  opened(slot: number, height: number): this {
    return this.at(slot * this.plan.consensus.slotMs - 1, "window.opened", { slot, height });
  }

  closed(slot: number, height: number): this {
    return this.at((slot + 2) * this.plan.consensus.slotMs - 1, "window.closed", { slot, height });
  }

  /** The evidence of a chain whose slots are occupied as the embedded node's are. */
  evidence(): Evidence {
    const { f } = this.plan.consensus;
    return {
      plan: this.plan,
      events: this.events,
      judgementOf: () => undefined,
      occupancy: (alive, total) => 1 - (1 - f) ** (alive.reduce((sum, stake) => sum + stake, 0) / total),
    };
  }
}
