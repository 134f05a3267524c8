import { formatDuration } from "../../core/duration.ts";
import { ageMs } from "../../host/process-age.ts";
import { listRuns, type RunOnMachine } from "../../host/runs.ts";
import { tableText } from "../../report/table.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";

/** Lists runs from what the machine shows, so it also finds those whose files or runner are gone. */
export const psCommand: CommandDetail = {
  options: [{ flags: "--json", summary: "Print one JSON document" }],
  examples: [
    ["ps", "what runs, what is kept, and what was left behind"],
    ["ps --json", "the same for a program"],
  ],
  async run(args, { output }) {
    const runs = listRuns().map(describe);
    if (args.has("json")) {
      output.write(`${JSON.stringify(runs, null, 2)}\n`);
      return EXIT.passed;
    }
    if (runs.length === 0) {
      output.write("no run has a process on this machine\n");
      return EXIT.passed;
    }
    const rows = runs.map((run) => [
      run.run,
      run.state,
      formatDuration(Math.floor(run.ageMs / 1_000) * 1_000),
      run.runner === null ? "gone" : `pid ${run.runner}`,
      run.guardian === null ? "gone" : `pid ${run.guardian}`,
      nodesText(run.nodes),
    ]);
    const table = [["RUN", "STATE", "AGE", "RUNNER", "GUARDIAN", "NODES"], ...rows];
    output.write(tableText(table));
    if (runs.some(({ state }) => state === "leftover")) output.write("\nRemove leftovers with: nomos-run clean\n");
    return EXIT.passed;
  },
};

function describe({ runId, state, runner, guardian, processes }: RunOnMachine) {
  const nodes = processes.filter(({ role }) => role === "node");
  const ages = [...processes, ...(guardian ? [guardian] : [])].map(ageMs);
  return {
    run: runId,
    state,
    /** Of its oldest process that still lives. */
    ageMs: Math.round(Math.max(0, ...ages)),
    runner: runner?.pid ?? null,
    guardian: guardian?.pid ?? null,
    nodes: nodes.map(({ node, pid, paused }) => ({ name: node ?? "?", pid, paused })),
  };
}

function nodesText(nodes: readonly { name: string; pid: number; paused: boolean }[]): string {
  if (nodes.length === 0) return "none";
  const shown = nodes.slice(0, 6).map(({ name, pid, paused }) => `${name} (${pid}${paused ? ", paused" : ""})`);
  return [...shown, ...(nodes.length > 6 ? [`and ${nodes.length - 6} more`] : [])].join(", ");
}
