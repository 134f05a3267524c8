import * as v from "valibot";
import { formatDuration } from "../../core/duration.ts";
import type { Plan, PlannedPiece } from "../../model/plan.ts";
import type { Objection, WorkloadFactory } from "../../model/workload.ts";
import { type ChaosOptions, ChaosOptionsSchema } from "../../plan/options.ts";
import { ChaosWorkload } from "./driver.ts";
import { healAllowanceMs, restartSchedule } from "./schedule.ts";

/** Restarts of nodes at random moments that follow from the seed. */
export const chaos: WorkloadFactory = {
  kind: "chaos",

  describe(piece, plan) {
    const { restart, maxUnavailable } = optionsOf(piece);
    const schedule = restartSchedule(plan.seed, piece.name, plan.topology.nodes, restart, plan.durationMs);
    const last = plan.durationMs - healAllowanceMs(plan.consensus.slotMs);
    const listed = schedule
      .filter(({ at }) => at <= last)
      .map(({ target, at }) => `${target} at ${formatDuration(at)}`);
    return [
      `restart every ${formatDuration(restart.minDelayMs)} to ${formatDuration(restart.maxDelayMs)}, each node at most once in ` +
        `${formatDuration(restart.targetCooldownMs)}, at most ${maxUnavailable} down at a time`,
      `restarts by this seed: ${listed.join(", ") || "none"}`,
    ];
  },

  needs: () => ["node.restart"],
  object: objections,
  expectations: () => [{ kind: "fault-recovery", name: "fault-recovery", options: {} }],
  create: (piece) => new ChaosWorkload(piece.name, optionsOf(piece)),
};

function optionsOf(piece: PlannedPiece): ChaosOptions {
  return v.parse(ChaosOptionsSchema, piece.options);
}

/** Whether there are targets, and delays that go together, was checked before; here is what depends on the chain. */
function objections(piece: PlannedPiece, plan: Plan): readonly Objection[] {
  const { minDelayMs } = optionsOf(piece).restart;
  const allowance = healAllowanceMs(plan.consensus.slotMs);
  if (minDelayMs + allowance <= plan.durationMs) return [];
  return [
    {
      code: "NR-PLAN-IMPOSSIBLE",
      path: "options.restart.minDelayMs",
      message:
        `no restart fits into ${formatDuration(plan.durationMs)}: the first comes after ${formatDuration(minDelayMs)} at the earliest, ` +
        `and needs up to ${formatDuration(allowance)} to heal`,
      hint: `Use a withRunDuration of at least ${formatDuration(minDelayMs + allowance)}, or a shorter minDelay.`,
    },
  ];
}
