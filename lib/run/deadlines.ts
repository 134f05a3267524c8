import type { Plan } from "../model/plan.ts";
import type { Forecast } from "../model/workload.ts";
import type { Stage } from "./stage-runner.ts";

/**
 * The deadline of each stage in ms: generous, since a deadline is for what hangs and not for what is slow. Chain time
 * counts in slots, boot time by nodes; none is scaled by the profile.
 */
export function stageDeadlines(plan: Plan, forecast: Forecast): Readonly<Record<Stage, number>> {
  const nodes = plan.topology.nodes.length;
  const slot = plan.consensus.slotMs;
  return {
    preflight: 30_000,
    // Each has a deadline of its own; builds take an hour.
    tasks: 6 * 3_600_000,
    reserve: 30_000 + 20 * slot,
    deploy: 60_000 + nodes * 500,
    ready: 60_000 + nodes * 500,
    baseline: 30_000 + 60 * slot,
    drive: plan.durationMs + 60_000,
    heal: 60_000 + 60 * slot,
    settle: 2 * forecast.settleSlots * slot + 60_000,
    judge: 60_000,
    collect: 30_000,
    "tear down": 60_000 + nodes * 200,
  };
}
