import type { HeaderId } from "../chain/types.ts";

/** What one node calls final, as far as it was seen: block ids by height. */
export interface FinalChain {
  readonly node: string;
  readonly blocks: ReadonlyMap<number, HeaderId>;
}

/** One of the blocks that are final at a height, and who says so. */
export interface FinalBlock {
  readonly id: HeaderId;
  readonly nodes: readonly string[];
}

/** Where finality broke: the lowest height at which nodes have different final blocks. */
export interface Divergence {
  readonly height: number;
  /** Two or more; the block with most nodes first, then by id. */
  readonly blocks: readonly FinalBlock[];
}

/**
 * The first height at which two nodes disagree about what is final, or null if none do. Heights that a node was not seen
 * to finalise say nothing about it.
 */
export function findDivergence(chains: readonly FinalChain[]): Divergence | null {
  let highest = -1;
  for (const { blocks } of chains) for (const height of blocks.keys()) highest = Math.max(highest, height);
  for (let height = 0; height <= highest; height++) {
    const holders = new Map<HeaderId, string[]>();
    for (const { node, blocks } of chains) {
      const id = blocks.get(height);
      if (id !== undefined) holders.set(id, [...(holders.get(id) ?? []), node]);
    }
    if (holders.size > 1) return { height, blocks: bySupport(holders) };
  }
  return null;
}

function bySupport(holders: ReadonlyMap<HeaderId, readonly string[]>): FinalBlock[] {
  return [...holders]
    .map(([id, nodes]) => ({ id, nodes }))
    .sort((a, b) => b.nodes.length - a.nodes.length || (a.id < b.id ? -1 : 1));
}
