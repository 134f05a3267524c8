import { CodedError, must } from "../../core/errors.ts";
import { checkConfig, type NodeConfig } from "../../devnet/shell/config.ts";
import type { Binding } from "../../model/binding.ts";
import type { DeployContext } from "../../model/deployer.ts";
import type { PlannedNode } from "../../model/plan.ts";
import { referenceKind } from "../../nodes/reference/kind.ts";
import { renderConfig } from "../../nodes/reference/render.ts";

/** One node as it is deployed. */
export interface SimulatedConfig {
  readonly planned: PlannedNode;
  readonly config: NodeConfig;
}

/** @throws CodedError NR-SIM-NODE-KIND for every kind but the embedded node */
function refuseOtherNodes(nodeKind: string): void {
  if (nodeKind === referenceKind.name) return;
  throw new CodedError("NR-SIM-NODE-KIND", `nodes of the kind ${nodeKind} can't be simulated`, {
    hint: `Only ${referenceKind.name} nodes are part of this program; run others with --deployer local.`,
  });
}

/**
 * The configuration of every node, in the plan's order: the same as on other backends, patches included.
 * @throws CodedError NR-SIM-NODE-KIND when the nodes aren't embedded ones
 */
export function configure({ plan, nodeKind, genesis }: DeployContext, binding: Binding): SimulatedConfig[] {
  refuseOtherNodes(nodeKind.name);
  return plan.topology.nodes.map((planned) => {
    const rendered = renderConfig({ plan, binding, genesis, node: planned });
    return { planned, config: checkConfig(`the configuration of ${planned.name}`, rendered) };
  });
}

/** The place of this node. */
export function placeOf(binding: Binding, name: string): Binding["nodes"][number] {
  return must(
    binding.nodes.find((node) => node.name === name),
    `the address of ${name}`,
  );
}
