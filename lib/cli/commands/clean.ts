import { CodedError } from "../../core/errors.ts";
import { cleanRun, listRuns, type RunOnMachine } from "../../host/runs.ts";
import { systemClock } from "../../host/system-clock.ts";
import { nearest } from "../../plan/nearest.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { notes } from "../notes.ts";

/** Removes what runs left on this machine; never files of a run folder. */
export const cleanCommand: CommandDetail = {
  options: [
    { flags: "--all", summary: "Also those of runs that were kept up on purpose" },
    { flags: "--force", summary: "Also the one named, although its runner is still at work" },
  ],
  examples: [
    ["clean", "everything that nobody looks after any more"],
    ["clean 20261123-143501-k3xq", "one run, also a kept one"],
    ["clean --all", "leftovers and kept runs"],
  ],
  async run(args, { output }) {
    const chosen = choose(listRuns(), args.positionals[0], { all: args.has("all"), force: args.has("force") });
    if (chosen.length === 0) {
      output.write("nothing to remove\n");
      return EXIT.passed;
    }
    let left = 0;
    for (const { runId } of chosen) {
      const swept = await cleanRun({ runId, clock: systemClock });
      output.write(
        `${runId}: removed ${swept.removed.length} of ${swept.removed.length + swept.left.length} processes\n`,
      );
      for (const { pid, command } of swept.left) {
        notes.warn(`pid ${pid} (${command}) is left; remove it with: kill -9 ${pid}`);
      }
      left += swept.left.length;
    }
    return left === 0 ? EXIT.passed : EXIT.error;
  },
};

function choose(
  runs: readonly RunOnMachine[],
  written: string | undefined,
  { all, force }: { all: boolean; force: boolean },
): readonly RunOnMachine[] {
  if (written === undefined) {
    if (force) {
      throw new CodedError("NR-CLI-OPTION", "--force without a run's name", {
        hint: "Name the run: a run at work is never removed together with others.",
      });
    }
    return runs.filter(({ state }) => state === "leftover" || (all && state === "kept"));
  }
  if (all)
    throw new CodedError("NR-CLI-OPTION", "--all and a run's name exclude each other", { hint: "Leave one away." });
  const run = runs.find(({ runId }) => runId === written);
  if (!run) {
    const ids = runs.map(({ runId }) => runId);
    const hint = ids.length === 0 ? "No run has one." : `The nearest of those that have is ${nearest(written, ids)}.`;
    throw new CodedError("NR-CLI-RUN-UNKNOWN", `no process on this machine belongs to run ${written}`, { hint });
  }
  if (run.state === "running" && !force) {
    throw new CodedError("NR-CLI-RUN-ALIVE", `run ${written} is at work: its runner is pid ${run.runner?.pid}`, {
      hint: `Press Ctrl-C there, or send it SIGTERM; --force takes its processes away under it.`,
    });
  }
  return [run];
}
