import type { Block, HeaderId } from "../../chain/types.ts";
import type { BlockTree, TreeNode } from "./block-tree.ts";
import type { Gossip } from "./gossip.ts";
import type { Outbox } from "./outbox.ts";
import type { Message } from "./types.ts";

/** Most blocks in one reply, and most transactions before no further block is added. */
const BATCH_BLOCKS = 64;
const BATCH_TXS = 4_096;
/**
 * Time within which a reply is expected before another neighbour is asked: a part of a slot, so that where half of all
 * messages are lost a fork is heard of long before it is final, and in ms what a busy machine may take at least.
 */
const DEADLINE = { slots: 1 / 4, leastMs: 250 } as const;
/** Requests in a row that brought nothing new, after which the block is given up until somebody names it again. */
const MAX_FRUITLESS = 8;

/** A block that is being fetched, with all before it. */
interface Want {
  readonly id: HeaderId;
  /** Who named it, asked first. */
  readonly source: string;
  asked: string;
  /** The last block of the last reply that brought something new. */
  resume: HeaderId | undefined;
  fruitless: number;
  deadline: number;
}

/**
 * Fetches blocks that others have, in batches, from one neighbour after the other: at a time one chain for each node that
 * named one, so that who names what nobody has keeps nobody else's waiting.
 */
export class Sync {
  readonly #tree: BlockTree;
  readonly #gossip: Gossip;
  readonly #outbox: Outbox;
  readonly #slotMs: number;
  readonly #isThere: (id: HeaderId) => boolean;
  /** What is being fetched, by who named it. */
  readonly #active = new Map<string, Want>();
  /** What they named last meanwhile. */
  readonly #next = new Map<string, HeaderId>();

  /** @param isThere whether a block has arrived, whatever it waits for */
  constructor(tree: BlockTree, gossip: Gossip, outbox: Outbox, slotMs: number, isThere: (id: HeaderId) => boolean) {
    this.#tree = tree;
    this.#gossip = gossip;
    this.#outbox = outbox;
    this.#slotMs = slotMs;
    this.#isThere = isThere;
  }

  /** Whether blocks are being fetched. */
  get busy(): boolean {
    return this.#active.size > 0;
  }

  /** When {@link expire} must be called at the latest. */
  get deadline(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.#active.values()) least = Math.min(least, deadline);
    return least;
  }

  /** Fetches `id` and what leads to it, first from `source`. */
  want(id: HeaderId, source: string, now: number): void {
    if (this.#isThere(id)) return;
    for (const want of this.#active.values()) if (want.id === id) return;
    if (this.#active.has(source)) this.#next.set(source, id);
    else this.#ask({ id, source, asked: source, resume: undefined, fruitless: 0, deadline: 0 }, now);
  }

  /** Sends the request to `want.asked`, or to the next neighbour if that one is gone. */
  #ask(want: Want, now: number): void {
    if (!this.#gossip.isConnected(want.asked)) {
      const other = this.#nextPeer(want.asked);
      if (other === undefined) {
        this.#active.delete(want.source);
        this.#next.delete(want.source);
        return;
      }
      want.asked = other;
    }
    want.deadline = now + Math.max(DEADLINE.slots * this.#slotMs, DEADLINE.leastMs);
    this.#active.set(want.source, want);
    const have = want.resume === undefined ? locator(this.#tree) : [want.resume, ...locator(this.#tree)];
    this.#outbox.send(want.asked, { type: "sync-request", want: want.id, have });
  }

  /** The neighbour that is asked after `peer`. */
  #nextPeer(peer: string): string | undefined {
    const peers = this.#gossip.peers();
    return peers[(peers.indexOf(peer) + 1) % peers.length];
  }

  /**
   * Goes on after the blocks of a reply were taken in: with the next batch, another neighbour, or what was named since.
   * @param progress whether it brought a block that was not there
   */
  replied(from: string, reply: Extract<Message, { type: "sync-reply" }>, progress: boolean, now: number): void {
    for (const want of [...this.#active.values()]) {
      if (want.id !== reply.want) continue;
      if (this.#isThere(want.id)) {
        this.#finish(want, now);
        continue;
      }
      if (progress) {
        want.resume = reply.blocks.at(-1)?.id;
        want.fruitless = 0;
      }
      // A reply that is late helps, but another was asked meanwhile.
      if (want.asked !== from) continue;
      if (reply.more && progress) this.#ask(want, now);
      else this.#askAnother(want, now);
    }
  }

  #askAnother(want: Want, now: number): void {
    want.fruitless++;
    want.asked = this.#nextPeer(want.asked) ?? want.asked;
    if (want.fruitless >= MAX_FRUITLESS) this.#finish(want, now);
    else this.#ask(want, now);
  }

  /** Ends a want, and goes on with what its source named last. */
  #finish(want: Want, now: number): void {
    const { source } = want;
    this.#active.delete(source);
    const next = this.#next.get(source);
    this.#next.delete(source);
    if (next !== undefined) this.want(next, source, now);
  }

  /** Turns to other neighbours where a reply is overdue. */
  expire(now: number): void {
    if (now < this.deadline) return;
    for (const want of [...this.#active.values()]) {
      if (now < want.deadline) continue;
      if (this.#isThere(want.id)) this.#finish(want, now);
      else this.#askAnother(want, now);
    }
  }

  /** Turns to other neighbours where the one that was asked is gone. */
  disconnected(peer: string, now: number): void {
    for (const want of [...this.#active.values()]) if (want.asked === peer) this.#askAnother(want, now);
  }
}

/** Ids from the tip back with growing steps, then genesis: enough for anyone to find the last block in common. */
function locator(tree: BlockTree): HeaderId[] {
  const ids: HeaderId[] = [];
  let node: TreeNode = tree.tip;
  for (let step = 1; node.height > tree.lib.height; step *= 2) {
    ids.push(node.id);
    for (let i = 0; i < step && node.height > tree.lib.height; i++) node = tree.parentOf(node);
  }
  let height = tree.lib.height;
  for (let step = 1; height > 0; step *= 2) {
    ids.push(tree.finalAt(height) as HeaderId);
    height -= step;
  }
  return [...ids, tree.finalAt(0) as HeaderId];
}

/** The answer to a sync-request: the blocks after the first of `have` that leads to `want`; none if `want` is unknown. */
export function answerSync(
  tree: BlockTree,
  request: Extract<Message, { type: "sync-request" }>,
): Extract<Message, { type: "sync-reply" }> {
  const { want, have } = request;
  const target = tree.get(want);
  const known = have.map((id) => tree.get(id));
  const start = target && known.find((node) => node !== undefined && tree.isAncestor(node, target));
  if (!start) return { type: "sync-reply", want, blocks: [], more: false };
  const blocks: Block[] = [];
  let txs = 0;
  for (const { block } of tree.pathFrom(start, target, BATCH_BLOCKS)) {
    if (!block || txs >= BATCH_TXS) break;
    blocks.push(block);
    txs += block.txs.length;
  }
  return { type: "sync-reply", want, blocks, more: start.height + blocks.length < target.height };
}
