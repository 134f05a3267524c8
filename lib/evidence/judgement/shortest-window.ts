import { CountDistribution } from "../../core/statistics/count-distribution.ts";
import { LIVENESS_PROMISE, type LivenessPromise } from "./liveness-limits.ts";

/**
 * The smallest number of slots such that a window of that length, and any longer one, keeps the promise when every slot
 * extends the chain with probability `occupancy`; `Infinity` when that is 0.
 *
 * Power does not rise evenly: it drops a little with each slot until the minimum count rises by one. So the search goes
 * on until the power is far enough above the promise that no later drop can reach below it.
 */
export function shortestWindow(occupancy: number, promise: LivenessPromise = LIVENESS_PROMISE): number {
  if (occupancy === 0) return Number.POSITIVE_INFINITY;
  const comfortable = 1 - (1 - promise.power) / 10;
  const healthy = new CountDistribution();
  const halfSpeed = new CountDistribution();
  let tooShort = 0;
  for (;;) {
    healthy.add(occupancy);
    halfSpeed.add(occupancy / 2);
    const power = halfSpeed.below(healthy.lowerQuantile(promise.falseAlarm));
    if (power < promise.power) tooShort = healthy.trials;
    if (power >= comfortable) return tooShort + 1;
  }
}
