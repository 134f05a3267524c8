import type { Block, HeaderId } from "../../chain/types.ts";
import { BoundedMap } from "./bounded.ts";

/** Most blocks kept whose parent is not there; the oldest go first. */
const CAPACITY = 512;

/** A block from somebody else. */
export interface Arrival {
  readonly block: Block;
  /** Who sent it. */
  readonly from: string;
  /** Whether neighbours are told of it once it is found good: so for gossip, not for what was asked for. */
  readonly relay: boolean;
  /** Whether it waited, so that others under its id were turned away meanwhile. */
  readonly waited?: boolean;
}

/** Blocks whose parent is not in the tree yet. */
export class Orphans {
  readonly #blocks = new BoundedMap<HeaderId, Arrival>(CAPACITY);
  readonly #children = new Map<HeaderId, Set<HeaderId>>();

  get size(): number {
    return this.#blocks.size;
  }

  has(id: HeaderId): boolean {
    return this.#blocks.has(id);
  }

  add(arrival: Arrival): void {
    const { id, header } = arrival.block;
    const siblings = this.#children.get(header.parent);
    if (siblings) siblings.add(id);
    else this.#children.set(header.parent, new Set([id]));
    const pushedOut = this.#blocks.set(id, arrival);
    if (pushedOut) this.#unlink(pushedOut[1].block);
  }

  #unlink(block: Block): void {
    const siblings = this.#children.get(block.header.parent);
    siblings?.delete(block.id);
    if (siblings?.size === 0) this.#children.delete(block.header.parent);
  }

  /** The oldest ancestor's parent: the block that is missing below `id`, an orphan. */
  missingBelow(id: HeaderId): HeaderId {
    let missing = id;
    for (let orphan = this.#blocks.get(id); orphan; orphan = this.#blocks.get(missing)) {
      missing = orphan.block.header.parent;
    }
    return missing;
  }

  /** Takes out the blocks that wait for this parent. */
  takeChildren(parent: HeaderId): Arrival[] {
    const taken: Arrival[] = [];
    for (const id of this.#children.get(parent) ?? []) {
      const orphan = this.#blocks.get(id);
      if (orphan) taken.push(orphan);
      this.#blocks.delete(id);
    }
    this.#children.delete(parent);
    return taken;
  }

  /** Length of the longest chain of orphans on a block. */
  depthAbove(parent: HeaderId): number {
    let depth = 0;
    let row = [...(this.#children.get(parent) ?? [])];
    while (row.length > 0) {
      depth++;
      row = row.flatMap((id) => [...(this.#children.get(id) ?? [])]);
    }
    return depth;
  }
}
