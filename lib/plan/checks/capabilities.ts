import { CAPABILITIES, type Capability } from "../../model/capability.ts";
import type { NodeKind } from "../../model/node-kind.ts";
import type { Plan } from "../../model/plan.ts";
import type { Registry } from "../../model/registry.ts";
import type { Finding } from "../problem.ts";
import type { Customs } from "../written.ts";

type Backend = { readonly name: string; capabilities(): readonly Capability[] };

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
  nodeKind: Pick<NodeKind, "capabilities">,
  registry: Registry,
  customs: Customs,
): CapabilityRow[] {
  const able = backend.capabilities();
  const needs = needsOf(plan, registry, customs);
  return CAPABILITIES.map((capability) => ({
    capability,
    backend: able.includes(capability),
    nodeKind: nodeKind.capabilities.includes(capability),
    neededBy: needs.filter((need) => need.capabilities.includes(capability)).map((need) => need.name),
  }));
}

/** Needs of workloads, and of `enableNodeControl`, that backend or node kind can't meet. */
export function checkCapabilities(
  rows: readonly CapabilityRow[],
  nodeControl: boolean,
  backend: Backend,
  nodeKind: Pick<NodeKind, "name">,
  registry: Registry,
): Finding[] {
  return rows.flatMap((row) => {
    if (row.backend && row.nodeKind) return [];
    const users = row.neededBy.map((name) => ({ path: `workloads.${name}`, who: `the workload ${name} needs` }));
    if (users.length === 0 && nodeControl && row.capability === "node.restart") {
      users.push({ path: "nodeControl", who: "node control needs" });
    }
    return users.map(({ path, who }): Finding => {
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
