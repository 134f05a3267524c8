import type { RunReport } from "../run/run-report.ts";
import type { Reporter } from "./reporter.ts";

type Judged = RunReport["expectations"][number];

/** Collects the runs of a call, and passes on the document of all of them after each. */
export function createJunitCollector(write: (document: string) => void): { reporter(): Reporter } {
  const reports: RunReport[] = [];
  return {
    reporter: () => ({
      event: () => undefined,
      note: () => undefined,
      abandon: () => undefined,
      end(report) {
        reports.push(report);
        write(junitDocument(reports));
      },
    }),
  };
}

/**
 * The JUnit XML of these runs: a suite a run, a case an expectation. What is inconclusive is an error, for a build must not
 * be green by it. A run that was not judged, or that something beside its expectations spoiled, has a case of its own.
 */
export function junitDocument(reports: readonly RunReport[]): string {
  const suites = reports.map(suiteOf);
  const sum = (count: keyof Counts) => suites.reduce((total, { counts }) => total + counts[count], 0);
  const seconds = reports.reduce((total, report) => total + secondsOf(report), 0);
  const counts = { tests: sum("tests"), failures: sum("failures"), errors: sum("errors") };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: "nomos-run", ...counts, time: seconds.toFixed(3) })}>`,
    ...suites.map(({ xml }) => xml),
    "</testsuites>",
    "",
  ].join("\n");
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
}

function suiteOf(report: RunReport): { readonly counts: Counts; readonly xml: string } {
  const spoiled = spoiledBy(report);
  const outcomes = report.expectations.map(({ outcome }) => outcome);
  const counts = {
    tests: outcomes.length + (spoiled === null ? 0 : 1),
    failures: outcomes.filter((outcome) => outcome === "failed").length + (spoiled?.type === "failed" ? 1 : 0),
    errors:
      outcomes.filter((outcome) => outcome === "inconclusive").length +
      (spoiled !== null && spoiled.type !== "failed" ? 1 : 0),
  };
  const { name, runId, verdict, seed, deployer, nodeKind, profile, build } = report;
  const properties = Object.entries({ runId, verdict, seed, deployer, nodeKind, profile, build });
  const xml = [
    `  <testsuite${attributes({ name, ...counts, skipped: 0, time: secondsOf(report).toFixed(3), timestamp: report.startedAt })}>`,
    "    <properties>",
    ...properties.map(([key, value]) => `      <property${attributes({ name: key, value })}/>`),
    "    </properties>",
    ...report.expectations.map((judged) => caseOf(report, judged)),
    ...(spoiled === null ? [] : [testCase(report, "run", spoiled)]),
    "  </testsuite>",
  ].join("\n");
  return { counts, xml };
}

interface Trouble {
  readonly type: string;
  readonly message: string;
  readonly text: string;
}

/** What made the verdict, where no expectation did. */
function spoiledBy({ verdict, why, errors, expectations }: RunReport): Trouble | null {
  const [error] = errors;
  if (error) {
    const text = errors.map(({ code, stage, message, hint }) => `${code} in ${stage}: ${message}\n${hint ?? ""}`);
    return { type: error.code, message: error.message, text: text.join("\n").trimEnd() };
  }
  const explained = verdict === "passed" || expectations.some(({ outcome }) => outcome === verdict);
  return explained ? null : { type: verdict, message: why, text: "" };
}

function caseOf(report: RunReport, judged: Judged): string {
  const { expectation, outcome, summary, findings } = judged;
  if (outcome === "passed") return testCase(report, expectation, null, summary);
  const figures = [...lines("", judged.figures), ...lines("limit ", judged.limits)];
  return testCase(report, expectation, { type: outcome, message: summary, text: [...findings, ...figures].join("\n") });
}

function lines(title: string, figures: Judged["figures"]): string[] {
  return Object.entries(figures).map(([name, value]) => `${title}${name}: ${value ?? "none"}`);
}

function testCase(report: RunReport, name: string, trouble: Trouble | null, output = ""): string {
  const open = `    <testcase${attributes({ classname: report.name, name, time: "0.000" })}>`;
  if (!trouble) return `${open}<system-out>${escapeXml(output)}</system-out></testcase>`;
  const { type, message, text } = trouble;
  const element = type === "failed" ? "failure" : "error";
  return `${open}\n      <${element}${attributes({ type, message })}>${escapeXml(text)}</${element}>\n    </testcase>`;
}

function secondsOf({ startedAt, endedAt }: RunReport): number {
  return (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000 || 0;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value)).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;")}"`)
    .join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
/** Everything that XML 1.0 has no way to write, lone surrogates among it. */
const NO_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Text as XML can hold it; what it can't becomes U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(NO_CHARACTER, "\u{FFFD}")
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replaceAll("\r", "&#13;");
}
