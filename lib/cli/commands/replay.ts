import { resolve } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { BUILD } from "../../host/build-stamp.ts";
import { withCustomNodeKind } from "../../plan/custom-node-kind.ts";
import { readEnvironment } from "../../plan/environment.ts";
import { forecast } from "../../plan/forecast.ts";
import type { PlanLock } from "../../plan/lock.ts";
import type { ResolvedPlan } from "../../plan/resolve.ts";
import { Sources } from "../../plan/sources.ts";
import type { Customs } from "../../plan/written.ts";
import type { CommandDetail } from "../command.ts";
import { loadPlan } from "../load-plans.ts";
import { notes } from "../notes.ts";
import { readRunDocuments } from "../recorded-run.ts";
import { builtIn } from "../registry.ts";
import { runAll } from "../run-all.ts";
import { RUN_OPTIONS, runSettings } from "../run-flags.ts";
import { findRunFolder } from "../run-places.ts";
import type { World } from "../world.ts";

/** Runs a recorded run's plan again: the same seed, and so the same schedule of faults on the same nodes. */
export const replayCommand: CommandDetail = {
  options: RUN_OPTIONS,
  examples: [
    ["replay latest", "the newest run once more"],
    ["replay ./copied/run", "a run from a folder that somebody else recorded"],
  ],
  async run(args, world) {
    const settings = runSettings(args, readEnvironment(world.env), world);
    const folder = findRunFolder(resolve(settings.out), args.positionals[0] ?? "", world.folder);
    const { lock } = readRunDocuments(folder);
    const { plan, digest, environment } = lock;
    const parts = builtIn();
    const { registry, deployers } = parts;
    const customs = await customsOf(lock, world);
    const nodeKind = withCustomNodeKind(registry, customs).nodeKinds.get(plan.nodeKind);
    if (!nodeKind || !deployers.has(plan.deployer)) {
      throw new CodedError(
        "NR-PLAN-UNKNOWN",
        `the run was on the backend ${plan.deployer} with ${plan.nodeKind} nodes, which this program doesn't have`,
        { at: folder, hint: "Use the version that recorded it." },
      );
    }
    const resolved: ResolvedPlan = {
      plan,
      digest,
      forecast: forecast(plan, nodeKind),
      warnings: [],
      customs,
      capabilities: [],
      writtenMs: new Map(),
      sources: new Sources(new Map()),
    };
    if (environment.build !== BUILD) {
      notes.warn(
        `that run was made by ${environment.build}, and this is ${BUILD}: the faults are the same, the nodes may not be`,
      );
    }
    const { scenario, scenarioDigest } = environment;
    const run = { resolved, scenarioDigest, ...(scenario === undefined ? {} : { scenario }) };
    return runAll([run], settings, parts, world);
  },
};

/** The pieces that only the scenario file can make, from the very file that the run was made of. */
async function customsOf({ plan, environment }: PlanLock, world: World): Promise<Customs> {
  const pieces = [...plan.workloads, ...plan.expectations].filter(({ custom }) => custom).map(({ name }) => name);
  const tasks = (plan.setup ?? []).filter(({ custom }) => custom).map(({ task }) => `the task ${task}`);
  const own = [...pieces, ...tasks, ...(plan.customNodeKind ? [`the node kind ${plan.nodeKind}`] : [])];
  if (own.length === 0) return { workloads: new Map(), expectations: new Map(), tasks: new Map() };
  const { scenario, scenarioDigest } = environment;
  const loaded = scenario === undefined ? null : await loadPlan(scenario, world);
  if (loaded && scenarioDigest !== null && loaded.digest === scenarioDigest) return loaded.plan.customs;
  throw new CodedError(
    "NR-EVIDENCE-SCENARIO",
    `the scenario's own pieces ${own.join(", ")} can't be made: ${scenario ?? "its file"} is not the file of that run any more`,
    { hint: "Run the scenario file as it is now, with --seed of that run." },
  );
}
