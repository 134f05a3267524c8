import { planDocument } from "../../plan/describe/document.ts";
import { describePlan } from "../../plan/describe/text.ts";
import { readEnvironment } from "../../plan/environment.ts";
import { resolve } from "../../plan/resolve.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { loadPlanFor } from "../load-plans.ts";
import { PLAN_OPTIONS, planSettings } from "../plan-flags.ts";
import { builtIn } from "../registry.ts";

/** Shows what a run would do. */
export const planCommand: CommandDetail = {
  options: [...PLAN_OPTIONS, { flags: "--json", summary: "Print one JSON document; --set takes its paths" }],
  examples: [
    ["plan scenarios/chaos.scenario.ts", "blocks to expect, rates that can be kept, what is judged"],
    ["plan chaos.scenario.ts --duration 30s", "whether half a minute would be enough"],
    ["plan chaos.scenario.ts --json", "every field, with its path for --set"],
  ],
  async run(args, world) {
    const settings = planSettings(args, readEnvironment(world.env));
    const { registry } = builtIn();
    const { plan } = await loadPlanFor(args.positionals[0] ?? "", settings, registry, world);
    const resolved = resolve(plan, settings, registry);
    world.output.write(
      args.has("json") ? `${JSON.stringify(planDocument(resolved), null, 2)}\n` : describePlan(resolved, registry),
    );
    return EXIT.passed;
  },
};
