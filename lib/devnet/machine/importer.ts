import type { BlobId, Block, HeaderId } from "../../chain/types.ts";
import type { TreeNode } from "./block-tree.ts";
import { BoundedMap } from "./bounded.ts";
import type { Chain } from "./chain.ts";
import type { Gossip } from "./gossip.ts";
import type { Mempool } from "./mempool.ts";
import { type Arrival, Orphans } from "./orphans.ts";
import type { Outbox } from "./outbox.ts";
import type { Sampler } from "./sampler.ts";
import type { Verifier } from "./verifier.ts";

/** Slots that a block may be ahead of this node's clock; it is kept until its slot comes. */
const SLOT_ALLOWANCE = 2;
const MAX_EARLY = 64;
const MAX_HELD = 256;
/** How many blocks are remembered that can never be part of the chain, whatever proofs come with them. */
const MAX_RULED_OUT = 4_096;
/** How many leaders of recent slots are remembered, to notice who leads a slot twice. */
const MAX_LEADERS = 64;
const LOG = "cryptarchia::service";

export interface ImporterParts {
  readonly chain: Chain;
  readonly verifier: Verifier;
  readonly mempool: Mempool;
  readonly sampler: Sampler;
  readonly gossip: Gossip;
  readonly outbox: Outbox;
  /** Security parameter k. */
  readonly k: number;
  /** Fetches a block that is missing, first from the node that sent a descendant. */
  readonly fetch: (id: HeaderId, from: string) => void;
}

/** A block that waits for its blobs. */
interface Held extends Arrival {
  readonly blobs: ReadonlySet<BlobId>;
}

/** Takes in blocks from others: checks them, keeps those that have to wait, and adds the rest to the chain. */
export class Importer {
  readonly #parts: ImporterParts;
  readonly #orphans = new Orphans();
  /** Blocks whose slot has not come. */
  readonly #early = new BoundedMap<HeaderId, Arrival>(MAX_EARLY);
  /** Blocks whose blobs are being sampled. */
  readonly #held = new BoundedMap<HeaderId, Held>(MAX_HELD);
  readonly #ruledOut = new BoundedMap<HeaderId, true>(MAX_RULED_OUT);
  readonly #leaders = new BoundedMap<string, HeaderId>(MAX_LEADERS);
  #slot = 0;
  refused = 0;

  constructor(parts: ImporterParts) {
    this.#parts = parts;
  }

  get orphanCount(): number {
    return this.#orphans.size;
  }

  /** Whether the block has arrived, whatever it waits for. */
  isThere(id: HeaderId): boolean {
    return (
      this.#parts.chain.tree.has(id) ||
      this.#orphans.has(id) ||
      this.#held.has(id) ||
      this.#early.has(id) ||
      this.#ruledOut.has(id)
    );
  }

