import { formatDuration } from "../core/duration.ts";
import type { Figure, Outcome, Verdict } from "../model/verdict.ts";
import type { RunReport } from "../run/run-report.ts";
import { paintFor, type Screen, wrap } from "./screen.ts";

const MARKS = { passed: "+", failed: "x", inconclusive: "?" } as const satisfies Record<Outcome, string>;
const STYLES = {
  passed: "green",
  failed: "red",
  inconclusive: "yellow",
  error: "red",
  interrupted: "yellow",
} as const satisfies Record<Verdict, string>;

/** Findings shown for an expectation that did not pass; the rest are in run.json. */
const FINDINGS_SHOWN = 5;

/** The end of a report for people: the verdict, each expectation with its figures, the errors, and where to look. */
export function verdictBlock(report: RunReport, folder: string, screen: Screen): string {
  const paint = paintFor(screen);
  const columns = screen.columns();
  const lines: string[] = [];
  const took = formatDuration(Math.round((Date.parse(report.endedAt) - Date.parse(report.startedAt)) / 100) * 100);
  lines.push("", paint(["bold", STYLES[report.verdict]], `${report.verdict.toUpperCase()}  ${report.name}, ${took}`));
  lines.push(wrap(report.why, columns, "  "), "");

  lines.push(...judgementLines(report.expectations, screen));
  if (report.expectations.length > 0) lines.push("");

  for (const { code, message, hint, stage } of report.errors) {
    lines.push(wrap(paint("red", `error ${code} in ${stage}: ${message}`), columns, "  "));
    if (hint !== null) lines.push(wrap(hint, columns, "    "));
  }
  if (report.errors.length > 0) lines.push("");

  const { created, removed } = report.inventory;
  lines.push(`  made        ${created} things in the world, ${removed} of them gone`);
  if (report.kept) lines.push(`  kept        the nodes are up; end them with: nomos-run down ${report.runId}`);
  lines.push(`  evidence    ${folder}`);
  if (report.verdict !== "passed") {
    lines.push(`  look closer nomos-run logs ${report.runId} [NODE]; events.ndjson and run.json in that folder`);
  }
  lines.push(`  again       --seed ${report.seed}`, "");
  return lines.join("\n");
}

/** What each expectation found against what limits; with the first findings of those that did not pass. */
export function judgementLines(expectations: RunReport["expectations"], screen: Screen): string[] {
  const paint = paintFor(screen);
  const columns = screen.columns();
  const lines: string[] = [];
  const width = Math.max(0, ...expectations.map(({ expectation }) => expectation.length));
  for (const { expectation, outcome, summary, figures, limits, findings } of expectations) {
    const mark = paint(STYLES[outcome], `${MARKS[outcome]} ${expectation.padEnd(width)}`);
    lines.push(`  ${mark}  ${wrap(summary, columns, " ".repeat(width + 6)).trimStart()}`);
    const detail = [figuresText("", figures), figuresText("limits ", limits)].filter((text) => text !== "").join("; ");
    if (detail !== "") lines.push(paint("dim", wrap(detail, columns, "      ")));
    if (outcome === "passed") continue;
    for (const finding of findings.slice(0, FINDINGS_SHOWN)) lines.push(wrap(`- ${finding}`, columns, "      "));
    if (findings.length > FINDINGS_SHOWN) lines.push(`      ... ${findings.length - FINDINGS_SHOWN} more in run.json`);
  }
  return lines;
}

function figuresText(prefix: string, figures: Readonly<Record<string, Figure>>): string {
  const entries = Object.entries(figures);
  if (entries.length === 0) return "";
  return prefix + entries.map(([name, value]) => `${name} ${figureText(value)}`).join(", ");
}

function figureText(value: Figure): string {
  if (value === null) return "none";
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 0.001 ? String(Number(value.toFixed(3))) : value.toExponential(1);
}
