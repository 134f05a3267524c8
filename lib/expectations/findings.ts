import { formatDuration } from "../core/duration.ts";
import { findWindow, type Window } from "../evidence/folds/window.ts";
import type { Evidence } from "../model/expectation.ts";
import type { Judgement } from "../model/verdict.ts";

/** Most findings that a judgement lists. */
const MOST_FINDINGS = 20;

/** The first 20 findings; the last line then says how many more there are. */
export function listed(findings: readonly string[]): readonly string[] {
  if (findings.length <= MOST_FINDINGS) return findings;
  const shown = findings.slice(0, MOST_FINDINGS - 1);
  return [...shown, `and ${findings.length - shown.length} more`];
}

/** The judgement that the evidence doesn't allow one. */
export function undecided(why: string): Judgement {
  return { outcome: "inconclusive", summary: why, figures: {}, limits: {}, findings: [] };
}

/** Judges by the judged window, or says why there is none. */
export function inWindow(evidence: Evidence, judge: (window: Window) => Judgement): Judgement {
  const search = findWindow(evidence.events);
  return "window" in search ? judge(search.window) : undecided(`nothing to judge: ${search.missing}`);
}

/** `part` of `whole` in percent; 100 of nothing, for nothing is missing from it. */
export function percentOf(part: number, whole: number): number {
  return whole === 0 ? 100 : (100 * part) / whole;
}

/** A share as a person reads it: `98.5 %`. Rounded towards what is worse, so that 99.99 never reads as 100. */
export function percentText(percent: number): string {
  return `${Math.floor(percent * 100) / 100} %`;
}

/** `1 blob`, `2 blobs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}

/** A time on the run's clock: `at 12.3s`. */
export function atTime(ms: number): string {
  return `at ${formatDuration(Math.round(ms / 100) * 100)}`;
}

/** Names in a sentence: `a`, `a and b`, `a, b and c`. */
export function names(list: readonly string[]): string {
  if (list.length < 2) return list.join("");
  return `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`;
}
