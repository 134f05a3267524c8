import * as v from "valibot";
import type { Plan } from "../model/plan.ts";
import type { Forecast } from "../model/workload.ts";
import { FairShareOptionsSchema } from "./expectation-options.ts";

/** Each node has two limits, and all of them together raise a false alarm at most as often as the plan says. */
export function fairShareAlpha({ topology }: Plan, falseAlarm: number): number {
  return falseAlarm / (2 * topology.nodes.length);
}

/**
 * Slots from which on the node with the least stake is caught when it never leads: until then so long without a block of
 * it is not rare enough. `(1 - share)^slots` is below the alpha of one limit.
 */
export function fairShareSlots(plan: Plan, { p }: Pick<Forecast, "p">): number {
  const piece = plan.expectations.find(({ kind }) => kind === "fair-share");
  const { falseAlarm } = v.parse(FairShareOptionsSchema, piece?.options ?? {});
  const stakes = plan.topology.nodes.map(({ stake }) => stake);
  const share = (p * Math.min(...stakes)) / stakes.reduce((sum, stake) => sum + stake, 0);
  return Math.ceil(Math.log(fairShareAlpha(plan, falseAlarm)) / Math.log1p(-share));
}
