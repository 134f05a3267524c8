import { MAX_UNHEALTHY_PERCENT } from "../evidence/folds/generator-health.ts";
import { channelsOpened } from "./capacity.ts";
import type { DataAvailabilityOptions } from "./options.ts";

/** Messages per block that a channel carries where each has to be seen in a block before the next can name it (0.25 to 0.5 on real nodes). */
const SERIAL_MESSAGES_PER_BLOCK = 0.3;
/** A rate counts as carried when a run keeps to it with this probability, as elsewhere in judgements. */
const CERTAINTY = 0.95;
/** Slots from a block to the moment at which the run has seen it, at most: nodes are looked at five times a slot. */
const SIGHT_SLOTS = 0.2;
/** Slots that a blob may start late before it counts as missed. */
const PATIENCE_SLOTS = 1;
/** Parts of a slot's arrivals that the backlog is counted in. */
const STEPS = 16;
/** A wider window carries in proportion: chance is that of the gaps, whatever the number of blobs. */
const WIDEST_WINDOW = 512;
/** Beyond so many bad gaps, or missed blobs, their sum is as good as normal. */
const MANY_GAPS = 500;
const MANY_MISSED = 5_000;
/** Standard deviations above the mean that a normal sum stays below with {@link CERTAINTY}. */
const CERTAIN_DEVIATIONS = 1.645;
/** Gaps between blocks rarer than this don't count. */
const NEGLIGIBLE = 1e-12;
/** From here on gaps are told apart by so much, which errs on the safe side by as much. */
const GAP_GROWTH = 1.02;

/** What the channels stand on. */
export interface CarryingChain {
  /** Probability that a slot has a block. */
  readonly p: number;
  /** Slots in which blobs are sent. */
  readonly slots: number;
  /** Whether a channel's messages can follow one another before the first is in a block. */
  readonly predictableIds: boolean;
}

type Channels = Pick<DataAvailabilityOptions, "channels" | "headroomPercent" | "pipeline">;

/** Most blobs per block that all channels carry together, to three digits rounded down. */
export function sustainableBlobRate(options: Channels, chain: CarryingChain): number {
  const asked = channelsOpened(options) * options.pipeline;
  const window = Math.min(asked, WIDEST_WINDOW);
  if (!chain.predictableIds) return channelsOpened(options) * SERIAL_MESSAGES_PER_BLOCK;
  let carried = 0;
  let tooMuch = window / chain.p;
  while (tooMuch - carried > tooMuch / 2_000) {
    const middle = (carried + tooMuch) / 2;
    if (isCarried(middle, window, chain)) carried = middle;
    else tooMuch = middle;
  }
  carried *= asked / window;
  const digits = 10 ** Math.max(0, 2 - Math.floor(Math.log10(carried || 1)));
  return Math.floor(carried * digits) / digits;
}

/** Fewest channels to ask for that carry the blob rate, headroom counted. */
export function channelsFor(options: DataAvailabilityOptions, chain: CarryingChain): number {
  const carries = (channels: number) => sustainableBlobRate({ ...options, channels }, chain) >= options.blobRate;
  let most = 1;
  while (!carries(most)) most *= 2;
  let fewest = Math.floor(most / 2) + 1;
  while (fewest < most) {
    const middle = Math.floor((fewest + most) / 2);
    if (carries(middle)) most = middle;
    else fewest = middle + 1;
  }
  return most;
}

/**
 * Whether a run at this rate misses so few of its blobs, with {@link CERTAINTY}, that it can be judged. Blobs come evenly;
 * at most `window` of them may be outside the chain at once, and a block takes all that are. So what is missed is what
 * comes in a long gap between blocks: more than the window, and waiting for longer than a slot. Gaps are geometric.
 */
function isCarried(rate: number, window: number, { p, slots }: CarryingChain): boolean {
  const perSlot = rate * p;
  const allowed = Math.floor((MAX_UNHEALTHY_PERCENT / 100) * perSlot * slots);
  const missed = missedPerGap(perSlot, window, p);
  const badGaps = slots * p * missed.reduce((sum, { chance }) => sum + chance, 0);
  const mean = slots * p * missed.reduce((sum, { chance, count }) => sum + chance * count, 0);
  if (badGaps > MANY_GAPS || allowed > MANY_MISSED) {
    const variance = slots * p * missed.reduce((sum, { chance, count }) => sum + chance * count * count, 0);
    return mean + CERTAIN_DEVIATIONS * Math.sqrt(variance) <= allowed;
  }
  return atMost(allowed, badGaps, missed) >= CERTAINTY;
}

interface Gap {
  readonly slots: number;
  readonly chance: number;
}

/** Geometric gaps, each with its chance; long ones are taken together by the longest of them, 2 % apart. */
function gapsBetweenBlocks(p: number): Gap[] {
  const gaps: Gap[] = [];
  for (let slots = 1, left = 1; left > NEGLIGIBLE; slots = Math.ceil(slots * GAP_GROWTH + 1e-9)) {
    const longer = (1 - p) ** slots;
    gaps.push({ slots, chance: left - longer });
    left = longer;
  }
  return gaps;
}

interface Missed {
  /** Whole blobs. */
  readonly count: number;
  /** Probability that a gap misses so many. */
  readonly chance: number;
}

/** What gaps miss, when the backlog that one leaves for the next is as often so long as it is in the long run. */
function missedPerGap(perSlot: number, window: number, p: number): Missed[] {
  const gaps = gapsBetweenBlocks(p);
  const step = perSlot / STEPS;
  const unseen = perSlot * SIGHT_SLOTS;
  /** After a gap: what the block came too early for, and what waits. */
  const after = (backlog: number, gap: number) => {
    const excess = Math.max(0, backlog + perSlot * gap - window);
    const waits = Math.min(excess, perSlot * PATIENCE_SLOTS);
    return { missed: excess - waits, backlog: waits + Math.max(0, unseen - excess) };
  };
  const states = Math.ceil((PATIENCE_SLOTS + SIGHT_SLOTS) * STEPS) + 1;
  let share = new Float64Array(states);
  share[Math.round(SIGHT_SLOTS * STEPS)] = 1;
  const found = new Map<number, number>();
  for (let round = 0; round < STEPS; round++) {
    const next = new Float64Array(states);
    found.clear();
    for (const [state, weight] of share.entries()) {
      if (weight < NEGLIGIBLE) continue;
      for (const { slots, chance } of gaps) {
        const { missed, backlog } = after(state * step, slots);
        const to = Math.min(states - 1, Math.round(backlog / step));
        next[to] = (next[to] ?? 0) + weight * chance;
        const count = Math.ceil(missed - 1e-9);
        if (count > 0) found.set(count, (found.get(count) ?? 0) + weight * chance);
      }
    }
    share = next;
  }
  return [...found].map(([count, chance]) => ({ count, chance }));
}

/**
 * Probability that a Poisson number of gaps with this mean misses at most so many in all, by Panjer's recursion
 * (H. Panjer, Recursive evaluation of a family of compound distributions, 1981).
 */
function atMost(allowed: number, badGaps: number, missed: readonly Missed[]): number {
  const total = missed.reduce((sum, { chance }) => sum + chance, 0);
  const chances = [Math.exp(-badGaps)];
  let sum = chances[0] as number;
  for (let k = 1; k <= allowed; k++) {
    let chance = 0;
    for (const { count, chance: share } of missed) {
      if (count <= k) chance += (count * share * (chances[k - count] as number)) / total;
    }
    chances.push((badGaps / k) * chance);
    sum += chances[k] as number;
  }
  return sum;
}
