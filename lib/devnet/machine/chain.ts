import type { Block } from "../../chain/types.ts";
import type { BlockTree, HeadMove, TreeNode } from "./block-tree.ts";
import type { ChainState } from "./chain-state.ts";
import type { Mempool } from "./mempool.ts";
import type { Outbox } from "./outbox.ts";

const LOG = "cryptarchia::service";

/** Adds blocks to the tree and lets everything that hangs on the canonical chain follow it. */
export class Chain {
  readonly tree: BlockTree;
  readonly #mempool: Mempool;
  readonly #outbox: Outbox;
  /** Blocks added since the start, their transactions, and reorganisations. */
  added = 0;
  addedTxs = 0;
  reorgs = 0;

  constructor(tree: BlockTree, mempool: Mempool, outbox: Outbox) {
    this.tree = tree;
    this.#mempool = mempool;
    this.#outbox = outbox;
  }

  /** Adds a valid block on a live parent, on disk first, and moves the tip if the fork choice says so. */
  add(block: Block, state: ChainState): TreeNode {
    const node = this.tree.add(block, state);
    this.added++;
    this.addedTxs += block.txs.length;
    this.#outbox.persist({ type: "block", block, height: node.height });
    this.consider(node);
    return node;
  }

  /** Moves the tip to `node` if the fork choice prefers it. */
  consider(node: TreeNode): void {
    const move = this.tree.consider(node);
    if (!move) return;
    const { tip, lib } = this.tree;
    this.#outbox.persist({ type: "tip", tip: tip.id, lib: lib.id });
    this.#mempool.follow(move, this.tree.stateOf(tip), this.tree.stateOf(lib));
    this.#report(move);
  }

  #report({ removed, added, finalised }: HeadMove): void {
    const { tip } = this.tree;
    if (removed.length > 0) {
      this.reorgs++;
      const text = `chain reorganised to block 0x${tip.id} at height ${tip.height}: ${removed.length} blocks removed, ${added.length} added`;
      this.#outbox.log("INFO", LOG, text);
    }
    for (const node of finalised) {
      this.#outbox.log("INFO", LOG, `block 0x${node.id} at height ${node.height} is final`);
    }
  }
}
