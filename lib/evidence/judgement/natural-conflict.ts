import { unmergedBranches } from "./branch-merging.ts";

/** A healthy network, as far as natural forks depend on it. */
export interface HealthyNetwork {
  /** How many nodes share the stake equally. Where conflicts are rare, two are the worst case, also for unequal stakes. */
  readonly nodes: number;
  /** Probability that a slot has a block. */
  readonly occupancy: number;
  readonly tieBreak: "smaller-id" | "first-seen";
  /** Length of the run. */
  readonly slots: number;
  /** {@link LATE_SLOTS} by default. */
  readonly lateSlots?: number;
}

/**
 * Part of the slots in which some node has not seen every block of the slot before the next one begins. On a machine with a
 * busy core 0.4 % of timers were over 5 ms late, so that is generous for a whole slot.
 */
export const LATE_SLOTS = 0.01;

/** Natural conflicts rarer than this per run let agreement be promised. */
export const NATURAL_CONFLICT_LIMIT = 1e-6;

/** No larger security parameter is tried. */
const MOST_K = 500;

/**
 * P(two nodes of a healthy network ever disagree at or below their LIB during the run), an upper bound that is close
 * while it is small, when a block crosses the network within its slot.
 */
export function naturalConflict(network: HealthyNetwork, k: number): number {
  return inRun(network, k, unmergedByDepth(network, k + 2));
}

/** The smallest security parameter with which natural conflicts are rarer than `limit` in a run; `Infinity` when none is. */
export function sufficientSecurityParam(network: HealthyNetwork, limit = NATURAL_CONFLICT_LIMIT): number {
  const unmerged = unmergedByDepth(network, MOST_K + 2);
  for (let k = 1; k <= MOST_K; k++) if (inRun(network, k, unmerged) <= limit) return k;
  return Number.POSITIVE_INFINITY;
}

/**
 * The nodes conflict at the LIB while their tips stem from two blocks k + 1 occupied slots ago. The first slot that can
 * be so comes after k others. In any later occupied slot a conflict begins when the tips stem from two blocks k + 1
 * occupied slots ago and from one block k + 2 ago. The chances are added up.
 */
function inRun(network: HealthyNetwork, k: number, unmerged: readonly number[]): number {
  if (network.slots <= k) return 0;
  const conflict = unmerged[k + 1] ?? 0;
  const onset = Math.max(0, conflict - (unmerged[k + 2] ?? 0));
  return Math.min(1, conflict + (network.slots - k - 1) * network.occupancy * onset);
}

/**
 * result[j]: P(the nodes' tips stem from two blocks or more, j occupied slots ago). With ties broken by the smaller id
 * all nodes hold one tip whenever a slot's blocks have all arrived, so branches last only through slots in a row that
 * were late somewhere. With first-seen they merge by chance only.
 */
function unmergedByDepth(network: HealthyNetwork, most: number): number[] {
  const { nodes, occupancy, tieBreak, lateSlots = LATE_SLOTS } = network;
  if (nodes === 1 || occupancy === 0) return [0];
  if (tieBreak === "smaller-id") return Array.from({ length: most + 1 }, (_, j) => lateSlots ** j);
  return unmergedBranches(nodes, 1 - (1 - occupancy) ** (1 / nodes), most);
}
