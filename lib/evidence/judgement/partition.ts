import { binomialAtLeast } from "../../core/statistics/binomial.ts";
import { CountDistribution } from "../../core/statistics/count-distribution.ts";

/** A network that is cut into sides which can't hear each other. */
export interface Split {
  /** For each side, the probability that a slot extends its branch: occupancy by the side's stake alone. */
  readonly sides: readonly number[];
  /** Security parameter: blocks until finality. */
  readonly k: number;
}

/** Every side may have made one block on its own when the cut comes: the block of the slot in which it falls. */
const HEAD_START_BLOCKS = 1;
/** Sides go on alone after the cut is healed: one slot until they hear each other, one until blocks have caught up. */
const HEALING_SLOTS = 2;
/** Which partitions are safe enough to promise agreement: one conflict in a million. */
export const PARTITION_CONFLICT_LIMIT = 1e-6;

/**
 * P(two sides or more have branches of `k` blocks beyond their fork) when the cut lasts `slots`: an upper bound for a
 * conflict at the LIB, which needs branches of k + 1. Sides draw independently, so each branch is binomial.
 */
export function partitionConflict({ sides, k }: Split, slots: number): number {
  const needed = k - HEAD_START_BLOCKS;
  const outlives = sides.map((p) => binomialAtLeast(slots + HEALING_SLOTS, p, needed));
  return new CountDistribution(outlives).atLeast(2);
}

/**
 * The longest cut, in slots, after which the branches conflict with at most `limit` probability: 0 when none is that
 * safe, `Infinity` when no length is unsafe.
 */
export function longestSafePartition(split: Split & { readonly limit?: number }): number {
  const limit = split.limit ?? PARTITION_CONFLICT_LIMIT;
  if (split.sides.filter((p) => p > 0).length < 2) return Number.POSITIVE_INFINITY;
  let safe = 0;
  let unsafe = 1;
  while (partitionConflict(split, unsafe) <= limit) {
    safe = unsafe;
    unsafe *= 2;
  }
  while (unsafe - safe > 1) {
    const middle = Math.floor((safe + unsafe) / 2);
    if (partitionConflict(split, middle) <= limit) safe = middle;
    else unsafe = middle;
  }
  return safe;
}
