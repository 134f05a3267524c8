import type { Json, Plan, PlannedNode, Role } from "../model/plan.ts";
import { DEFAULT_STAKE, MAX_LINKS } from "./limits.ts";
import type { WrittenDocument } from "./written.ts";

export type Layout = Plan["topology"]["layout"];
const LAYOUTS: readonly Layout[] = ["star", "chain", "full"];

/** A node before its peers are known. */
export interface RosterEntry {
  readonly name: string;
  readonly role: Role;
  readonly index: number;
  readonly stake: number;
  readonly configPatch?: Json | undefined;
}

/** All nodes in the order of their indices: `validator-0 ...`, then `executor-0 ...`. */
export function roster(topology: WrittenDocument["topology"]): RosterEntry[] {
  const { validators, executors, stakes, configPatches } = topology;
  return Array.from({ length: validators + executors }, (_, index) => {
    const role: Role = index < validators ? "validator" : "executor";
    const name = `${role}-${role === "validator" ? index : index - validators}`;
    const patch = configPatches[index];
    return {
      name,
      role,
      index,
      stake: stakes[index] ?? DEFAULT_STAKE,
      ...(patch !== undefined && { configPatch: patch }),
    };
  });
}

/** Links between peers: a star's and a chain's are one fewer than the nodes, a full mesh has one for each pair. */
export function linkCount(layout: Layout, nodes: number): number {
  return layout === "full" ? (nodes * (nodes - 1)) / 2 : Math.max(0, nodes - 1);
}

/** Whether there is such a layout, and its links are not too many for any backend. */
export function canBeLaidOut(layout: string, nodes: number): layout is Layout {
  return (LAYOUTS as readonly string[]).includes(layout) && linkCount(layout as Layout, nodes) <= MAX_LINKS;
}

/** The nodes with their neighbours in this layout. The hub of a star is node 0. */
export function withNeighbours<N extends RosterEntry>(
  layout: Layout,
  nodes: readonly N[],
): (N & Pick<PlannedNode, "neighbours">)[] {
  const names = nodes.map((node) => node.name);
  return nodes.map((node, i) => ({ ...node, neighbours: neighbours(layout, names, i) }));
}

function neighbours(layout: Layout, names: readonly string[], i: number): string[] {
  switch (layout) {
    case "star":
      return i === 0 ? names.slice(1) : names.slice(0, 1);
    case "chain":
      return [names[i - 1], names[i + 1]].filter((name) => name !== undefined);
    case "full":
      return names.filter((_, j) => j !== i);
  }
}
