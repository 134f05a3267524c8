import { binomialAtLeast, binomialAtMost } from "../../core/statistics/binomial.ts";

/*
 * The search for the highest rate that a network sustains. Each probe holds one rate and asks of one start a slot whether
 * its transaction was included in time; docs/judgement.md has the reasons.
 */

/** What is searched, and how sure the answer must be. */
export interface LimitSearch {
  /** Lowest and highest rate that are tried. */
  readonly from: number;
  readonly to: number;
  /** The interval is narrow enough when its ends differ by at most this part of the lower one. */
  readonly precision: number;
  /** Share of the transactions that must be included in time, in percent. */
  readonly percentile: number;
  /** Probability that the interval holds the limit. */
  readonly confidence: number;
}

/** What a probe shows of its rate: that it is sustained, that it is not, or neither with the confidence asked for. */
export type ProbeOutcome = "sustained" | "exceeded" | "undecided";

export interface Probed {
  readonly rate: number;
  readonly outcome: ProbeOutcome;
}

/** What is known of the limit. */
export interface LimitInterval {
  /** Highest rate that was shown to be sustained; null when none was. */
  readonly low: number | null;
  /** Lowest rate that was shown not to be; null when none was. */
  readonly high: number | null;
  /** Whether both ends are known and as near to each other as was asked for. */
  readonly closed: boolean;
  /** Whether a rate was sustained that is no lower than one that was not: the network changed between them. */
  readonly contradictory: boolean;
}

/** Probes beyond those of a search in which every one decides. */
const SPARE_PROBES = 2;
/** What rounding may add to the width of an interval. */
const ROUNDING = 1 + 1e-9;

/** Most probes of a search: both ends, bisections (of the ratio of the ends) until they are near enough, and two more. */
export function mostProbes({ from, to, precision }: Pick<LimitSearch, "from" | "to" | "precision">): number {
  const halvings = Math.ceil(Math.log2(Math.max(1, Math.log(to / from) / Math.log1p(precision))));
  return 2 + halvings + SPARE_PROBES;
}

/** Probability with which one probe may be wrong, so that all of them together keep the confidence (Bonferroni). */
function errorOfOne(search: LimitSearch): number {
  return (1 - search.confidence) / mostProbes(search);
}

/** Fewest starts of a probe that can show its rate to be sustained although one of them was not in time. */
export function samplesNeeded(search: LimitSearch): number {
  const share = search.percentile / 100;
  const error = errorOfOne(search);
  let enough = 2;
  while (binomialAtLeast(enough, share, enough - 1) > error) enough *= 2;
  let few = enough / 2;
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (binomialAtLeast(middle, share, middle - 1) > error) few = middle;
    else enough = middle;
  }
  return enough;
}

/**
 * What `inTime` of `of` starts show: the rate is sustained when so many are too many for any share below the one asked
 * for, exceeded when they are too few for any above (one-sided exact tests).
 */
export function probeOutcome(search: LimitSearch, inTime: number, of: number): ProbeOutcome {
  const share = search.percentile / 100;
  const error = errorOfOne(search);
  if (of === 0) return "undecided";
  if (binomialAtLeast(of, share, inTime) <= error) return "sustained";
  return binomialAtMost(of, share, inTime) <= error ? "exceeded" : "undecided";
}

/** Whether so many misses leave a probe of `of` starts no other outcome than exceeded, however the rest fares. */
export function isLost(search: LimitSearch, misses: number, of: number): boolean {
  return misses > 0 && probeOutcome(search, Math.max(0, of - misses), of) === "exceeded";
}

/** What the probes say together. */
export function limitInterval(search: Pick<LimitSearch, "precision">, probed: readonly Probed[]): LimitInterval {
  const low = extreme(Math.max, probed, "sustained");
  const high = extreme(Math.min, probed, "exceeded");
  const contradictory = low !== null && high !== null && low >= high;
  const near = low !== null && high !== null && high <= low * (1 + search.precision) * ROUNDING;
  return { low, high, contradictory, closed: near && !contradictory };
}

/** The rate to try next; null when the search is over, with an answer or without. */
export function nextRate(search: LimitSearch, probed: readonly Probed[]): number | null {
  const { from, to, precision } = search;
  if (probed.length >= mostProbes(search)) return null;
  const first = probed.find(({ rate }) => rate === from);
  if (!first) return from;
  if (first.outcome !== "sustained") return null;
  if (!probed.some(({ rate }) => rate === to)) return to;
  const { low, high, closed, contradictory } = limitInterval(search, probed);
  if (closed || contradictory || low === null || high === null) return null;
  const unclear = probed.filter(({ rate }) => rate > low && rate < high).map(({ rate }) => rate);
  const gaps: [number, number][] =
    unclear.length === 0
      ? [[low, high]]
      : [
          [low, Math.min(...unclear)],
          [Math.max(...unclear), high],
        ];
  const [below, above] = gaps.reduce((widest, gap) => (gap[1] / gap[0] > widest[1] / widest[0] ? gap : widest));
  // Where even the widest gap is narrow, what is unclear lies in the way, and another probe won't change that.
  if (unclear.length > 0 && above / below <= 1 + precision / 2) return null;
  return Math.sqrt(below * above);
}

function extreme(
  pick: (...rates: number[]) => number,
  probed: readonly Probed[],
  outcome: ProbeOutcome,
): number | null {
  const rates = probed.filter((one) => one.outcome === outcome).map(({ rate }) => rate);
  return rates.length === 0 ? null : pick(...rates);
}

/**
 * One start of each slot, which one by the slot's number: transactions of one slot wait for the same block, so that
 * together they say little more than one of them.
 */
export function oneOfEachSlot<T extends { readonly intended: number }>(
  starts: readonly T[],
  chain: { readonly chainStart: number; readonly slotMs: number },
): readonly T[] {
  const slotOf = ({ intended }: T) => Math.floor((intended - chain.chainStart) / chain.slotMs);
  return [...Map.groupBy(starts, slotOf)].map(([slot, own]) => own[slot % own.length] as T);
}
