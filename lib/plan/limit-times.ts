import { type LimitSearch, mostProbes, samplesNeeded } from "../evidence/judgement/limit-search.ts";
import { REUSE_DEPTH_BLOCKS, sustainableTxRate } from "./capacity.ts";
import type { LimitOptions } from "./limit-options.ts";
import { ratePerBlock, ratePerMs } from "./load.ts";
import type { RateUnit } from "./transactions-options.ts";

/** How long a search takes at most, and what it is made of. */
export interface LimitTimes {
  readonly probes: number;
  /** Starts that each of them asks about. */
  readonly samples: number;
  readonly warmUpMs: number;
  readonly totalMs: number;
}

/**
 * How long a rate is kept before its starts count. A network that is overloaded by the part `precision` of its limit
 * falls behind by that part of the time, so after `withinMs / precision` everything is late.
 */
export function warmUpOf({ warmUpMs, withinMs, precision }: LimitOptions): number {
  return warmUpMs ?? withinMs / precision;
}

/** How long the starts of a probe are counted: one each slot, or each start where they are rarer than that. */
export function countedMs(search: LimitSearch, rateMs: number, slotMs: number): number {
  return samplesNeeded(search) * Math.max(slotMs, 1 / rateMs);
}

/** Longest that what a probe sent may need to get into the chain. */
export function drainMs({ withinMs }: LimitOptions, slotMs: number): number {
  return withinMs + DRAIN_SLOTS * slotMs;
}
/** So many slots without a block don't happen on a healthy chain. */
const DRAIN_SLOTS = 20;

export function limitTimes(options: LimitOptions, per: RateUnit, slotMs: number, blockIntervalMs: number): LimitTimes {
  const probes = mostProbes(options);
  const warmUpMs = warmUpOf(options);
  const slowest = countedMs(options, ratePerMs(options.from, per, blockIntervalMs), slotMs);
  const totalMs = probes * (warmUpMs + slowest + drainMs(options, slotMs));
  return { probes, samples: samplesNeeded(options), warmUpMs, totalMs };
}

/**
 * Highest rate that so many wallets can try: as many as may be under way at once where inclusion takes all the time that
 * it may, so that a wallet that is not free is the network's doing.
 */
export function triableRate(options: LimitOptions, per: RateUnit, users: number, blockIntervalMs: number): number {
  const perBlock = Math.min(sustainableTxRate(users), users / blocksBusy(options, blockIntervalMs));
  return per === "block" ? perBlock : (perBlock * 1_000) / blockIntervalMs;
}

/** Fewest wallets that can try the search's highest rate. */
export function usersToTry(options: LimitOptions, per: RateUnit, blockIntervalMs: number): number {
  const busy = Math.max(1 / sustainableTxRate(1), blocksBusy(options, blockIntervalMs));
  return Math.ceil(ratePerBlock(options.to, per, blockIntervalMs) * busy);
}

function blocksBusy({ withinMs }: LimitOptions, blockIntervalMs: number): number {
  return withinMs / blockIntervalMs + REUSE_DEPTH_BLOCKS;
}
