import { CountDistribution } from "../../core/statistics/count-distribution.ts";
import { longestEmptyRun } from "../../core/statistics/empty-runs.ts";

/** What a liveness judgement promises. */
export interface LivenessPromise {
  /** Each of the two tests fails a healthy chain with at most this probability. */
  readonly falseAlarm: number;
  /** A chain at half speed must be caught with at least this probability, else the window decides nothing. */
  readonly power: number;
}

/** One healthy window in a million is called failed; 19 of 20 half-speed chains are caught. */
export const LIVENESS_PROMISE: LivenessPromise = { falseAlarm: 1e-6, power: 0.95 };

/** What a window of slots can show about liveness. */
export interface LivenessLimits {
  readonly slots: number;
  /** Mean number of blocks of a healthy chain. */
  readonly expectedBlocks: number;
  /** Fewer blocks than this fail. */
  readonly minimumBlocks: number;
  /** More empty slots in a row than this fail. A stall that is longer is caught for certain. */
  readonly longestGap: number;
  /** P(the count test fails a chain at half speed, every slot's probability halved). The gap test only adds to it. */
  readonly powerAtHalfSpeed: number;
  /** Whether that power is enough to call a window with enough blocks passed. */
  readonly conclusive: boolean;
}

/**
 * The limits for a window, from the probability that each of its slots extends a healthy chain. Slots may differ: stake
 * that is down or cut off lowers them.
 */
export function livenessLimits(
  occupancy: readonly number[],
  promise: LivenessPromise = LIVENESS_PROMISE,
): LivenessLimits {
  const healthy = new CountDistribution(occupancy);
  const halfSpeed = new CountDistribution(occupancy.map((p) => p / 2));
  const minimumBlocks = healthy.lowerQuantile(promise.falseAlarm);
  const powerAtHalfSpeed = halfSpeed.below(minimumBlocks);
  return {
    slots: occupancy.length,
    expectedBlocks: healthy.mean,
    minimumBlocks,
    longestGap: longestEmptyRun(occupancy, promise.falseAlarm),
    powerAtHalfSpeed,
    conclusive: powerAtHalfSpeed >= promise.power,
  };
}
