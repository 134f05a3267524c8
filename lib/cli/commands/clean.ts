import { CodedError } from "../../core/errors.ts";
import { leftOf, type PresentRun, presentRuns, removalText, removeRun } from "../../host/present-runs.ts";
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
  async run(args, { output, env }) {
    const { runs, engine, unreachable } = await presentRuns(env, systemClock);
    if (unreachable) notes.warn(`containers are not looked for: ${unreachable.message}`);
    const chosen = choose(runs, args.positionals[0], { all: args.has("all"), force: args.has("force") });
    if (chosen.length === 0) {
      output.write("nothing to remove\n");
      return EXIT.passed;
    }
    let left = 0;
    for (const { runId } of chosen) {
      const removal = await removeRun(runId, engine, systemClock);
      output.write(`${runId}: ${removalText(removal) ?? "nothing was left of it"}\n`);
      for (const { what, remove } of leftOf(removal)) notes.warn(`${what} is left; remove it with: ${remove}`);
      left += leftOf(removal).length;
    }
    return left === 0 ? EXIT.passed : EXIT.error;
  },
};

function choose(
  runs: readonly PresentRun[],
  written: string | undefined,
  { all, force }: { all: boolean; force: boolean },
): readonly PresentRun[] {
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
    throw new CodedError(
      "NR-CLI-RUN-UNKNOWN",
      `nothing on this machine or in its Docker Engine belongs to run ${written}`,
      { hint },
    );
  }
  if (run.state === "elsewhere" && !force) {
    throw new CodedError("NR-CLI-RUN-ALIVE", `run ${written} was started on ${run.from}, which may still be at it`, {
      hint: "Look there first: nomos-run ps. --force removes its containers all the same.",
    });
  }
  if (run.state === "running" && !force) {
    throw new CodedError("NR-CLI-RUN-ALIVE", `run ${written} is at work: its runner is pid ${run.runner?.pid}`, {
      hint: `Press Ctrl-C there, or send it SIGTERM; --force takes its processes away under it.`,
    });
  }
  return [run];
}
