import { scenarioOfFile } from "../plan/builder/scenario.ts";
import { all, leaders, majority, minority, one } from "../plan/builder/targets.ts";
import { nodeKind } from "../plan/custom-node-kind.ts";
import { task } from "../plan/task.ts";
import { deploy, run } from "./library.ts";

/** The values that scenario files get from `import ... from "nomos-run"`: those of `lib/index.ts`, which is no room. */
export const SCENARIO_API = {
  scenario: scenarioOfFile,
  task,
  nodeKind,
  all,
  leaders,
  majority,
  minority,
  one,
  deploy,
  run,
};
