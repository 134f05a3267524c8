import assert from "node:assert/strict";
import type { ChaosOptions, ChaosResult } from "./chaos.ts";
import type { WorldOptions } from "./network.ts";

interface ChaosSeries {
  readonly title: string;
  readonly world: WorldOptions;
  readonly chaos: Omit<ChaosOptions, "seed">;
  /** How many seeds the test suite takes; the soak takes more. */
  readonly seeds: number;
}

/**
 * The networks that go through chaos. At k = 10 a partition of up to 6 slots is shorter than finality: the chance that
 * both sides bury their fork by then is below 1e-6.
 */
export const CHAOS_SERIES: readonly ChaosSeries[] = [
  {
    title: "50 nodes",
    world: { nodes: 50, topology: "sparse", wallets: 40 },
    chaos: { slots: 40, maxPartitionSlots: 6 },
    seeds: 3,
  },
  {
    title: "10 nodes around a hub",
    world: { nodes: 10, topology: "star", wallets: 20 },
    chaos: { slots: 40, maxPartitionSlots: 6 },
    seeds: 6,
  },
  {
    title: "4 nodes that all know one another",
    world: { nodes: 4, topology: "full", wallets: 10 },
    chaos: { slots: 60, maxPartitionSlots: 6 },
    seeds: 8,
  },
];

/** What no chaos may break, and that there was some. */
export function assertHolds(result: ChaosResult): void {
  assert.equal(result.divergence, null, "two nodes differ in what is final");
  assert.deepEqual(result.proposedTwice, []);
  assert.ok(result.converged, "the nodes have different tips in the end");
  assert.ok(result.kills > 0 && result.partitions > 0, "nothing happened");
  assert.ok(result.finalHeight > 20, `only ${result.finalHeight} blocks are final`);
  const { included, accepted } = result;
  assert.ok(included > 0.5 * accepted, `${included} of ${accepted} transactions are included`);
}
