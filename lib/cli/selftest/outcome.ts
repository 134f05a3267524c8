import type { RunReport } from "../../run/run-report.ts";
import type { SelftestCase } from "./cases.ts";

/** How a case came out. */
export interface SelftestOutcome {
  readonly name: string;
  readonly what: string;
  /** The expectation that had to fail; null where all had to pass. */
  readonly expected: string | null;
  /** Whether it came out as it must. */
  readonly ok: boolean;
  /** What the expectation said; where the case is not `ok`, what is wrong. */
  readonly said: string;
  /** Other expectations that failed as well. */
  readonly alsoFailed: readonly string[];
  readonly runId: string;
  readonly seed: string;
}

/** Holds a run against what its case must lead to. */
export function outcomeOf({ name, what, caught }: SelftestCase, report: RunReport): SelftestOutcome {
  const { runId, seed, expectations } = report;
  const expected = caught?.expectation ?? null;
  const failed = expectations.filter(({ outcome }) => outcome === "failed").map(({ expectation }) => expectation);
  const alsoFailed = failed.filter((each) => each !== expected);
  const about = { name, what, expected, alsoFailed, runId, seed };
  if (report.verdict === "error" || report.verdict === "interrupted" || expectations.length === 0) {
    return { ...about, ok: false, said: `the run ended as ${report.verdict}: ${report.why}` };
  }
  if (!caught) {
    const ok = report.verdict === "passed";
    return { ...about, ok, said: ok ? `all ${expectations.length} expectations passed` : report.why };
  }
  const judged = expectations.find(({ expectation }) => expectation === caught.expectation);
  if (judged?.outcome !== "failed") {
    const said = judged ? `${judged.outcome}: ${judged.summary}` : "it was not judged";
    return { ...about, ok: false, said };
  }
  const text = [judged.summary, ...judged.findings].join("\n");
  const missing = caught.names.filter((name) => !name.test(text));
  if (missing.length > 0)
    return { ...about, ok: false, said: `${judged.summary}, which does not say ${missing.join(", ")}` };
  return { ...about, ok: true, said: judged.summary };
}