  /** Whether a held block refers to the blob. */
  awaits(blob: BlobId): boolean {
    for (const { blobs } of this.#held.values()) if (blobs.has(blob)) return true;
    return false;
  }

  /** Lets in the blocks that waited for this slot, and those held for samples that have been buried meanwhile. */
  enterSlot(slot: number): void {
    this.#slot = slot;
    const waiting = [...this.#early.entries()];
    for (const [id, early] of waiting) {
      if (early.block.header.slot > slot) continue;
      this.#early.delete(id);
      this.offer(early);
    }
    this.retryHeld();
  }

  /** Tries the blocks again that are held until their blobs are sampled. */
  retryHeld(): void {
    const waiting = [...this.#held.entries()];
    for (const [id, held] of waiting) {
      if (!this.#held.has(id) || !this.#mayPass(held)) continue;
      this.#held.delete(id);
      this.offer({ ...held, relay: false });
    }
  }

  /** Whether a held block need not wait any more: for samples, or at all, because its parent is not live any more. */
  #mayPass(held: Arrival): boolean {
    const { tree } = this.#parts.chain;
    const parent = tree.get(held.block.header.parent);
    return !parent || !tree.isLive(parent.id) || this.#isAvailable(held.block);
  }

  /** Takes a block in, then those that waited for it. */
  offer(offered: Arrival): void {
    const open = [offered];
    for (let next = open.shift(); next; next = open.shift()) {
      if (this.#take(next)) open.push(...this.#orphans.takeChildren(next.block.id));
    }
  }

  /** Whether the fate of the block is settled, so that those that wait for it can be looked at. */
  #take(offered: Arrival): boolean {
    const { block, from } = offered;
    const { tree } = this.#parts.chain;
    const { parent: parentId, slot } = block.header;
    if (this.isThere(block.id)) return false;
    if (slot > this.#slot + SLOT_ALLOWANCE) return this.#refuse(offered, `its slot ${slot} is in the future`);
    const check = this.#parts.verifier.block(block, (signed) => this.#parts.mempool.holds(signed));
    if (!check.ok) return this.#refuse(offered, check.reason);
    if (slot > this.#slot) {
      this.#early.set(block.id, { ...offered, waited: true });
      return false;
    }
    if (this.#ruledOut.has(parentId)) {
      return this.#ruleOut(offered, `builds on block 0x${parentId}, which is not part of the chain`);
    }
    if (tree.has(parentId) && !tree.isLive(parentId)) {
      const { lib } = tree;
      const text = `is on a chain that forked before the last final block 0x${lib.id} at height ${lib.height}`;
      return this.#ruleOut(offered, text);
    }
    const parent = tree.get(parentId);
    if (!parent) {
      this.#orphans.add({ ...offered, waited: true });
      const missing = this.#orphans.missingBelow(block.id);
      if (!this.isThere(missing)) this.#parts.fetch(missing, from);
      return false;
    }
    return this.#takeOn(parent, offered);
  }

  /** Goes on with a verified block whose parent is live. */
  #takeOn(parent: TreeNode, offered: Arrival): boolean {
    const { chain, gossip, outbox, verifier, sampler } = this.#parts;
    const { block, from } = offered;
    if (block.header.slot <= parent.slot) return this.#refuseForGood(offered, `its slot is not after its parent's`);
    const state = verifier.apply(chain.tree.stateOf(parent), block);
    if ("reason" in state) {
      if (!state.byProofs) return this.#refuseForGood(offered, state.reason);
      // An id does not cover proofs: the same block with good ones may have come while this one waited.
      if (offered.waited) this.#parts.fetch(block.id, gossip.peers().find((peer) => peer !== from) ?? from);
      return this.#refuse(offered, state.reason);
    }
    // Only what will be remembered is passed on: what is refused would go round among the neighbours without end.
    if (offered.relay) gossip.flood({ type: "block", block }, from);
    if (!this.#isAvailable(block)) {
      for (const blob of blobsOf(verifier, block)) sampler.request(blob);
      if (!this.#isAvailable(block)) {
        this.#held.set(block.id, { ...offered, blobs: new Set(blobsOf(verifier, block)) });
        return false;
      }
    }
    this.#noteLeader(block);
    const node = chain.add(block, state);
    outbox.log("INFO", LOG, `imported block with id 0x${block.id} at height ${node.height} from ${from}`);
    return true;
  }

  /** Whether the block's blobs are sampled, or it lies deeper than k under blocks that have come. */
  #isAvailable(block: Block): boolean {
    const { verifier, sampler, k } = this.#parts;
    if (blobsOf(verifier, block).every((blob) => sampler.isSampled(blob))) return true;
    return this.#orphans.depthAbove(block.id) > k;
  }

  #refuse({ block, from }: Arrival, reason: string): false {
    this.refused++;
    this.#parts.outbox.log("WARN", LOG, `refused block 0x${block.id} from ${from}: ${reason}`);
    return false;
  }

  /** Refuses what its id covers, so that neither it nor what builds on it has to be looked at again. */
  #refuseForGood(offered: Arrival, reason: string): true {
    this.#ruledOut.set(offered.block.id, true);
    this.#refuse(offered, reason);
    return true;
  }

  #ruleOut({ block, from }: Arrival, why: string): true {
    this.#ruledOut.set(block.id, true);
    this.#parts.outbox.log("WARN", LOG, `block 0x${block.id} from ${from} ${why}`);
    return true;
  }

  /** Says so when a leader has two blocks in one slot. Both are valid; the fork choice decides. */
  #noteLeader(block: Block): void {
    const { slot, leadership } = block.header;
    const key = `${slot}/${leadership.leaderKey}`;
    const other = this.#leaders.get(key);
    if (other !== undefined && other !== block.id) {
      const text = `leader ${leadership.leaderKey} has two blocks in slot ${slot}: 0x${other} and 0x${block.id}`;
      this.#parts.outbox.log("WARN", LOG, text);
    }
    this.#leaders.set(key, block.id);
  }
}

function blobsOf(verifier: Verifier, block: Block): BlobId[] {
  return block.txs.flatMap((signed) => verifier.facts(signed).blobs);
}
