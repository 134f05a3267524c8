import { concatBytes } from "../core/bytes.ts";
import { blake2b256 } from "./blake2b.ts";

/**
 * Binary Merkle trees as block roots use them: `leaf(x) = BLAKE2b-256(x)`, `node(l, r) = BLAKE2b-256(l r)`, padded to a
 * power of two with `leaf(32 zero bytes)`. Leaves must be of
 * one length that is not 64, or begin with a domain, so that none can pose as a node.
 */

const PADDING = blake2b256(new Uint8Array(32));

/** The tree's rows from leaves to root; a tree without items has the padding as its only leaf. */
function rows(items: readonly Uint8Array[]): Uint8Array[][] {
  let row = items.map(blake2b256);
  while (row.length < 1 << depthOf(items.length)) row.push(PADDING);
  const all = [row];
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) {
      above.push(blake2b256(concatBytes(row[i] as Uint8Array, row[i + 1] as Uint8Array)));
    }
    row = above;
    all.push(row);
  }
  return all;
}

/** Number of nodes on a path from a leaf to the root of a tree with `count` items. */
export function depthOf(count: number): number {
  return count <= 1 ? 0 : Math.ceil(Math.log2(count));
}

/** The root over `items`. */
export function merkleRoot(items: readonly Uint8Array[]): Uint8Array {
  return rows(items).at(-1)?.[0] as Uint8Array;
}

/** The root over `items`, and for each item its path: the siblings from the leaf's up to the root's child. */
export function merklePaths(items: readonly Uint8Array[]): { root: Uint8Array; paths: Uint8Array[][] } {
  const all = rows(items);
  const paths = items.map((_, index) => all.slice(0, -1).map((row, level) => row[(index >> level) ^ 1] as Uint8Array));
  return { root: all.at(-1)?.[0] as Uint8Array, paths };
}

/** The root that `item` at `index` has under `path`. */
export function rootFromPath(item: Uint8Array, index: number, path: readonly Uint8Array[]): Uint8Array {
  let node = blake2b256(item);
  path.forEach((sibling, level) => {
    node = blake2b256((index >> level) & 1 ? concatBytes(sibling, node) : concatBytes(node, sibling));
  });
  return node;
}
