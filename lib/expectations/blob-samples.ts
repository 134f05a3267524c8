import type { BlobLife } from "../evidence/folds/blobs.ts";
import type { EventOf } from "../model/events.ts";
import type { Evidence } from "../model/expectation.ts";
import type { Figure } from "../model/verdict.ts";
import { atTime, names } from "./findings.ts";

type Sample = EventOf<"blob.sampled">;

/** Sets of holders that figures list, the most asked first; nodes can leave very many. */
const LISTED_SETS = 8;

/** What blobs that were read back in mid-run show. */
export interface SampleFindings {
  readonly figures: Readonly<Record<string, Figure>>;
  /** One line for each blob that its surviving holders should have given back and did not. */
  readonly findings: readonly string[];
}

/**
 * Judges the samples of a run. Holders that could not be reached are what faults are for; as long as the others cover
 * enough subnetworks, they must give back what was sent. Samples with fewer count as out of reach.
 * @param needed shares that give a blob back
 */
export function judgeSamples({ events }: Evidence, blobs: readonly BlobLife[], needed: number): SampleFindings {
  const sent = new Map(blobs.flatMap(({ dispersed }) => (dispersed ? [[dispersed.blob, dispersed.data]] : [])));
  const samples = events.filter((event) => event.type === "blob.sampled").filter(({ blob }) => sent.has(blob));
  const isWhole = ({ ok, data, blob }: Sample) => ok && data === sent.get(blob);
  const outOfReach = samples.filter((sample) => !isWhole(sample) && sharesInReach(sample) < needed);
  const lost = samples.filter((sample) => !isWhole(sample) && sharesInReach(sample) >= needed);
  const sets = [...Map.groupBy(samples, survivors)].sort((a, b) => b[1].length - a[1].length);
  return {
    figures: {
      sampled: samples.length,
      sampledWhole: samples.filter(isWhole).length,
      sampledOutOfReach: outOfReach.length,
      survivorSets: sets.length,
      ...Object.fromEntries(
        sets
          .slice(0, LISTED_SETS)
          .map(([set, own]) => [`from ${set}`, `${own.filter(isWhole).length} of ${own.length} whole`]),
      ),
    },
    findings: lost.map(explainSample),
  };
}

/** Subnetworks with a member that answered, whatever it said. */
function sharesInReach({ holders }: Sample): number {
  return new Set(holders.filter(({ outcome }) => outcome !== "unreachable").map(({ share }) => share)).size;
}

/** The holders that answered. */
function survivors({ holders }: Sample): string {
  const answered = holders.filter(({ outcome }) => outcome !== "unreachable").map(({ node }) => node);
  return [...new Set(answered)].sort().join(" ") || "nobody";
}

function explainSample({ t, blob, ok, why, holders }: Sample): string {
  const bad = holders.filter(({ outcome }) => outcome === "missing" || outcome === "corrupt");
  const blamed = bad.map(({ node, share, outcome }) => `share ${share} ${outcome} on ${node}`);
  const what = ok ? "gave back other data" : `did not give it back: ${why}`;
  return `blob ${blob} ${atTime(t)}: its surviving holders ${what}${blamed.length > 0 ? `; ${names(blamed)}` : ""}`;
}
