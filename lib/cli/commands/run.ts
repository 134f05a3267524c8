import { readEnvironment } from "../../plan/environment.ts";
import { allRefused, RefusedPlan } from "../../plan/problem.ts";
import { resolve } from "../../plan/resolve.ts";
import { BATCH_OPTIONS, readBatch } from "../batch.ts";
import type { CommandDetail } from "../command.ts";
import { loadPlanFor } from "../load-plans.ts";
import { PLAN_OPTIONS, planSettings } from "../plan-flags.ts";
import { builtIn } from "../registry.ts";
import { type PreparedRun, runAll } from "../run-all.ts";
import { RUN_OPTIONS, runSettings } from "../run-flags.ts";

/** Runs scenario files, one after the other. */
export const runCommand: CommandDetail = {
  options: [...PLAN_OPTIONS, ...RUN_OPTIONS, ...BATCH_OPTIONS],
  examples: [
    ["scenarios/chaos.scenario.ts", "run it; exit code 0 when it passed"],
    ["run tests.scenario.ts#partition", "one of several plans of a file"],
    ["run a.scenario.ts b.scenario.ts", "one after the other; the worst verdict counts"],
    ["run chaos.scenario.ts --profile fast --seed 7", "an eighth of the time, with the chance of seed 7"],
    ["run chaos.scenario.ts --set wallets.count=80", "with one field of the plan replaced"],
    ["run chaos.scenario.ts --repeat 20 --until-failure", "again and again, each with another seed"],
    ["run chaos.scenario.ts --matrix wallets.count=50,80", "once for each number of wallets"],
  ],
  async run(args, world) {
    const environment = readEnvironment(world.env);
    const settings = planSettings(args, environment);
    const how = runSettings(args, environment, world);
    const batch = readBatch(args);
    const parts = builtIn();
    const { registry } = parts;
    // All of them are planned before the first starts: what can't run is refused while nothing has been done yet.
    const prepared: PreparedRun[] = [];
    const refused: RefusedPlan[] = [];
    const unlessRefused = async (work: () => unknown) => {
      try {
        await work();
      } catch (thrown) {
        if (!(thrown instanceof RefusedPlan)) throw thrown;
        refused.push(thrown);
      }
    };
    for (const target of args.positionals) {
      await unlessRefused(async () => {
        const { path, name, plan, digest } = await loadPlanFor(target, settings, registry, world);
        const scenario = name === "default" ? path : `${path}#${name}`;
        for (const cell of batch.cells) {
          const sets = [...(settings.sets ?? []), ...cell];
          const withSeed = (seed: string | undefined) => resolve(plan, { ...settings, seed, sets }, registry);
          const fields = cell.map(({ path: field, value }) => `${field}=${value}`).join(" ");
          await unlessRefused(() => {
            prepared.push({ resolved: withSeed(settings.seed), scenarioDigest: digest, scenario, fields, withSeed });
          });
        }
      });
    }
    if (refused.length > 0) throw allRefused(refused);
    return runAll(prepared, how, parts, world, batch);
  },
};
