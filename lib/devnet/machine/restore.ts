import type { Block, HeaderId } from "../../chain/types.ts";
import { CodedError } from "../../core/errors.ts";
import type { BlockTree } from "./block-tree.ts";
import type { Snapshot } from "./types.ts";
import type { Verifier } from "./verifier.ts";

/**
 * Rebuilds the tree from what was on disk, whatever record the disk ended with. Blocks were verified before they were
 * written, so only their transactions are applied again. The LIB comes back first, so that it can't go back.
 * @throws CodedError NR-NODE-STORE when blocks are missing or don't apply: the disk is not one that this node wrote.
 */
export function restoreTree(tree: BlockTree, verifier: Verifier, snapshot: Snapshot): void {
  const blocks = new Map(snapshot.blocks.map((block) => [block.id, block]));
  const final = pathTo(snapshot.lib, tree.lib.id, blocks);
  for (const block of final) {
    add(tree, verifier, block);
    blocks.delete(block.id);
  }
  const lib = final.at(-1);
  if (lib) {
    const node = tree.get(lib.id);
    if (node) tree.moveTo(node);
    tree.finalise(final.length);
  }
  for (const block of blocks.values()) {
    if (tree.isLive(block.header.parent)) add(tree, verifier, block);
    else tree.store(block);
  }
  const tip = snapshot.tip === null ? undefined : tree.get(snapshot.tip);
  if (tip && tree.isLive(tip.id)) tree.moveTo(tip);
  for (const id of blocks.keys()) {
    const node = tree.get(id);
    if (node && tree.isLive(id)) tree.consider(node);
  }
}

/** The blocks after `root` up to `target`, oldest first. */
function pathTo(target: HeaderId | null, root: HeaderId, blocks: ReadonlyMap<HeaderId, Block>): Block[] {
  const path: Block[] = [];
  for (let id = target ?? root; id !== root; ) {
    const block = blocks.get(id);
    if (!block) throw damaged(`block ${id} is missing on the way to the last final block`);
    path.push(block);
    id = block.header.parent;
  }
  return path.reverse();
}

function add(tree: BlockTree, verifier: Verifier, block: Block): void {
  const parent = tree.get(block.header.parent);
  if (!parent) throw damaged(`the parent of block ${block.id} is missing`);
  const state = verifier.apply(tree.stateOf(parent), block);
  if ("reason" in state) throw damaged(`block ${block.id} does not apply: ${state.reason}`);
  tree.add(block, state);
}

function damaged(what: string): CodedError {
  return new CodedError("NR-NODE-STORE", `the node's stored state is damaged: ${what}`, {
    hint: "Delete the node's state; it fetches the chain again from its neighbours.",
  });
}
