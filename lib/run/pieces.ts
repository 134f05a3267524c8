import { must } from "../core/errors.ts";
import type { Expectation } from "../model/expectation.ts";
import type { Plan, PlannedPiece } from "../model/plan.ts";
import type { Registry } from "../model/registry.ts";
import type { Workload } from "../model/workload.ts";

/** The user's own pieces, by their names in the plan. */
export interface CustomPieces {
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly expectations: ReadonlyMap<string, Expectation>;
}

/** Makes the plan's workloads, in the plan's order. */
export function makeWorkloads(plan: Plan, registry: Registry, customs: CustomPieces): readonly Workload[] {
  return plan.workloads.map((piece) =>
    piece.custom
      ? must(customs.workloads.get(piece.name), `custom workload ${piece.name}`)
      : must(registry.workloads.get(piece.kind), `workload kind ${piece.kind}`).create(piece, plan),
  );
}

/** Makes the plan's expectations, in the plan's order. */
export function makeExpectations(
  plan: Plan,
  registry: Registry,
  customs: CustomPieces,
): readonly { readonly kind: string; readonly expectation: Expectation }[] {
  return plan.expectations.map((piece: PlannedPiece) => ({
    kind: piece.kind,
    expectation: piece.custom
      ? must(customs.expectations.get(piece.name), `custom expectation ${piece.name}`)
      : must(registry.expectations.get(piece.kind), `expectation kind ${piece.kind}`).create(piece, plan),
  }));
}
