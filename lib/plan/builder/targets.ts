import type { PICKS } from "../chaos-options.ts";

/** A role that a choice of targets may be limited to. */
export type TargetRole = "validator" | "executor";

/** A choice of nodes that is made by the seed, or by the run. */
export interface TargetChoice {
  readonly pick: (typeof PICKS)[number];
  readonly role: TargetRole | null;
}

/** Whom a fault hits: a node by name, several, or a choice. */
export type FaultTargets = string | readonly string[] | TargetChoice;

/** One node that the seed draws, such that the others keep more than half of the stake. */
export function one(role?: TargetRole): TargetChoice {
  return { pick: "one", role: role ?? null };
}

/** Nodes that the seed draws: as many as together have less than half of the stake. */
export function minority(role?: TargetRole): TargetChoice {
  return { pick: "minority", role: role ?? null };
}

/** Nodes that the seed draws: just so many that together have more than half of the stake. */
export function majority(role?: TargetRole): TargetChoice {
  return { pick: "majority", role: role ?? null };
}

/** Every node. */
export function all(role?: TargetRole): TargetChoice {
  return { pick: "all", role: role ?? null };
}

/** The node that made the newest block when the fault begins; chosen by the run, where the node kind shows it. */
export function leaders(): TargetChoice {
  return { pick: "leaders", role: null };
}
