import { balanceOf, totalValue } from "../../chain/ledger.ts";
import type { HeaderId, NotePublicKey, TxHash, TxStatus } from "../../chain/types.ts";
import type { BlockTree } from "./block-tree.ts";
import type { Mempool } from "./mempool.ts";

/** Most ids in one answer, as in the real node. */
const MAX_HEADERS = 512;

/** Ids from `from` back to `to` or the LIB, newest first. */
export function headersBetween(tree: BlockTree, from?: HeaderId, to?: HeaderId): readonly HeaderId[] {
  const ids: HeaderId[] = [];
  let node = from === undefined ? tree.tip : tree.get(from);
  while (node && tree.isLive(node.id) && ids.length < MAX_HEADERS) {
    ids.push(node.id);
    if (node.id === to || node === tree.lib) break;
    node = tree.parentOf(node);
  }
  return ids;
}

/** Where transactions stand on the chain of the tip and in the mempool. */
export function txStatusOf(tree: BlockTree, mempool: Mempool, hashes: readonly TxHash[]): readonly TxStatus[] {
  const { included } = tree.stateOf(tree.tip);
  return hashes.map((hash) => {
    const block = included.get(hash);
    if (block !== undefined) return { type: "in-block", block };
    return { type: mempool.has(hash) ? "pending" : "unknown" };
  });
}

/** What a key owns at a live block. */
export function balanceAt(tree: BlockTree, pk: NotePublicKey, id: HeaderId): bigint | null {
  const state = tree.get(id)?.state;
  return state ? balanceOf(state.ledger, pk) : null;
}

/** The value of all notes at a live block. */
export function totalValueAt(tree: BlockTree, id: HeaderId): bigint | null {
  const state = tree.get(id)?.state;
  return state ? totalValue(state.ledger) : null;
}
