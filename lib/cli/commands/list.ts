import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { CodedError, systemCode } from "../../core/errors.ts";
import { listRuns } from "../../host/runs.ts";
import type { Verdict } from "../../model/verdict.ts";
import { tableText } from "../../report/table.ts";
import { readReport } from "../../run/run-report.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { DEFAULT_OUT } from "../run-places.ts";

/** Lists what runs have left in a folder. */
export const listCommand: CommandDetail = {
  options: [
    { flags: "--out <folder>", summary: `Where runs leave their folders; ${DEFAULT_OUT} by default` },
    { flags: "--json", summary: "Print one JSON document" },
  ],
  examples: [
    ["list", "verdict, scenario and seed of each run"],
    ["list --json", "the same for a program"],
  ],
  async run(args, { output, folder }) {
    const root = resolve(folder, args.value("out") ?? DEFAULT_OUT);
    const runs = readRuns(join(root, "runs"));
    if (args.has("json")) {
      output.write(`${JSON.stringify(runs, null, 2)}\n`);
      return EXIT.passed;
    }
    if (runs.length === 0) {
      output.write(`there is no run in ${root}\n`);
      return EXIT.passed;
    }
    const rows = runs.map(({ run, verdict, name, startedAt, seed }) => [
      run,
      verdict,
      name ?? "?",
      startedAt === null ? "?" : startedAt.startsWith("1970") ? "in virtual time" : startedAt,
      seed === null ? "?" : `--seed ${seed}`,
    ]);
    output.write(tableText([["RUN", "VERDICT", "SCENARIO", "STARTED", "AGAIN"], ...rows]));
    return EXIT.passed;
  },
};

interface ListedRun {
  /** Name of its folder. */
  readonly run: string;
  /** `cut off`: it has no report and nobody is at work on it. `unreadable`: its report is none that this version reads. */
  readonly verdict: Verdict | "running" | "cut off" | "unreadable";
  readonly name: string | null;
  readonly startedAt: string | null;
  readonly seed: string | null;
}

/** Newest first, by the time that their folders were made; ids of simulated runs say nothing of it. */
function readRuns(folder: string): ListedRun[] {
  const alive = new Set(listRuns().map(({ runId }) => runId));
  return namesIn(folder)
    .map((run) => ({ run, madeAt: statSync(join(folder, run)).birthtimeMs }))
    .sort((a, b) => b.madeAt - a.madeAt || (a.run < b.run ? 1 : -1))
    .map(({ run }) => readRun(folder, run, alive));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return [];
    if (code === "ENOTDIR") {
      throw new CodedError("NR-CLI-VALUE", `${folder} is no folder`, {
        hint: `--out names the folder that runs leave theirs in, such as ${DEFAULT_OUT}.`,
      });
    }
    throw error;
  }
}

function readRun(folder: string, run: string, alive: ReadonlySet<string>): ListedRun {
  const path = join(folder, run, "run.json");
  const unknown = { run, name: null, startedAt: null, seed: null };
  try {
    const { verdict, name, startedAt, seed } = readReport(JSON.parse(readFileSync(path, "utf8")), path);
    return { run, verdict, name, startedAt, seed };
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return { ...unknown, verdict: alive.has(run) ? "running" : "cut off" };
    if (thrown instanceof SyntaxError || thrown instanceof CodedError) return { ...unknown, verdict: "unreadable" };
    throw thrown;
  }
}
