import { LATE_SLOTS } from "./natural-conflict.ts";

/** Healthy nodes fall further behind than the limit in at most this part of all runs. */
const FALSE_ALARM = 1e-6;

/**
 * How far a node may be behind the others, in ms, before that is no chance any more. A healthy node falls behind by the
 * slots in a row in which its blocks were late; to that comes how late an observer may see it.
 * @param slots length of the judged window
 * @param noticeMs longest time from a node's showing a block to its being seen
 */
export function stalenessLimitMs(slots: number, slotMs: number, noticeMs: number): number {
  const lateInARow = Math.ceil(Math.log(FALSE_ALARM / Math.max(1, slots)) / Math.log(LATE_SLOTS));
  return lateInARow * slotMs + noticeMs;
}
