import type { NodeKind } from "../../model/node-kind.ts";
import type { Plan } from "../../model/plan.ts";
import type { Registry } from "../../model/registry.ts";
import type { Forecast } from "../../model/workload.ts";
import type { Finding } from "../problem.ts";
import type { WrongParts } from "../wrong-parts.ts";

/**
 * What the makers of workloads and expectations have against the plan.
 * @param wrong what is known to be: nothing is concluded from it
 */
export function factoryObjections(
  plan: Plan,
  forecast: Forecast,
  nodeKind: Pick<NodeKind, "predictableMessageIds" | "metrics">,
  registry: Registry,
  wrong: WrongParts,
): Finding[] {
  if (!wrong.sound("wallets")) return [];
  const soundWorkloads = plan.workloads.filter(({ name }) => wrong.sound(`workloads.${name}`));
  const workloads = soundWorkloads.flatMap((piece) => {
    const objections = registry.workloads.get(piece.kind)?.object(piece, plan, forecast, nodeKind) ?? [];
    return objections.map((objection) => ({ ...objection, path: `workloads.${piece.name}.${objection.path}` }));
  });
  // Expectations object to what workloads of the plan there are, as a whole.
  const soundExpectations = wrong.sound("workloads")
    ? plan.expectations.filter(({ name }) => wrong.sound(`expectations.${name}`))
    : [];
  const expectations = soundExpectations.flatMap((piece) => {
    const objections = registry.expectations.get(piece.kind)?.object(piece, plan, forecast, nodeKind) ?? [];
    return objections.map((objection) => ({ ...objection, path: `expectations.${piece.name}.${objection.path}` }));
  });
  return [...workloads, ...expectations];
}
