/** What an expectation found. */
export type Outcome = "passed" | "failed" | "inconclusive";

/** How a run ended. */
export type Verdict = Outcome | "error" | "interrupted";

/** From worst to best: within a run and over several the worst counts. */
export const VERDICTS_WORST_FIRST: readonly Verdict[] = ["failed", "error", "inconclusive", "interrupted", "passed"];

/** The worst of these; `passed` when there are none. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS_WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? "passed";
}

export type Figure = string | number | boolean | null;

/** An expectation's judgement, with everything that a reader needs to check it. */
export interface Judgement {
  readonly outcome: Outcome;
  /** One sentence: what was found against what limit. */
  readonly summary: string;
  readonly figures: Readonly<Record<string, Figure>>;
  readonly limits: Readonly<Record<string, Figure>>;
  /** Particulars: nodes, blocks and transactions named, worst first, at most 20. */
  readonly findings: readonly string[];
}
