import type { HeaderId, MessageId, TxHash } from "../../chain/types.ts";
import type { Clock } from "../../core/clock.ts";
import { CodedError, errorText, must } from "../../core/errors.ts";
import type { Cluster, RunningNode } from "../../model/cluster.ts";
import type { EventSink } from "../../model/events.ts";
import type { BlockFeed, HeadChange, SeenBlock } from "../../model/feed.ts";
import { BlockTree } from "./block-tree.ts";
import { contradictions } from "./contradictions.ts";
import { seenBlock, walkBack } from "./node-walk.ts";

interface View {
  readonly node: string;
  readonly start: number;
  readonly tip: HeaderId;
  readonly height: number;
  readonly lib: HeaderId;
}

export interface FeedOptions {
  readonly cluster: Cluster;
  /** What the tree of blocks grows from: genesis, or a final block of a network that was there before. */
  readonly root: SeenBlock;
  readonly clock: Clock;
  readonly events: EventSink;
  /** Names of nodes by the leader key of their headers; empty where headers don't show who led. */
  readonly leaders: ReadonlyMap<string, string>;
  /** Pause between two looks at one node. */
  readonly intervalMs: number;
}

/** How long one look at one node may take; a paused process accepts connections and says nothing. */
const LOOK_TIMEOUT_MS = 2_000;
/** Looks at one node's tip for each look at some node's branches: about a slot's worth. */
const BRANCH_LOOKS = 5;
/** Nodes that are asked for their branches when the window closes. */
const LAST_BRANCH_LOOKS = 5;

/**
 * Follows every node of the cluster by polling, each in a loop of its own, so that a silent node delays no other.
 * Blocks enter the tree once, from whichever node shows them first.
 */
