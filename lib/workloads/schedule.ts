import { type LoadStage, ratePerMs } from "../plan/load.ts";

/** When start `n`, from 0, is intended: ms after the first moment; infinite when there is no such start. */
export type Schedule = (n: number) => number;

/** Starts at equal distances, the first at once. */
export function steady(intervalMs: number): Schedule {
  return (n) => n * intervalMs;
}

/**
 * Starts by stages. Start n is when the integral of the rate over time reaches n; so rates of stages run on into each
 * other without a gap, and a rate that changes evenly makes the distances change evenly.
 */
export function staged(stages: readonly LoadStage[], blockIntervalMs: number): Schedule {
  return (n) => {
    let from = 0;
    let before = 0;
    for (const { forMs, rate, to, per } of stages) {
      const first = ratePerMs(rate, per, blockIntervalMs);
      const last = ratePerMs(to, per, blockIntervalMs);
      const within = Number.isFinite(forMs) ? ((first + last) / 2) * forMs : Number.POSITIVE_INFINITY;
      // What is rounded away must neither lose the start at a boundary nor bring it twice: it belongs to the next stage.
      if (n - before < within - 1e-9) return from + reaches(Math.max(0, n - before), first, (last - first) / forMs);
      from += forMs;
      before += within;
    }
    return Number.POSITIVE_INFINITY;
  };
}

/** When `rate t + slope t² / 2` reaches `count`, in the form that loses no digits where the slope is small. */
function reaches(count: number, rate: number, slope: number): number {
  if (count === 0) return 0;
  return (2 * count) / (rate + Math.sqrt(Math.max(0, rate * rate + 2 * slope * count)));
}
