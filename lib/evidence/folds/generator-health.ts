/** A start that a generator's schedule intended. */
export interface Start {
  readonly workload: string;
  /** Number in the workload's schedule, from 0. */
  readonly n: number;
  /** The time that the schedule gave it, ms on the run's clock. */
  readonly intended: number;
  /** When it was made; null when it was not. */
  readonly startedAt: number | null;
  /** Why it was given up; null when it was not. */
  readonly missed: string | null;
}

/** Most of a generator's starts, in percent, that may be missed or late before what it shows is no evidence, unless the plan has another limit. */
export const MAX_UNHEALTHY_PERCENT = 1;

/** How well a generator kept to its schedule. */
export interface GeneratorHealth {
  readonly workload: string;
  readonly planned: number;
  readonly missed: number;
  /** Made more than a slot after their time. */
  readonly late: number;
  readonly worstLateMs: number;
  /** Missed and late starts in percent of the planned ones. */
  readonly unhealthyPercent: number;
  readonly healthy: boolean;
  /** Most that they may be. */
  readonly maxUnhealthyPercent: number;
  /** The commonest reason for a miss, null when there was none. */
  readonly why: string | null;
}

/** The health of each generator that intended anything, in order of appearance. */
export function generatorHealth(
  starts: readonly Start[],
  slotMs: number,
  maxUnhealthyPercent = MAX_UNHEALTHY_PERCENT,
): readonly GeneratorHealth[] {
  const byWorkload = Map.groupBy(starts, ({ workload }) => workload);
  return [...byWorkload].map(([workload, own]) => {
    const missed = own.filter((start) => start.missed !== null);
    const delays = own.map(({ intended, startedAt }) => (startedAt ?? intended) - intended);
    const late = delays.filter((delay) => delay > slotMs).length;
    const unhealthyPercent = (100 * (missed.length + late)) / own.length;
    return {
      workload,
      planned: own.length,
      missed: missed.length,
      late,
      worstLateMs: delays.reduce((worst, delay) => Math.max(worst, delay), 0),
      unhealthyPercent,
      healthy: unhealthyPercent <= maxUnhealthyPercent,
      maxUnhealthyPercent,
      why: commonest(missed.map((start) => start.missed ?? "")),
    };
  });
}

function commonest(reasons: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const [first] = [...counts].sort((a, b) => b[1] - a[1]);
  return first ? first[0] : null;
}
