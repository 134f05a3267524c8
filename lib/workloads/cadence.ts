import type { NodeKind } from "../model/node-kind.ts";
import type { Plan } from "../model/plan.ts";

/** Mean time between blocks with every node up, in ms: slot / p, where p is the probability that a slot has a block. */
export function blockIntervalMs(plan: Plan, nodeKind: Pick<NodeKind, "occupancy">): number {
  const stakes = plan.topology.nodes.map(({ stake }) => stake);
  const total = stakes.reduce((sum, stake) => sum + stake, 0);
  return plan.consensus.slotMs / nodeKind.occupancy(plan.consensus, stakes, total);
}
