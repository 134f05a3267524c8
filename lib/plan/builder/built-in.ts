import type { WorkloadKind } from "../options.ts";
import type { Draft, DraftPiece, Site } from "./draft.ts";

/** A built-in workload; a plan has one of each kind, since they would share wallets, channels or targets. */
export function addBuiltIn(draft: Draft, kind: WorkloadKind, at: Site): DraftPiece {
  const path = `workloads.${kind}`;
  const piece: DraftPiece = { kind, name: kind, options: {}, custom: false };
  if (draft.document.workloads.some((workload) => workload.name === kind)) {
    const first = draft.siteOf(path) ?? "an earlier call";
    draft.refuse(
      path,
      at,
      "NR-PLAN-DUPLICATE",
      `the workload ${kind} is in the plan already, by ${first}`,
      "Set it up in one call.",
    );
    return piece;
  }
  draft.wrote(path, at);
  draft.document.workloads.push(piece);
  return piece;
}
