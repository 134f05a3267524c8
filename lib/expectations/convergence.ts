import * as v from "valibot";
import { formatDuration } from "../core/duration.ts";
import { type Apart, type Convergence, foldConvergence } from "../evidence/folds/convergence.ts";
import type { ExpectationFactory } from "../model/expectation.ts";
import { ConvergenceOptionsSchema } from "../plan/expectation-options.ts";
import { atTime, counted, inWindow, listed, names } from "./findings.ts";

/** Slots within which a healthy network can't be expected to be of one mind: one to hear, one to show it. */
const LEAST_SLOTS = 2;

/** After every fault all nodes share one chain again within a limit. */
export const convergence: ExpectationFactory = {
  kind: "convergence",

  describe(piece) {
    const { withinMs } = v.parse(ConvergenceOptionsSchema, piece.options);
    return [`all nodes share one chain again at most ${formatDuration(withinMs)} after each fault ended`];
  },

  object(piece, plan) {
    const { withinMs } = v.parse(ConvergenceOptionsSchema, piece.options);
    const { slotMs } = plan.consensus;
    if (!plan.workloads.some(({ kind, custom }) => custom || kind === "chaos")) {
      const message = "convergence has nothing to judge: the plan has no workload that makes faults";
      return [{ code: "NR-PLAN-EXPECTATION", path: "options", message, hint: "Add chaosWith, or leave it out." }];
    }
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
          const figures = {
            faults: all.length,
            overtaken: all.length - own.length,
            converged: own.length - late.length - open.length,
            late: late.length,
            slowestMs: shared.length === 0 ? null : slowest,
          };
          const limits = { withinMs };
          const findings = listed([...late, ...open].map(convergenceText));
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
