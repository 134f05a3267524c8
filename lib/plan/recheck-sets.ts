import type { Plan } from "../model/plan.ts";
import { checkOptions } from "./pieces.ts";
import { type Problem, RefusedPlan } from "./problem.ts";
import { applySets } from "./sets.ts";
import type { SetField } from "./settings.ts";
import { shown } from "./shown.ts";
import { Sources } from "./sources.ts";

/**
 * The recorded plan with other options of its expectations: the rest of a run has happened.
 * @param sets `expectations.<name>.<option>`, or the longer path that `plan --json` has
 * @throws RefusedPlan with everything that can't be set
 */
export function withOtherLimits(plan: Plan, sets: readonly SetField[]): Plan {
  const problems: Problem[] = [];
  const taken: SetField[] = [];
  for (const set of sets) {
    const [list, name, ...option] = set.path.replace(/^plan\./, "").split(".");
    if (list === "expectations" && name !== undefined && option.length > 0) {
      const path = option[0] === "options" ? option : ["options", ...option];
      const piece = plan.expectations.find((one, i) => one.name === name || String(i) === name);
      if (piece?.kind === "logs" && !piece.custom && path[3] !== "must") {
        problems.push({
          code: "NR-PLAN-SET-PATH",
          at: set.at,
          message: `${shown(set.path)} can't be set: logs were searched while the run had its nodes`,
          hint: "Of a rule, only must can be set: whether a line that it found had to be there.",
        });
        continue;
      }
      taken.push({ ...set, path: ["expectations", name, ...path].join(".") });
      continue;
    }
    problems.push({
      code: "NR-PLAN-SET-PATH",
      at: set.at,
      message: `${shown(set.path)} can't be set: the run has happened`,
      hint: "A recorded run can be judged by other limits: expectations.<name>.<option>.",
    });
  }
  const sources = new Sources(new Map());
  const changed = applySets(plan, taken, sources);
  problems.push(...changed.problems);
  if (problems.length === 0) {
    problems.push(...checkOptions("expectations", changed.plan.expectations).map((finding) => sources.locate(finding)));
  }
  if (problems.length > 0) throw new RefusedPlan("the recheck", problems);
  return changed.plan;
}
