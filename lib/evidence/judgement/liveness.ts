import type { Judgement } from "../../model/verdict.ts";
import { LIVENESS_PROMISE, type LivenessLimits, type LivenessPromise, livenessLimits } from "./liveness-limits.ts";
import { shortestWindow } from "./shortest-window.ts";

/** What liveness is judged by. */
export interface LivenessEvidence {
  /** The judged slots, both ends included. */
  readonly window: { readonly fromSlot: number; readonly toSlot: number };
  /** The canonical chain as it stood at the end, lowest first. Blocks outside the window are ignored. */
  readonly blocks: readonly ChainBlock[];
  /** Probability that this slot extends a healthy chain, from the stake alive and connected in it. */
  readonly occupancy: (slot: number) => number;
}

/** A block of the canonical chain. */
export interface ChainBlock {
  readonly height: number;
  readonly slot: number;
}

/** A stretch of slots without a block. */
interface Gap {
  readonly fromSlot: number;
  readonly slots: number;
  /** Blocks that the chain's heights show but nobody saw: they were made somewhere in this stretch. */
  readonly unseen: number;
}

/**
 * Judges whether the chain grew as fast as its stake should make it grow. Two tests, each with the promised
 * false-alarm probability: enough blocks in the window, and no gap longer than chance explains. Too few blocks fail
 * also in a short window; enough blocks pass only where a chain at half speed would have been caught.
 */
export function judgeLiveness(evidence: LivenessEvidence, promise: LivenessPromise = LIVENESS_PROMISE): Judgement {
  const { fromSlot, toSlot } = evidence.window;
  const slots = Math.max(0, toSlot - fromSlot + 1);
  const limits = livenessLimits(
    Array.from({ length: slots }, (_, i) => evidence.occupancy(fromSlot + i)),
    promise,
  );
  const blocks = evidence.blocks.filter((block) => block.slot >= fromSlot && block.slot <= toSlot);
  const gaps = gapsOf(evidence, blocks);
  const unseen = gaps.reduce((sum, gap) => sum + gap.unseen, 0);
  const count = blocks.length + unseen;
  const longest = gaps.filter((gap) => gap.unseen === 0).reduce((most, gap) => Math.max(most, gap.slots), 0);

  const tooFew = count < limits.minimumBlocks;
  const tooLong = longest > limits.longestGap;
  const outcome = tooFew || tooLong ? "failed" : limits.conclusive && unseen === 0 ? "passed" : "inconclusive";
  return {
    outcome,
    summary: summaryOf({ count, longest, unseen, tooFew, tooLong, limits, promise }),
    figures: {
      slots,
      blocks: count,
      blocksUnseen: unseen,
      expectedBlocks: rounded(limits.expectedBlocks),
      longestGap: longest,
      powerAtHalfSpeed: rounded(limits.powerAtHalfSpeed),
    },
    limits: {
      minimumBlocks: limits.minimumBlocks,
      longestGap: limits.longestGap,
      falseAlarm: promise.falseAlarm,
      power: promise.power,
    },
    findings: findingsOf(gaps, limits),
  };
}

/** Empty stretches between blocks, at the beginning and at the end of the window. */
function gapsOf(evidence: LivenessEvidence, blocks: readonly ChainBlock[]): Gap[] {
  const { fromSlot, toSlot } = evidence.window;
  const gaps: Gap[] = [];
  let previous = evidence.blocks.findLast((block) => block.slot < fromSlot);
  let next = fromSlot;
  for (const block of blocks) {
    const slots = block.slot - next;
    const unseen = previous ? block.height - previous.height - 1 : 0;
    gaps.push({ fromSlot: next, slots, unseen: Math.min(unseen, slots) });
    previous = block;
    next = block.slot + 1;
  }
  gaps.push({ fromSlot: next, slots: toSlot + 1 - next, unseen: 0 });
  return gaps.filter((gap) => gap.slots > 0);
}

function summaryOf(found: {
  count: number;
  longest: number;
  unseen: number;
  tooFew: boolean;
  tooLong: boolean;
  limits: LivenessLimits;
  promise: LivenessPromise;
}): string {
  const { count, longest, unseen, limits, promise } = found;
  const facts =
    `${count} ${plural(count, "block")} in ${limits.slots} ${plural(limits.slots, "slot")}, at least ${limits.minimumBlocks} needed; ` +
    `longest gap ${longest} ${plural(longest, "slot")}, at most ${limits.longestGap} allowed`;
  if (found.tooFew || found.tooLong) return facts;
  if (!limits.conclusive) {
    const mean = limits.slots === 0 ? 0 : limits.expectedBlocks / limits.slots;
    const enough = shortestWindow(mean, promise);
    const advice = Number.isFinite(enough) ? `; a window of ${enough} slots would do` : "";
    return `${facts}; too short to tell, as a chain at half speed is caught in ${percent(limits.powerAtHalfSpeed)} of such windows and ${percent(promise.power)} is asked for${advice}`;
  }
  if (unseen > 0)
    return `${facts}; ${unseen} ${plural(unseen, "block")} of the chain not seen, so gaps can't be judged`;
  return facts;
}

function findingsOf(gaps: readonly Gap[], limits: LivenessLimits): string[] {
  const tooLong = gaps
    .filter((gap) => gap.unseen === 0 && gap.slots > limits.longestGap)
    .sort((a, b) => b.slots - a.slots)
    .map((gap) => `no block in slots ${span(gap)}: ${gap.slots} slots, at most ${limits.longestGap} allowed`);
  const unseen = gaps
    .filter((gap) => gap.unseen > 0)
    .map((gap) => `${gap.unseen} ${plural(gap.unseen, "block")} made in slots ${span(gap)} not seen by any observer`);
  return [...tooLong, ...unseen].slice(0, 20);
}

function span(gap: Gap): string {
  return `${gap.fromSlot} to ${gap.fromSlot + gap.slots - 1}`;
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
