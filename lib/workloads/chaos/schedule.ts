import { randomStream } from "../../core/random.ts";
import type { PlannedNode } from "../../model/plan.ts";
import { chaosTargets } from "../../plan/checks/chaos.ts";
import type { ChaosOptions } from "../../plan/options.ts";

export type RestartOptions = ChaosOptions["restart"];

/** A restart that the schedule intends. */
export interface PlannedRestart {
  /** `<workload> 1 ...`, in order of time. */
  readonly fault: string;
  readonly target: string;
  /** From the start of the drive, ms. */
  readonly at: number;
}

/**
 * The restarts of a run, in order of time: a pure function of its arguments. Between two restarts lies a time that is
 * uniform between the delays; the target is uniform among the nodes whose own cooldown is over. When none is ready, the
 * restart comes as soon as one is.
 *
 * @param workload name of the workload: two of them have schedules of their own
 */
export function restartSchedule(
  seed: string,
  workload: string,
  nodes: readonly PlannedNode[],
  options: RestartOptions,
  driveMs: number,
): readonly PlannedRestart[] {
  const { minDelayMs, maxDelayMs, targetCooldownMs } = options;
  const random = randomStream(seed, workload, "restarts");
  const readyAt = new Map(chaosTargets(options, nodes).map(({ name }) => [name, 0]));
  const restarts: PlannedRestart[] = [];
  if (readyAt.size === 0) return restarts;
  for (let at = 0; ; ) {
    at += minDelayMs + (maxDelayMs - minDelayMs) * random.float();
    at = Math.max(at, Math.min(...readyAt.values()));
    if (at >= driveMs) return restarts;
    const ready = [...readyAt].filter(([, time]) => time <= at).map(([name]) => name);
    const target = random.pick(ready);
    readyAt.set(target, at + targetCooldownMs);
    restarts.push({ fault: `${workload} ${restarts.length + 1}`, target, at: Math.round(at) });
  }
}

/** Whether this much stake makes a chain that the rest can't outgrow: more than half of the total. */
export function keepsQuorum(alive: number, total: number): boolean {
  return 2 * alive > total;
}

/**
 * How long before the end of the drive a restart is not started any more, ms: 3 s for a process to stop, start and
 * answer, and five slots to see its chain move. Longer than it takes on an idle machine.
 */
export function healAllowanceMs(slotMs: number): number {
  return 3_000 + 5 * slotMs;
}
