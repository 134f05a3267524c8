import * as v from "valibot";
import { formatDuration } from "../core/duration.ts";
import { type Apart, type Convergence, foldConvergence } from "../evidence/folds/convergence.ts";
import { NOTICE_MS } from "../evidence/folds/stake-alive.ts";
import { foldStaleness, type Stale } from "../evidence/folds/staleness.ts";
import { stalenessLimitMs } from "../evidence/judgement/staleness.ts";
import type { ExpectationFactory } from "../model/expectation.ts";
import type { Plan } from "../model/plan.ts";
import { ConvergenceOptionsSchema } from "../plan/expectation-options.ts";
import { atTime, counted, inWindow, listed, names } from "./findings.ts";

/** Slots within which a healthy network can't be expected to be of one mind: one to hear, one to show it. */
const LEAST_SLOTS = 2;

/** After every fault all nodes share one chain again within a limit, and no node under no fault falls behind the others. */
export const convergence: ExpectationFactory = {
  kind: "convergence",

  figures: () => ["faults", "overtaken", "converged", "late", "slowestMs", "stale", "longestLagMs"],

  describe(piece, plan, forecast) {
    const { withinMs } = v.parse(ConvergenceOptionsSchema, piece.options);
    const { slotMs } = plan.consensus;
    const lag = slotsText(stalenessLimitMs(forecast.windowSlots, slotMs, NOTICE_MS), slotMs);
    return [
      ...(makesFaults(plan)
        ? [`all nodes share one chain again at most ${formatDuration(withinMs)} after each fault ended`]
        : []),
      `every node under no fault is at most ${lag} behind the others`,
    ];
  },

  object(piece, plan) {
    const { withinMs } = v.parse(ConvergenceOptionsSchema, piece.options);
    const { slotMs } = plan.consensus;
    if (withinMs >= LEAST_SLOTS * slotMs) return [];
    return [
      {
        code: "NR-PLAN-VALUE",
        path: "options.withinMs",
        message: `convergence within ${formatDuration(withinMs)} is less than ${LEAST_SLOTS} slots of ${formatDuration(slotMs)}, in which nodes hear of each other's blocks`,
        hint: `Use at least ${formatDuration((LEAST_SLOTS * slotMs) / plan.timeScale)}.`,
      },
    ];
  },

  create(piece) {
    const { withinMs } = v.parse(ConvergenceOptionsSchema, piece.options);
    return {
      name: piece.name,
      judge: (evidence) =>
        inWindow(evidence, (window) => {
          const all = foldConvergence(evidence.events, withinMs, window.closedSeq);
          const own = all.filter(({ overtakenBy }) => overtakenBy === null);
          const late = own.filter((one) => took(one) > withinMs && window.closedAt >= one.endedAt + withinMs);
          const open = own.filter((one) => one.sharedAt === null && !late.includes(one));
          const shared = own.filter(({ sharedAt }) => sharedAt !== null);
          const slowest = Math.max(0, ...shared.map(took));
          const slots = Math.max(1, window.toSlot - window.fromSlot + 1);
          const lagMs = stalenessLimitMs(slots, window.slotMs, NOTICE_MS);
          const { stale, longestLagMs } = foldStaleness(evidence.events, evidence.plan.topology.nodes, window, {
            limitMs: lagMs,
            graceMs: withinMs,
          });
          const inSlots = (ms: number) => slotsText(ms, window.slotMs);
          const figures = {
            faults: all.length,
            overtaken: all.length - own.length,
            converged: own.length - late.length - open.length,
            late: late.length,
            slowestMs: shared.length === 0 ? null : slowest,
            stale: stale.length,
            longestLagMs: Math.round(longestLagMs),
          };
          const limits = { withinMs, lagMs };
          const findings = listed([
            ...stale.map((one) => staleText(one, inSlots)),
            ...[...late, ...open].map(convergenceText),
          ]);
          const behind = `${inSlots(longestLagMs)} behind the others, at most ${inSlots(lagMs)} allowed`;
          if (stale.length > 0) {
            const summary = `${names(stale.map(({ node }) => node))} did not keep up under no fault: up to ${behind}`;
            return { outcome: "failed", summary, figures, limits, findings };
          }
          const limit = `at most ${formatDuration(withinMs)} allowed`;
          if (late.length > 0) {
            const who = names([
              ...new Set(
                late.flatMap(({ fault, apart }) => (apart.length > 0 ? apart.map(({ node }) => node) : [fault.target])),
              ),
            ]);
            const summary = `after ${late.length} of ${counted(own.length, "fault")} nodes did not share a chain in time: ${who}; ${limit}`;
            return { outcome: "failed", summary, figures, limits, findings };
          }
          if (all.length === 0 && !makesFaults(evidence.plan)) {
            const summary = `no node was more than ${behind}`;
            return { outcome: "passed", summary, figures, limits, findings };
          }
          if (own.length === 0 || open.length > 0) {
            const summary =
              own.length === 0
                ? "no fault that took effect came to an end"
                : `the window closed before ${counted(open.length, "fault")} had been over for ${formatDuration(withinMs)}`;
            return { outcome: "inconclusive", summary, figures, limits, findings };
          }
          const summary = `all nodes shared a chain again after each of ${counted(own.length, "fault")}, the slowest time after ${formatDuration(Math.round(slowest))}; ${limit}`;
          return { outcome: "passed", summary, figures, limits, findings };
        }),
    };
  },
};

function makesFaults({ workloads }: Plan): boolean {
  return workloads.some(({ kind, custom }) => custom || kind === "chaos");
}

/** A time in slots: `5.2 slots`. */
function slotsText(ms: number, slotMs: number): string {
  return `${Math.round((10 * ms) / slotMs) / 10} slots`;
}

function staleText({ node, height, seenAt, reachedAt, lagMs }: Stale, inSlots: (ms: number) => string): string {
  const then = reachedAt === null ? "had not by the end of the window" : `did ${atTime(reachedAt)}`;
  return `${node} was ${inSlots(lagMs)} behind: others showed height ${height} ${atTime(seenAt)}, and it ${then}`;
}

function took({ sharedAt, endedAt }: Convergence): number {
  return (sharedAt ?? Number.POSITIVE_INFINITY) - endedAt;
}

function convergenceText(one: Convergence): string {
  const { fault, endedAt, sharedAt, apart } = one;
  const what = `${fault.fault} (${fault.kind} of ${fault.target}), over ${atTime(endedAt)}`;
  if (sharedAt !== null) return `${what}: all nodes shared a chain ${formatDuration(Math.round(took(one)))} later`;
  return `${what}: ${apart.length === 0 ? "nodes were not seen to share a chain" : apart.map(apartText).join(", ")}`;
}

function apartText({ node, tip, height }: Apart): string {
  return tip === null ? `${node} showed no chain` : `${node} was apart at height ${height} on block ${tip.slice(0, 8)}`;
}