export class ClusterFeed implements BlockFeed {
  readonly #options: FeedOptions;
  readonly #tree: BlockTree;
  readonly #views = new Map<string, View>();
  readonly #reachable = new Map<string, boolean>();
  readonly #answered = new Map<string, number>();
  readonly #listeners = new Set<(change: HeadChange) => void>();

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#tree = new BlockTree(options.root);
  }

  /** Follows all nodes until the signal aborts. Never rejects: what a node fails to answer is an event. */
  async follow(signal: AbortSignal): Promise<void> {
    const { cluster, intervalMs } = this.#options;
    const each = cluster.nodes().map(async ({ planned }) => {
      while (!signal.aborted) {
        await this.#look(planned.name, signal);
        await this.#pause(intervalMs, signal);
      }
    });
    await Promise.all([...each, this.#followBranches(signal)]);
  }

  /**
   * Asks one node after the other for the branches that it knows: of two blocks that compete within a slot, most looks
   * at tips see one only. A branch can be heard of for as long as finality takes, so that one node a turn will do.
   */
  async #followBranches(signal: AbortSignal): Promise<void> {
    for (let turn = 0; !signal.aborted; turn++) {
      const running = this.#options.cluster.running();
      const node = running[turn % Math.max(1, running.length)];
      if (node) await this.#learnBranches(node, signal);
      await this.#pause(BRANCH_LOOKS * this.#options.intervalMs, signal);
    }
  }

  async #learnBranches(node: RunningNode, signal: AbortSignal): Promise<void> {
    try {
      const tips = await node.client.branches?.({ signal, timeoutMs: LOOK_TIMEOUT_MS });
      for (const tip of tips ?? []) await this.#learn(node.planned.name, node, tip, signal);
    } catch (thrown) {
      // Silence is told by the looks at its tip; the next node knows of the same branches.
      if (thrown instanceof CodedError || signal.aborted) return;
      const text = `the branches of ${node.planned.name} were not followed: ${errorText(thrown)}`;
      this.#options.events.emit("warning", { text });
    }
  }

  /** Looks at every running node once more, so that the tree holds what their stores hold. */
  async catchUp(signal: AbortSignal): Promise<void> {
    const running = this.#options.cluster.running();
    await Promise.all(running.map(({ planned }) => this.#look(planned.name, signal)));
    for (const node of running.slice(0, LAST_BRANCH_LOOKS)) await this.#learnBranches(node, signal);
  }

  head(): SeenBlock {
    return this.#tree.head();
  }

  block(id: HeaderId): SeenBlock | undefined {
    return this.#tree.get(id);
  }

  isCanonical(id: HeaderId): boolean {
    return this.#tree.isCanonical(id);
  }

  txDepth(tx: TxHash): number | undefined {
    return this.#tree.txDepth(tx);
  }

  messageDepth(message: MessageId): number | undefined {
    return this.#tree.messageDepth(message);
  }

  views(): readonly View[] {
    return [...this.#views.values()];
  }

  subscribe(listener: (change: HeadChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends early, and without an error, when there is nothing more to follow. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.clock.sleep(ms, signal);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
  }

  async #look(name: string, signal: AbortSignal): Promise<void> {
    const node = this.#options.cluster.node(name);
    if (node.state === "stopped") {
      if (this.#views.delete(name)) this.#chooseHead();
      this.#reachable.delete(name);
      return;
    }
    try {
      await this.#read(node, signal);
      this.#setReachable(name, true, "answers");
    } catch (thrown) {
      const gone = this.#options.cluster.node(name).state === "stopped";
      if (!signal.aborted && !gone) this.#setReachable(name, false, errorText(thrown));
    }
  }

  async #read(node: RunningNode, signal: AbortSignal): Promise<void> {
    const name = node.planned.name;
    const info = await node.client.info({ signal, timeoutMs: LOOK_TIMEOUT_MS });
    if (this.#answered.get(name) !== node.start) {
      this.#answered.set(name, node.start);
      this.#options.events.emit("node.answered", { node: name, start: node.start });
    }
    const before = this.#views.get(name);
    if (before?.tip === info.tip && before.lib === info.lib && before.start === node.start) return;
    try {
      await this.#learn(name, node, info.tip, signal);
    } catch (thrown) {
      this.#noteGap(node, info.tip, thrown);
      throw thrown;
    }
    const { id: tipId, height, slot } = must(this.#tree.get(info.tip), `block ${info.tip}`);
    const { lib } = info;
    for (const { about, said, seen } of contradictions(info, this.#tree)) {
      this.#options.events.emit("node.contradiction", { node: name, about, tip: tipId, said, seen });
    }
    this.#views.set(name, { node: name, start: node.start, tip: tipId, height, lib });
    const libHeight = this.#tree.get(lib)?.height ?? null;
    this.#options.events.emit("chain.view", { node: name, tip: tipId, height, slot, lib, libHeight });
    this.#chooseHead();
  }

  /** A node that has not got a block of its own chain says so each time that it is looked at; the first counts. */
  #noteGap(node: RunningNode, tip: HeaderId, thrown: unknown): void {
    const name = node.planned.name;
    const now = this.#options.cluster.node(name);
    const same = now.state === "running" && now.start === node.start;
    if (!(thrown instanceof CodedError) || thrown.code !== "NR-RUN-FEED" || !same) return;
    if (this.#reachable.get(name) === false) return;
    const { events } = this.#options;
    events.emit("node.contradiction", { node: name, about: "block", tip, said: tip, seen: thrown.message });
  }

  async #learn(name: string, node: RunningNode, tip: HeaderId, signal: AbortSignal): Promise<void> {
    for (const block of await walkBack(node.client, tip, (id) => this.#tree.has(id), signal)) {
      const parent = this.#tree.get(block.header.parent);
      if (!parent) throw new CodedError("NR-RUN-FEED", `block ${block.id} has no known parent`);
      if (this.#tree.has(block.id)) continue;
      const seen = seenBlock(block, parent.height + 1);
      this.#tree.add(seen);
      const leader = this.#options.leaders.get(block.header.leadership.leaderKey);
      const { id, parent: parentId, height, slot, txs, messages } = seen;
      this.#options.events.emit("block.seen", {
        node: name,
        block: id,
        parent: parentId,
        height,
        slot,
        txs: [...txs],
        messages: [...messages],
        ...(leader === undefined ? {} : { leader }),
      });
    }
  }

  #chooseHead(): void {
    let best: View | undefined;
    for (const view of this.#views.values()) {
      if (!best || view.height > best.height || (view.height === best.height && view.tip < best.tip)) best = view;
    }
    const change = best && this.#tree.moveHead(best.tip);
    if (change) for (const listener of this.#listeners) listener(change);
  }

  #setReachable(name: string, reachable: boolean, why: string): void {
    const before = this.#reachable.get(name);
    this.#reachable.set(name, reachable);
    if (before === undefined ? reachable : before === reachable) return;
    this.#options.events.emit("node.reachable", { node: name, reachable, why });
  }
}

/**
 * Pause between two looks at one node: a fifth of a slot, between 25 and 400 ms, and longer where many nodes would
 * have the runner ask more often than 250 times a second.
 */
export function feedIntervalMs(slotMs: number, nodes: number): number {
  return Math.max(25, Math.min(400, slotMs / 5), nodes * 4);
}
