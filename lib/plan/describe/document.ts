import type { Plan } from "../../model/plan.ts";
import type { Forecast } from "../../model/workload.ts";
import type { CapabilityRow } from "../checks/capabilities.ts";
import { shortestRunMs } from "../checks/warnings.ts";
import type { Problem } from "../problem.ts";
import type { ResolvedPlan } from "../resolve.ts";

/** What `plan --json` prints. */
export interface PlanDocument {
  /** `--set` takes paths below here. */
  readonly plan: Plan;
  readonly digest: string;
  readonly forecast: Forecast;
  /** Shortest drive that liveness can be judged by, in ms. */
  readonly shortestRunMs: number;
  /** Durations of the scenario before the profile scaled them, in ms, by path in the plan. */
  readonly writtenMs: Readonly<Record<string, number>>;
  readonly capabilities: readonly CapabilityRow[];
  readonly warnings: readonly Problem[];
}

/** The `plan` command's document. */
export function planDocument(resolved: ResolvedPlan): PlanDocument {
  const { plan, digest, forecast, writtenMs, capabilities, warnings } = resolved;
  const shortest = shortestRunMs(plan, forecast);
  return {
    plan,
    digest,
    forecast,
    shortestRunMs: shortest,
    writtenMs: Object.fromEntries(writtenMs),
    capabilities,
    warnings,
  };
}
