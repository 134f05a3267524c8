import type { HeaderId, MessageId, TxHash } from "../../chain/types.ts";
import type { Clock } from "../../core/clock.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import type { Cluster, RunningNode } from "../../model/cluster.ts";
import type { EventSink } from "../../model/events.ts";
import type { BlockFeed, HeadChange, SeenBlock } from "../../model/feed.ts";
import { BlockTree } from "./block-tree.ts";
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
    await Promise.all(
      this.#options.cluster.nodes().map(async ({ planned }) => {
        while (!signal.aborted) {
          await this.#look(planned.name, signal);
          await this.#pause(signal);
        }
      }),
    );
  }

  /** Looks at every running node once more, so that the tree holds what their stores hold. */
  async catchUp(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#options.cluster.running().map(({ planned }) => this.#look(planned.name, signal)));
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
  async #pause(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.clock.sleep(this.#options.intervalMs, signal);
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
    await this.#learn(name, node, info.tip, signal);
    const tip = this.#tree.get(info.tip);
    if (tip?.height !== info.height) {
      throw new CodedError("NR-RUN-FEED", `calls its tip height ${info.height}, but its blocks make ${tip?.height}`);
    }
    this.#views.set(name, { node: name, start: node.start, tip: info.tip, height: info.height, lib: info.lib });
    const { tip: tipId, height, slot, lib } = info;
    const libHeight = this.#tree.get(lib)?.height ?? null;
    this.#options.events.emit("chain.view", { node: name, tip: tipId, height, slot, lib, libHeight });
    this.#chooseHead();
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
