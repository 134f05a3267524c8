import type { NodeKind } from "../../model/node-kind.ts";
import type { Plan } from "../../model/plan.ts";
import type { Finding } from "../problem.ts";

/** What the node kind finds wrong with nodes' configuration patches, as far as that shows before nodes have addresses. */
export function checkPatches({ topology }: Plan, { patchFault }: Pick<NodeKind, "patchFault">): Finding[] {
  return topology.nodes.flatMap(({ name, index, configPatch }) => {
    const fault = configPatch === undefined ? null : (patchFault?.(configPatch) ?? null);
    if (!fault) return [];
    const message = `nodeConfigPatch(${index}, ...), of ${name}: ${fault.field}: ${fault.message}`;
    return [{ code: "NR-PLAN-VALUE", path: `topology.configPatch.${index}`, message, hint: fault.hint }];
  });
}
