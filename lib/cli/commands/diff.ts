import { resolve } from "node:path";
import { type Difference, documentDifferences } from "../../report/differences.ts";
import { tableText } from "../../report/table.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { type RecordedRun, readRunDocuments } from "../recorded-run.ts";
import { DEFAULT_OUT, findRunFolder } from "../run-places.ts";

/** Sets two recorded runs side by side. */
export const diffCommand: CommandDetail = {
  options: [
    { flags: "--out <folder>", summary: `Where runs leave their folders; ${DEFAULT_OUT} by default` },
    { flags: "--json", summary: "Print one JSON document" },
  ],
  examples: [
    ["diff 20261123-151024186-sv0767 latest", "what was planned and found otherwise"],
    ["diff ./main/run ./branch/run --json", "folders from elsewhere, for a program"],
  ],
  async run(args, { output, folder }) {
    const root = resolve(folder, args.value("out") ?? DEFAULT_OUT);
    const [first, second] = [0, 1].map((i) =>
      readRunDocuments(findRunFolder(root, args.positionals[i] ?? "", folder)),
    ) as [Documents, Documents];
    const plan = documentDifferences(first.lock.plan, second.lock.plan);
    const figures = documentDifferences(figuresOf(first), figuresOf(second));
    if (args.has("json")) {
      const runs = [first, second].map(({ report }) => report.runId);
      output.write(`${JSON.stringify({ v: 1, runs, plan, figures }, null, 2)}\n`);
      return EXIT.passed;
    }
    const title = (what: string, same: string, differences: readonly Difference[]) => {
      if (differences.length === 0) return `${same}\n`;
      const rows = differences.map(({ path, before, after }) => [path, cell(before), cell(after)]);
      return tableText([[what, first.report.runId, second.report.runId], ...rows]);
    };
    output.write(title("PLAN", "the plans are equal", plan));
    output.write(`\n${title("FOUND", "the figures are equal", figures)}`);
    return EXIT.passed;
  },
};

type Documents = Pick<RecordedRun, "lock" | "report">;

/** What a run found, by the names of its expectations. */
function figuresOf({ report }: Documents): object {
  const { verdict, build, expectations, stages, inventory } = report;
  return {
    verdict,
    build,
    expectations: expectations.map(({ expectation, outcome, limits, figures }) => ({
      name: expectation,
      outcome,
      limits,
      figures,
    })),
    stagesMs: Object.fromEntries(stages.map(({ stage, ms }) => [stage, Math.round(ms)])),
    inventory: { created: inventory.created, removed: inventory.removed },
  };
}

/** A value in a table; long ones are cut, and whole in `--json`. */
function cell(value: unknown): string {
  if (value === undefined) return "-";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= 48 ? text : `${text.slice(0, 47)}…`;
}
