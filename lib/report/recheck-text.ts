import type { Figure, Judgement, Verdict } from "../model/verdict.ts";
import type { RunReport } from "../run/run-report.ts";
import { type Screen, wrap } from "./screen.ts";
import { judgementLines } from "./verdict-block.ts";

/** A recorded run judged again, beside what its run found. */
export interface RecheckReport {
  readonly runId: string;
  readonly name: string;
  readonly verdict: Verdict;
  readonly why: string;
  readonly expectations: RunReport["expectations"];
  readonly recorded: { readonly verdict: Verdict; readonly why: string };
  /** One line for each outcome, figure and limit that is not as recorded. */
  readonly changed: readonly string[];
}

/** What a person reads of a recheck. */
export function recheckText(report: RecheckReport, screen: Screen): string {
  const columns = screen.columns();
  const lines = [
    `${report.verdict.toUpperCase()}  ${report.name}, run ${report.runId} judged again`,
    wrap(report.why, columns, "  "),
    "",
    ...judgementLines(report.expectations, screen),
    "",
    report.verdict === report.recorded.verdict
      ? `  the verdict is as recorded: ${report.verdict}`
      : `  the verdict was ${report.recorded.verdict}, and is ${report.verdict} now`,
    ...report.changed.map((change) => wrap(`- ${change}`, columns, "    ")),
  ];
  return `${lines.join("\n")}\n`;
}

/** What differs between two judgements of a run: outcomes first, then figures and limits. */
export function judgementChanges(before: RunReport["expectations"], after: RunReport["expectations"]): string[] {
  const changes: string[] = [];
  for (const now of after) {
    const then = before.find(({ expectation }) => expectation === now.expectation);
    if (!then) {
      changes.push(`${now.expectation}: was not judged, ${now.outcome} now`);
      continue;
    }
    if (then.outcome !== now.outcome) changes.push(`${now.expectation}: was ${then.outcome}, ${now.outcome} now`);
    changes.push(...differences(`${now.expectation}: limit `, then.limits, now.limits));
    changes.push(...differences(`${now.expectation}: `, then.figures, now.figures));
  }
  for (const { expectation } of before.filter(
    ({ expectation: name }) => !after.some((now) => now.expectation === name),
  )) {
    changes.push(`${expectation}: was judged, and is not now`);
  }
  return changes;
}

function differences(title: string, before: Judgement["figures"], after: Judgement["figures"]): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => `${title}${name} was ${valueText(before[name])}, ${valueText(after[name])} now`);
}

/** In full: two figures that read the same when rounded would be no difference. */
function valueText(value: Figure | undefined): string {
  return value === undefined || value === null ? "none" : String(value);
}
