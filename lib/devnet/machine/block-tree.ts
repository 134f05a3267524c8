import type { Block, ConsensusParams, Genesis, HeaderId } from "../../chain/types.ts";
import { must } from "../../core/errors.ts";
import type { ChainState } from "./chain-state.ts";

/** A block in its place. */
export interface TreeNode {
  readonly id: HeaderId;
  readonly parent: HeaderId | null;
  readonly height: number;
  readonly slot: number;
  /** Null for genesis. */
  readonly block: Block | null;
  readonly children: TreeNode[];
  /** Null below the LIB, where nothing builds any more. */
  state: ChainState | null;
}

/** How the canonical chain moved. */
export interface HeadMove {
  /** Blocks that left it, newest first. */
  readonly removed: readonly TreeNode[];
  /** Blocks that joined it, oldest first. */
  readonly added: readonly TreeNode[];
  /** Blocks that became final, oldest first. */
  readonly finalised: readonly TreeNode[];
}

/**
 * All blocks with a known chain to genesis, the canonical tip among them, and the last irreversible block (LIB): the
 * tip's k-th ancestor, which never goes back. Forks from below the LIB are cut off and only stored.
 */
export class BlockTree {
  readonly #params: Pick<ConsensusParams, "k" | "tieBreak">;
  /** Final blocks and the live tree above them. */
  readonly #nodes = new Map<HeaderId, TreeNode>();
  /** Blocks of forks that finality cut off. */
  readonly #stored = new Map<HeaderId, Block>();
  /** Final ids by height. */
  readonly #final: HeaderId[] = [];
  #tip: TreeNode;
  #lib: TreeNode;

  constructor(genesis: Genesis, state: ChainState, params: Pick<ConsensusParams, "k" | "tieBreak">) {
    this.#params = params;
    const root: TreeNode = { id: genesis.id, parent: null, height: 0, slot: 0, block: null, children: [], state };
    this.#nodes.set(root.id, root);
    this.#final.push(root.id);
    this.#tip = root;
    this.#lib = root;
  }

  get tip(): TreeNode {
    return this.#tip;
  }

  get lib(): TreeNode {
    return this.#lib;
  }

  /** A block of the tree: final or live. */
  get(id: HeaderId): TreeNode | undefined {
    return this.#nodes.get(id);
  }

  /** Whether the block is in the tree or stored. */
  has(id: HeaderId): boolean {
    return this.#nodes.has(id) || this.#stored.has(id);
  }

  /** A block of whatever fork; null for unknown ones and genesis. */
  block(id: HeaderId): Block | null {
    return this.#nodes.get(id)?.block ?? this.#stored.get(id) ?? null;
  }

  /** Whether blocks may still build on this one. */
  isLive(id: HeaderId): boolean {
    return this.#nodes.get(id)?.state != null;
  }

  /** The final block at a height, if it is final. */
  finalAt(height: number): HeaderId | undefined {
    return this.#final[height];
  }

  /** The state of a live block. */
  stateOf(node: TreeNode): ChainState {
    return must(node.state, `the state of block ${node.id}, which is live,`);
  }

  parentOf(node: TreeNode): TreeNode {
    return must(this.#nodes.get(node.parent ?? ""), `the parent of block ${node.id}`);
  }

  /** Live blocks that nothing builds on. */
  branchTips(): HeaderId[] {
    const tips: HeaderId[] = [];
    const open = [this.#lib];
    for (let node = open.pop(); node; node = open.pop()) {
      if (node.children.length === 0) tips.push(node.id);
      open.push(...node.children);
    }
    return tips;
  }

  /** Adds a block on a live parent. The tip stays until {@link consider}. */
  add(block: Block, state: ChainState): TreeNode {
    const parent = must(this.#nodes.get(block.header.parent), `the parent of block ${block.id}`);
    const { parent: parentId, slot } = block.header;
    const node: TreeNode = {
      id: block.id,
      parent: parentId,
      height: parent.height + 1,
      slot,
      block,
      children: [],
      state,
    };
    parent.children.push(node);
    this.#nodes.set(node.id, node);
    return node;
  }

  /** Keeps a block that no longer has a place in the tree. */
  store(block: Block): void {
    this.#stored.set(block.id, block);
  }

  /** Makes `node` the tip if the fork choice prefers its chain; null if not. */
  consider(node: TreeNode): HeadMove | null {
    return this.#prefers(node) ? this.moveTo(node) : null;
  }

  #prefers(node: TreeNode): boolean {
    const tip = this.#tip;
    if (node.height !== tip.height) return node.height > tip.height;
    return this.#params.tieBreak === "smaller-id" && node.id < tip.id;
  }

  /** Makes a live block the tip, and final what lies k below it. */
  moveTo(node: TreeNode): HeadMove {
    const removed: TreeNode[] = [];
    const added: TreeNode[] = [];
    let left = this.#tip;
    let joined = node;
    while (left !== joined) {
      if (left.height >= joined.height) {
        removed.push(left);
        left = this.parentOf(left);
      } else {
        added.push(joined);
        joined = this.parentOf(joined);
      }
    }
    this.#tip = node;
    return { removed, added: added.reverse(), finalised: this.finalise(node.height - this.#params.k) };
  }

  /** Makes the tip's ancestor at `height` the LIB, unless the LIB is there already; returns the blocks that became final. */
  finalise(height: number): TreeNode[] {
    const path: TreeNode[] = [];
    let node = this.#tip;
    while (node.height > this.#lib.height) {
      if (node.height <= height) path.push(node);
      node = this.parentOf(node);
    }
    for (const next of path.reverse()) {
      for (const sibling of this.#lib.children) if (sibling !== next) this.#cutOff(sibling);
      this.#lib.children.splice(0, this.#lib.children.length, next);
      this.#lib.state = null;
      this.#lib = next;
      this.#final.push(next.id);
    }
    return path;
  }

  #cutOff(root: TreeNode): void {
    const open = [root];
    for (let node = open.pop(); node; node = open.pop()) {
      this.#nodes.delete(node.id);
      node.state = null;
      if (node.block) this.#stored.set(node.id, node.block);
      open.push(...node.children);
    }
  }

  /** Whether `ancestor` is on the way from genesis to `node`, or is `node`. Both are of the tree. */
  isAncestor(ancestor: TreeNode, node: TreeNode): boolean {
    return this.#ancestorAt(node, ancestor.height) === ancestor.id;
  }

  /** Id of the ancestor at `height`; undefined above `node`. */
  #ancestorAt(node: TreeNode, height: number): HeaderId | undefined {
    if (height > node.height) return undefined;
    if (height < this.#final.length) return this.#final[height];
    let at = node;
    while (at.height > height) at = this.parentOf(at);
    return at.id;
  }

  /** Up to `limit` nodes that follow `ancestor` on the way to `node`, oldest first. */
  pathFrom(ancestor: TreeNode, node: TreeNode, limit: number): TreeNode[] {
    const end = Math.min(node.height, ancestor.height + limit);
    const live: TreeNode[] = [];
    const lowestLive = Math.max(ancestor.height + 1, this.#final.length);
    for (let at = node; at.height >= lowestLive; at = this.parentOf(at)) if (at.height <= end) live.push(at);
    const path: TreeNode[] = [];
    for (let height = ancestor.height + 1; height <= end && height < this.#final.length; height++) {
      path.push(must(this.#nodes.get(this.#final[height] as HeaderId), `the final block at height ${height}`));
    }
    return [...path, ...live.reverse()];
  }
}
