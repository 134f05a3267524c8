import * as v from "valibot";
import { formatDuration } from "../../core/duration.ts";
import { NATURAL_CONFLICT_LIMIT, sufficientSecurityParam } from "../../evidence/judgement/natural-conflict.ts";
import type { NodeKind } from "../../model/node-kind.ts";
import type { Plan } from "../../model/plan.ts";
import type { Forecast } from "../../model/workload.ts";
import { fairShareSlots } from "../fair-share-window.ts";
import { chance, figure } from "../figure.ts";
import { healthyNetwork } from "../forecast.ts";
import { LivenessOptionsSchema } from "../options.ts";
import type { Finding } from "../problem.ts";
import { heavyLosses } from "./fault-loss.ts";

/** What can run, but perhaps not show what its author wants to see. */
export function planWarnings(
  plan: Plan,
  forecast: Forecast,
  nodeKind: Pick<NodeKind, "occupancy">,
  writtenMs: ReadonlyMap<string, number>,
): Finding[] {
  return [
    ...nothingJudged(plan),
    ...shortWindow(plan, forecast, writtenMs),
    ...shortForShares(plan, forecast, writtenMs),
    ...naturalForks(plan, forecast, nodeKind),
    ...heavyLosses(plan, nodeKind),
  ];
}

function nothingJudged(plan: Plan): Finding[] {
  if (plan.expectations.length > 0) return [];
  return [
    {
      code: "NR-PLAN-UNJUDGED",
      path: "expectations",
      message: "nothing is judged: every expectation is switched off, and the run passes whatever the network does",
      hint: "Leave out a without, or add an expectation.",
    },
  ];
}

/** The shortest run that liveness can be judged by, in ms as the plan counts them. */
export function shortestRunMs(plan: Plan, forecast: Forecast): number {
  return Math.max(0, forecast.shortestWindowSlots - forecast.settleSlots) * plan.consensus.slotMs;
}

function shortWindow(plan: Plan, forecast: Forecast, writtenMs: ReadonlyMap<string, number>): Finding[] {
  const liveness = plan.expectations.find((expectation) => expectation.kind === "liveness");
  if (!liveness || forecast.windowSlots >= forecast.shortestWindowSlots) return [];
  const { power } = v.parse(LivenessOptionsSchema, liveness.options);
  const shortest = shortestRunMs(plan, forecast) / (writtenMs.has("durationMs") ? plan.timeScale : 1);
  return [
    {
      code: "NR-PLAN-WINDOW",
      path: "durationMs",
      message:
        `the run may be inconclusive: its window of ${forecast.windowSlots} slots catches a chain at half speed with ${chance(forecast.powerAtHalfSpeed)}, ` +
        `and ${chance(power)} are sure from ${forecast.shortestWindowSlots} slots on`,
      hint: `Use a run of ${formatDuration(shortest)} or more.`,
    },
  ];
}

function shortForShares(plan: Plan, forecast: Forecast, writtenMs: ReadonlyMap<string, number>): Finding[] {
  if (!plan.expectations.some(({ kind }) => kind === "fair-share")) return [];
  const slots = fairShareSlots(plan, forecast);
  if (forecast.windowSlots >= slots) return [];
  const ms = Math.max(0, slots - forecast.settleSlots) * plan.consensus.slotMs;
  const least = ms / (writtenMs.has("durationMs") ? plan.timeScale : 1);
  return [
    {
      code: "NR-PLAN-WINDOW",
      path: "durationMs",
      message: `fair shares will be inconclusive: a node that never leads is caught from about ${slots} slots on, and ${forecast.windowSlots} are judged`,
      hint: `Use a run of ${formatDuration(least)} or more, fewer nodes, or leave out expectFairShare.`,
    },
  ];
}

function naturalForks(plan: Plan, forecast: Forecast, nodeKind: Pick<NodeKind, "occupancy">): Finding[] {
  const judged = plan.expectations.some((expectation) => expectation.kind === "agreement");
  if (!judged || forecast.naturalConflict <= NATURAL_CONFLICT_LIMIT) return [];
  const network = { ...healthyNetwork(plan, nodeKind), slots: forecast.windowSlots };
  const enough = sufficientSecurityParam(network);
  const other =
    plan.consensus.tieBreak === "first-seen" ? ', or tieBreak("smaller-id") where the node kind has it' : "";
  return [
    {
      code: "NR-PLAN-FORKS",
      path: "consensus.k",
      message:
        `healthy nodes of this network disagree about a final block in ${chance(forecast.naturalConflict)} of such runs ` +
        `(k ${figure(plan.consensus.k)}, ties by ${plan.consensus.tieBreak}), and agreement fails then`,
      hint: Number.isFinite(enough)
        ? `Use securityParam(${enough})${other}.`
        : `No security parameter would do${other}.`,
    },
  ];
}
