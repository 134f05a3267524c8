import { basename, dirname, resolve } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { leftOf, removalText } from "../../host/present-runs.ts";
import { listRuns, type RunOnMachine } from "../../host/runs.ts";
import { nearest } from "../../plan/nearest.ts";
import { takeDown } from "../../run/take-down.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { notes } from "../notes.ts";
import { DEFAULT_OUT, findRunFolder } from "../run-places.ts";
import type { World } from "../world.ts";

/** A shorter beginning of an id than its day says nothing. */
const SHORTEST_ID = 8;

/** Takes a network down that `up` or `--keep` left up. */
export const downCommand: CommandDetail = {
  options: [{ flags: "--out <folder>", summary: `Where runs leave their folders; ${DEFAULT_OUT} by default` }],
  examples: [
    ["down latest", "the newest run's network"],
    ["down 20261123-143501-k3xq", "this run's, from any folder"],
  ],
  async run(args, world) {
    const { runId, folder, run } = find(args.positionals[0] ?? "", args.value("out"), world);
    if (run?.state === "running") {
      throw new CodedError("NR-CLI-RUN-ALIVE", `run ${runId} is at work: its runner is pid ${run.runner?.pid}`, {
        hint: "Press Ctrl-C there, or send it SIGTERM.",
      });
    }
    if (run && !run.guardian) notes.warn(`the guardian of ${runId} is gone; its nodes are removed all the same`);
    const { removal, report } = await takeDown(runId, folder, world.env);
    const left = leftOf(removal);
    for (const { what, remove } of left) notes.warn(`${what} is left; remove it with: ${remove}`);
    const made = report ? `; ${report.inventory.created} things made, ${report.inventory.removed} of them gone` : "";
    const what = removalText(removal);
    world.output.write(`${runId}: ${what ?? "nothing of it was up"}${made}\n`);
    // A run that was attached to a network is newer than it.
    const beside = what === null && folder !== null ? keptBeside(folder) : [];
    for (const other of beside)
      world.output.write(`still up is ${other}; take it down with: nomos-run down ${other}\n`);
    const isWhole = left.length === 0 && (!report || report.inventory.created === report.inventory.removed);
    return isWhole ? EXIT.passed : EXIT.error;
  },
};

interface Found {
  readonly runId: string;
  readonly folder: string | null;
  /** What the machine has of it. */
  readonly run: RunOnMachine | undefined;
}

/** By its processes on this machine, wherever its folder is, or by its folder. */
function find(written: string, out: string | undefined, world: World): Found {
  const runs = listRuns();
  const onMachine = runs.filter(({ runId }) => written.length >= SHORTEST_ID && runId.startsWith(written));
  const [only] = onMachine;
  const run = onMachine.length === 1 ? only : undefined;
  const told = run && folderOf(run);
  if (run && told !== undefined) return { runId: run.runId, folder: told, run };
  try {
    const folder = findRunFolder(resolve(world.folder, out ?? DEFAULT_OUT), run?.runId ?? written, world.folder);
    const runId = basename(folder);
    return { runId, folder, run: runs.find((each) => each.runId === runId) };
  } catch (thrown) {
    if (!(thrown instanceof CodedError) || runs.length === 0) throw thrown;
    // Its folder may be anywhere, or gone: its processes are removed all the same.
    if (run) return { runId: run.runId, folder: null, run };
    const ids = runs.map(({ runId }) => runId);
    throw new CodedError(thrown.code, thrown.message, {
      hint: `${thrown.hint} Of the runs on this machine the nearest is ${nearest(written, ids)}.`,
    });
  }
}

/** Networks that stayed up and whose folders lie beside this run's. */
function keptBeside(folder: string): string[] {
  const kept = listRuns().filter((run) => run.state === "kept" && dirname(folderOf(run) ?? "") === dirname(folder));
  return kept.map(({ runId }) => runId);
}

/** The folder of a run, as its guardian was told: its log is there. */
function folderOf({ guardian }: RunOnMachine): string | undefined {
  const log = / guardian --log (.+\/guardian\.log)$/.exec(guardian?.command ?? "")?.[1];
  return log === undefined ? undefined : dirname(log);
}
