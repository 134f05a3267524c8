import * as v from "valibot";
import { livenessLimits } from "../evidence/judgement/liveness-limits.ts";
import { type HealthyNetwork, naturalConflict } from "../evidence/judgement/natural-conflict.ts";
import { shortestWindow } from "../evidence/judgement/shortest-window.ts";
import type { NodeKind } from "../model/node-kind.ts";
import type { Plan } from "../model/plan.ts";
import type { Forecast } from "../model/workload.ts";
import { LivenessOptionsSchema } from "./options.ts";

/** Blocks beyond k that the last message needs: one to hold it, and one more for a reorg that throws it out once. */
const INCLUSION_BLOCKS = 2;
/** The wait for so many blocks is longer than its mean by more than three standard deviations about once in 500 runs. */
const SETTLE_DEVIATIONS = 3;

/**
 * What the plan can be expected to do with every node up. Liveness is reckoned with the false alarm and power that the
 * plan asks for.
 */
export function forecast(plan: Plan, nodeKind: Pick<NodeKind, "occupancy" | "service">): Forecast {
  const { slotMs, k } = plan.consensus;
  if (nodeKind.service) return withoutChain(Math.floor(plan.durationMs / slotMs));
  const network = healthyNetwork(plan, nodeKind);
  const p = network.occupancy;
  const driveSlots = Math.floor(plan.durationMs / slotMs);
  const settle = settleSlotsOf(plan, p);
  const windowSlots = driveSlots + settle;
  const liveness = plan.expectations.find((expectation) => expectation.kind === "liveness");
  const promise = v.parse(LivenessOptionsSchema, liveness?.options ?? {});
  const limits = livenessLimits(new Array<number>(windowSlots).fill(p), promise);
  return {
    p,
    blockIntervalMs: slotMs / p,
    windowSlots,
    driveSlots,
    settleSlots: settle,
    expectedBlocks: limits.expectedBlocks,
    minimumBlocks: limits.minimumBlocks,
    powerAtHalfSpeed: limits.powerAtHalfSpeed,
    shortestWindowSlots: shortestWindow(p, promise),
    naturalConflict: naturalConflict({ ...network, slots: windowSlots }, k),
  };
}

/** Of nodes that make no blockchain: nothing has to become final, and nothing of it is counted. */
function withoutChain(driveSlots: number): Forecast {
  return {
    p: 0,
    blockIntervalMs: 0,
    windowSlots: driveSlots,
    driveSlots,
    settleSlots: 0,
    expectedBlocks: 0,
    minimumBlocks: 0,
    powerAtHalfSpeed: 0,
    shortestWindowSlots: 0,
    naturalConflict: 0,
  };
}

/**
 * Slots of settle: until what was sent at the end of the drive is final, and so are the drive's blocks, as agreement is
 * judged by what is final. None where neither is planned.
 */
export function settleSlotsOf(plan: Pick<Plan, "consensus" | "workloads" | "expectations">, p: number): number {
  const agreement = plan.expectations.some((expectation) => expectation.kind === "agreement");
  return agreement || plan.workloads.length > 0 ? settleSlots(plan.consensus.k, p) : 0;
}

/**
 * Slots that the last message of the drive needs to be final: the slots until k + 2 more blocks, whose number is
 * negative binomial, with mean `(k + 2) / p` and deviation `sqrt((k + 2) (1 - p)) / p`; three deviations are added.
 */
export function settleSlots(k: number, p: number): number {
  const blocks = k + INCLUSION_BLOCKS;
  return Math.ceil((blocks + SETTLE_DEVIATIONS * Math.sqrt(blocks * (1 - p))) / p);
}

/** The planned network as natural forks depend on it, without its length. */
export function healthyNetwork(plan: Plan, nodeKind: Pick<NodeKind, "occupancy">): Omit<HealthyNetwork, "slots"> {
  const stakes = plan.topology.nodes.map((node) => node.stake);
  const total = stakes.reduce((sum, stake) => sum + stake, 0);
  const { tieBreak } = plan.consensus;
  return { nodes: stakes.length, occupancy: nodeKind.occupancy(plan.consensus, stakes, total), tieBreak };
}
