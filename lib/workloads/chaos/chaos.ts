import * as v from "valibot";
import { formatDuration } from "../../core/duration.ts";
import type { Plan, PlannedPiece } from "../../model/plan.ts";
import type { Objection, WorkloadFactory } from "../../model/workload.ts";
import { type ChaosOptions, ChaosOptionsSchema } from "../../plan/options.ts";
import { ChaosWorkload } from "./driver.ts";
import { healAllowanceMs, restartSchedule, restartTargets } from "./schedule.ts";

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

function objections(piece: PlannedPiece, plan: Plan): readonly Objection[] {
  const { restart } = optionsOf(piece);
  const { minDelayMs, maxDelayMs, targetCooldownMs } = restart;
  const found: Objection[] = [];
  if (minDelayMs > maxDelayMs) {
    found.push({
      code: "NR-PLAN-VALUE",
      path: "restart.minDelayMs",
      message: `the shortest delay between restarts, ${formatDuration(minDelayMs)}, is longer than the longest, ${formatDuration(maxDelayMs)}`,
      hint: `Write a minDelay of at most ${formatDuration(maxDelayMs)}.`,
    });
  }
  if (targetCooldownMs < minDelayMs) {
    found.push({
      code: "NR-PLAN-VALUE",
      path: "restart.targetCooldownMs",
      message: `a node's cooldown of ${formatDuration(targetCooldownMs)} is shorter than the shortest delay between restarts, ${formatDuration(minDelayMs)}, and so has no effect`,
      hint: `Write a targetCooldown of at least ${formatDuration(minDelayMs)}.`,
    });
  }
  const targets = restartTargets(plan.topology.nodes, restart);
  if (targets.length === 0) found.push(noTargets(plan, restart));
  const allowance = healAllowanceMs(plan.consensus.slotMs);
  if (minDelayMs + allowance > plan.durationMs) {
    found.push({
      code: "NR-PLAN-IMPOSSIBLE",
      path: "restart.minDelayMs",
      message:
        `no restart fits into ${formatDuration(plan.durationMs)}: the first comes after ${formatDuration(minDelayMs)} at the earliest ` +
        `and must be over ${formatDuration(allowance)} later`,
      hint: `Run for at least ${formatDuration(minDelayMs + allowance)}, or restart earlier.`,
    });
  }
  return found;
}

function noTargets(plan: Plan, { includeValidators, includeExecutors }: ChaosOptions["restart"]): Objection {
  const count = (role: string) => plan.topology.nodes.filter((node) => node.role === role).length;
  return {
    code: "NR-PLAN-IMPOSSIBLE",
    path: "restart",
    message:
      `no node may be restarted: of ${count("validator")} validators (${includeValidators ? "included" : "excluded"}) and ` +
      `${count("executor")} executors (${includeExecutors ? "included" : "excluded"}) a single validator is no target, ` +
      "nor is a node without which half of the stake or less stays up",
    hint: "Use 3 nodes or more of equal stake, and include a role that has 2 or more.",
  };
}
