import type { NodeKind } from "../../model/node-kind.ts";
import type { Plan } from "../../model/plan.ts";
import type { Registry } from "../../model/registry.ts";
import type { Forecast } from "../../model/workload.ts";
import type { Finding } from "../problem.ts";

/** What the makers of workloads and expectations have against the plan. */
export function factoryObjections(
  plan: Plan,
  forecast: Forecast,
  nodeKind: Pick<NodeKind, "predictableMessageIds">,
  registry: Registry,
): Finding[] {
  const workloads = plan.workloads.flatMap((piece) => {
    const objections = registry.workloads.get(piece.kind)?.object(piece, plan, forecast, nodeKind) ?? [];
    return objections.map((objection) => ({ ...objection, path: `workloads.${piece.name}.${objection.path}` }));
  });
  const expectations = plan.expectations.flatMap((piece) => {
    const objections = registry.expectations.get(piece.kind)?.object(piece, plan, forecast) ?? [];
    return objections.map((objection) => ({ ...objection, path: `expectations.${piece.name}.${objection.path}` }));
  });
  return [...workloads, ...expectations];
}
