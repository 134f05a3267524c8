import { formatDuration } from "../../core/duration.ts";
import { shortId } from "../../host/docker/things.ts";
import { type PresentRun, presentRuns } from "../../host/present-runs.ts";
import { ageMs } from "../../host/process-age.ts";
import { systemClock } from "../../host/system-clock.ts";
import { tableText } from "../../report/table.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { notes } from "../notes.ts";

/** Nodes of a run that its row names. */
const SHOWN = 6;

/** Lists runs from what the machine shows, so it also finds those whose files or runner are gone. */
export const psCommand: CommandDetail = {
  options: [{ flags: "--json", summary: "Print one JSON document" }],
  examples: [
    ["ps", "what runs, what is kept, and what was left behind"],
    ["ps --json", "the same for a program"],
  ],
  async run(args, { output, env }) {
    const present = await presentRuns(env, systemClock);
    if (present.unreachable) notes.warn(`containers are not looked for: ${present.unreachable.message}`);
    const runs = present.runs.map(describe);
    if (args.has("json")) {
      output.write(`${JSON.stringify(runs, null, 2)}\n`);
      return EXIT.passed;
    }
    if (runs.length === 0) {
      output.write("no run has a process on this machine, or a container in its Docker Engine\n");
      return EXIT.passed;
    }
    const rows = runs.map((run) => [
      run.run,
      run.state,
      run.ageMs === null ? "" : formatDuration(Math.floor(run.ageMs / 1_000) * 1_000),
      run.runner === null ? "gone" : `pid ${run.runner}`,
      run.guardian === null ? "gone" : `pid ${run.guardian}`,
      nodesText(run),
    ]);
    const table = [["RUN", "STATE", "AGE", "RUNNER", "GUARDIAN", "NODES"], ...rows];
    output.write(tableText(table));
    if (runs.some(({ state }) => state === "leftover")) output.write("\nRemove leftovers with: nomos-run clean\n");
    return EXIT.passed;
  },
};

function describe({ runId, state, runner, guardian, processes, things, from }: PresentRun) {
  const nodes = processes.filter(({ role }) => role === "node");
  const containers = things.filter(({ kind }) => kind === "container");
  const ages = [...processes, ...(guardian ? [guardian] : [])].map(ageMs);
  return {
    run: runId,
    state,
    /** The machine that its runner is on, where that isn't this one. */
    ...(from !== undefined && { from }),
    /** Of its oldest process that still lives; null where none does. */
    ageMs: ages.length === 0 ? null : Math.round(Math.max(0, ...ages)),
    runner: runner?.pid ?? null,
    guardian: guardian?.pid ?? null,
    nodes: nodes.map(({ node, pid, paused }) => ({ name: node ?? "?", pid, paused })),
    containers: containers.map(({ id, name, node, paused }) => ({ name: node ?? name, id: shortId(id), paused })),
    networks: things.filter(({ kind }) => kind === "network").map(({ name }) => name),
  };
}

function nodesText({ nodes, containers, networks, from }: ReturnType<typeof describe>): string {
  const all = [
    ...nodes.map(({ name, pid, paused }) => `${name} (${pid}${paused ? ", paused" : ""})`),
    ...containers.map(({ name, id, paused }) => `${name} (container ${id}${paused ? ", paused" : ""})`),
  ];
  const some = all.slice(0, SHOWN);
  if (all.length > SHOWN) some.push(`and ${all.length - SHOWN} more`);
  if (all.length === 0) some.push(networks.length === 0 ? "none" : `none; networks ${networks.join(", ")}`);
  return [...some, ...(from === undefined ? [] : [`started on ${from}`])].join(", ");
}
