import type { RunReport } from "../run/run-report.ts";
import type { Reporter, RunHeader } from "./reporter.ts";

/** Findings quoted in an annotation; the rest are in run.json. */
const FINDINGS_SHOWN = 5;

/**
 * Workflow commands that GitHub Actions shows as annotations: an error for each expectation that failed and for each
 * error, a warning for each that is inconclusive, at the line of the scenario that asked for it.
 * @param write takes the commands, one a line
 * @param summarise takes Markdown for the summary of the step; null where there is none
 */
export function createGithubReporter(
  header: Pick<RunHeader, "siteOf">,
  write: (text: string) => void,
  summarise: ((markdown: string) => void) | null,
): Reporter {
  return {
    event: () => undefined,
    note: () => undefined,
    abandon: () => undefined,
    end(report) {
      for (const line of annotations(report, header)) write(`${line}\n`);
      summarise?.(stepSummary(report));
    },
  };
}

function annotations(report: RunReport, { siteOf }: Pick<RunHeader, "siteOf">): string[] {
  const judged = report.expectations
    .filter(({ outcome }) => outcome !== "passed")
    .map(({ expectation, outcome, summary, findings }) => {
      const text = [summary, ...findings.slice(0, FINDINGS_SHOWN).map((finding) => `- ${finding}`)].join("\n");
      const title = `${report.name}: ${expectation} ${outcome}`;
      return command(outcome === "failed" ? "error" : "warning", title, siteOf?.(expectation), text);
    });
  const errors = report.errors.map(({ code, stage, message, hint }) =>
    command("error", `${report.name}: ${code} in ${stage}`, undefined, hint === null ? message : `${message}\n${hint}`),
  );
  const unexplained = report.verdict !== "passed" && judged.length + errors.length === 0;
  const verdict = unexplained ? [command("error", `${report.name}: ${report.verdict}`, undefined, report.why)] : [];
  return [...judged, ...errors, ...verdict];
}

function command(kind: "error" | "warning", title: string, site: string | undefined, text: string): string {
  const [, file, line] = /^(.+):(\d+)$/.exec(site ?? "") ?? [];
  const place = file === undefined || line === undefined ? [] : [`file=${escapeProperty(file)}`, `line=${line}`];
  return `::${kind} ${[...place, `title=${escapeProperty(title)}`].join(",")}::${escapeData(text)}`;
}

/** As @actions/core escapes them. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function stepSummary(report: RunReport): string {
  const rows = report.expectations.map(
    ({ expectation, outcome, summary }) => `| ${cell(expectation)} | ${outcome} | ${cell(summary)} |`,
  );
  const table = rows.length === 0 ? [] : ["| Expectation | Outcome | Found |", "|---|---|---|", ...rows, ""];
  const errors = report.errors.map(({ code, stage, message }) => `- ${code} in ${stage}: ${cell(message)}`);
  const again = `Run ${report.runId}, seed \`${report.seed.replaceAll("`", "'")}\``;
  return [
    "",
    `### ${cell(report.name)}: ${report.verdict}`,
    "",
    cell(report.why),
    "",
    ...table,
    ...errors,
    "",
    again,
    "",
  ].join("\n");
}

/** Text within one cell of a Markdown table. */
function cell(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\|`*_[\]]/g, "\\$&")
    .replace(/\r?\n|\r/g, " ");
}
