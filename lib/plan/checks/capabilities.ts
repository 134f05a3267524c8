import { CAPABILITIES, type Capability } from "../../model/capability.ts";
import type { Deployer } from "../../model/deployer.ts";
import type { NodeKind } from "../../model/node-kind.ts";
import type { Plan } from "../../model/plan.ts";
import type { Registry } from "../../model/registry.ts";
import type { Finding } from "../problem.ts";
import type { Customs } from "../written.ts";

type Backend = Pick<Deployer, "name" | "capabilities" | "needsNodes">;

/** What a backend and a node kind can do, in the order of all capabilities. */
export interface CapabilityRow {
  readonly capability: Capability;
  readonly backend: boolean;
  readonly nodeKind: boolean;
  /** Workloads of the plan that can't run without it. */
  readonly neededBy: readonly string[];
}

/** What each workload of a plan does to nodes and links. */
export function needsOf(
  plan: Pick<Plan, "workloads">,
  registry: Pick<Registry, "workloads">,
  customs: Pick<Customs, "workloads">,
): readonly { readonly name: string; readonly capabilities: readonly Capability[] }[] {
  return plan.workloads.map((piece) => ({
    name: piece.name,
    capabilities: piece.custom
      ? (customs.workloads.get(piece.name)?.needs ?? [])
      : (registry.workloads.get(piece.kind)?.needs(piece.options) ?? []),
  }));
}

export function capabilityMatrix(
  plan: Pick<Plan, "workloads">,
  backend: Backend,
  nodeKind: Pick<NodeKind, "capabilities" | "applies">,
  registry: Registry,
  customs: Customs,
): CapabilityRow[] {
  const able = backend.capabilities();
  const needs = needsOf(plan, registry, customs);
  return CAPABILITIES.map((capability) => ({
    capability,
    backend: able.includes(capability),
    nodeKind:
      nodeKind.capabilities.includes(capability) &&
      (!backend.needsNodes.includes(capability) || (nodeKind.applies?.includes(capability) ?? false)),
    neededBy: needs.filter((need) => need.capabilities.includes(capability)).map((need) => need.name),
  }));
}

/** Needs of workloads, and of `enableNodeControl`, that backend or node kind can't meet. */
export function checkCapabilities(
  rows: readonly CapabilityRow[],
  nodeControl: boolean,
  backend: Backend,
  nodeKind: Pick<NodeKind, "name" | "capabilities">,
  registry: Registry,
): Finding[] {
  return rows.flatMap((row) => {
    if (row.backend && row.nodeKind) return [];
    const users = row.neededBy.map((name) => ({ path: `workloads.${name}`, who: `the workload ${name} needs` }));
    if (users.length === 0 && nodeControl && row.capability === "node.restart") {
      users.push({ path: "nodeControl", who: "node control needs" });
    }
    return users.map(({ path, who }): Finding => {
      if (row.backend && nodeKind.capabilities.includes(row.capability)) {
        return needsHelp(row.capability, { path, who }, backend, nodeKind, registry);
      }
      const lacking = row.backend ? `the node kind ${nodeKind.name}` : `the backend ${backend.name}`;
      const others = row.backend
        ? [...registry.nodeKinds.values()].filter((kind) => kind.capabilities.includes(row.capability))
        : [...registry.deployers.values()].filter((other) => other.capabilities().includes(row.capability));
      const names = others.map((other) => other.name).join(", ");
      const noun = row.backend ? "node kind" : "backend";
      return {
        code: "NR-PLAN-CAPABILITY",
        path,
        message: `${who} ${row.capability}, and ${lacking} can't do that`,
        hint: names === "" ? `No ${noun} can: leave it out.` : `Use a ${noun} that can: ${names}.`,
      };
    });
  });
}

/** The backend leaves it to the nodes, and these can't. */
function needsHelp(
  capability: Capability,
  { path, who }: { readonly path: string; readonly who: string },
  backend: Backend,
  nodeKind: Pick<NodeKind, "name">,
  registry: Registry,
): Finding {
  const others = [...registry.deployers.values()].filter(
    (other) => other.capabilities().includes(capability) && !other.needsNodes.includes(capability) && !other.nodeKinds,
  );
  const names = others.map(({ name }) => name).join(", ");
  return {
    code: "NR-PLAN-CAPABILITY",
    path,
    message: `${who} ${capability}, which the backend ${backend.name} leaves to the nodes, and nodes of the kind ${nodeKind.name} can't do that`,
    hint:
      names === "" ? "No backend does it for them: leave it out." : `Use a backend that does it for them: ${names}.`,
  };
}
