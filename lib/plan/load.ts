import type { RateUnit, TransactionsOptions } from "./transactions-options.ts";

/** A part of a load with one rate, or one that changes evenly. */
export interface LoadStage {
  /** Where its rate is in the options: `rate`, `stages.0`. */
  readonly path: string;
  /** How long it lasts, ms; infinite when it lasts as long as the drive. */
  readonly forMs: number;
  /** Rates at its beginning and at its end, by `per`. */
  readonly rate: number;
  readonly to: number;
  readonly per: RateUnit;
}

/**
 * The parts of a load in order: its stages, or its one rate for as long as the drive lasts; of a search the highest rate
 * that it may try.
 */
export function loadStages(load: Pick<TransactionsOptions, "rate" | "per" | "stages" | "limit">): LoadStage[] {
  const { rate, per, stages, limit } = load;
  if (limit) return [{ path: "limit.to", forMs: Number.POSITIVE_INFINITY, rate: limit.to, to: limit.to, per }];
  if (stages.length === 0) return [{ path: "rate", forMs: Number.POSITIVE_INFINITY, rate, to: rate, per }];
  return stages.map((stage, i) => ({ ...stage, path: `stages.${i}`, to: stage.to ?? stage.rate }));
}

/** The highest rate of a stage, by its own unit. */
export function peakRate({ rate, to }: Pick<LoadStage, "rate" | "to">): number {
  return Math.max(rate, to);
}

/** A rate in transactions per block. */
export function ratePerBlock(rate: number, per: RateUnit, blockIntervalMs: number): number {
  return per === "block" ? rate : (rate * blockIntervalMs) / 1_000;
}

/** A rate in transactions per ms. */
export function ratePerMs(rate: number, per: RateUnit, blockIntervalMs: number): number {
  return rate / (per === "block" ? blockIntervalMs : 1_000);
}

/** Transactions that a load intends in the first `ms` of the drive, on average and not rounded. */
export function intendedWithin(stages: readonly LoadStage[], ms: number, blockIntervalMs: number): number {
  let from = 0;
  let count = 0;
  for (const { forMs, rate, to, per } of stages) {
    const lasts = Math.min(forMs, ms - from);
    if (lasts <= 0) break;
    const reached = Number.isFinite(forMs) ? rate + ((to - rate) * lasts) / forMs : to;
    count += ratePerMs((rate + reached) / 2, per, blockIntervalMs) * lasts;
    from += lasts;
  }
  return count;
}
