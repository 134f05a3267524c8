import { MAX_COLUMNS } from "../../chain/reed-solomon.ts";
import type { Plan } from "../../model/plan.ts";

/** Members of each subnetwork. */
const DISPERSAL_FACTOR = 2;
/** Subnetworks that a node samples for each blob. */
const SAMPLES = 1;

/**
 * How blobs are coded over nodes of these names: one subnetwork, and so one share, for each node (at least two, at most
 * {@link MAX_COLUMNS}); half of the shares, rounded up, give a blob back; each subnetwork has two members, dealt out in
 * turn over the sorted names, so that no single loss takes a share away.
 */
export function daLayout(names: readonly string[]): NonNullable<Plan["da"]> {
  const sorted = [...names].sort();
  const shares = Math.min(Math.max(2, sorted.length), MAX_COLUMNS);
  const members = Array.from({ length: shares }, (_, subnetwork) => {
    const dealt = Array.from(
      { length: DISPERSAL_FACTOR },
      (_, i) => sorted[(subnetwork + i) % sorted.length] as string,
    );
    return [...new Set(dealt)];
  });
  return { shares, needed: Math.ceil(shares / 2), members, samples: SAMPLES };
}
