import * as v from "valibot";
import { type BlobLife, foldBlobs } from "../evidence/folds/blobs.ts";
import { generatorHealth, MAX_UNHEALTHY_PERCENT } from "../evidence/folds/generator-health.ts";
import type { Window } from "../evidence/folds/window.ts";
import { latencyFigures } from "../evidence/latency.ts";
import type { Evidence, ExpectationFactory } from "../model/expectation.ts";
import type { Judgement } from "../model/verdict.ts";
import { type AvailabilityOptions, AvailabilityOptionsSchema } from "../plan/options.ts";
import { badShares, explainBlob, explainChannel, explainRead, isReadBack, shareFigures } from "./blob-fate.ts";
import { judgeSamples } from "./blob-samples.ts";
import { counted, inWindow, listed, names, percentOf, percentText } from "./findings.ts";
import { healthFinding } from "./generator-findings.ts";
import { badSharesOf } from "./holder-faults.ts";
import { readBack, sampleBlobs } from "./read-back.ts";

/** Inscriptions and blobs are in the chain, and blobs come back from their holders as they were sent. */
export const dataAvailability: ExpectationFactory = {
  kind: "data-availability",

  figures: () => [
    "channels",
    "inscribed",
    "planned",
    "missed",
    "sent",
    "dispersed",
    "included",
    "includedPercent",
    "readBack",
    "readPercent",
    "badShares",
    "inclusionP50Ms",
    "inclusionP90Ms",
    "inclusionP99Ms",
    "inclusionP999Ms",
    "inclusionMaxMs",
    "sharesGood",
    "sharesMissing",
    "sharesCorrupt",
    "sharesUnreachable",
    "sampled",
    "sampledWhole",
    "sampledOutOfReach",
    "survivorSets",
  ],

  describe(piece) {
    const options = v.parse(AvailabilityOptionsSchema, piece.options);
    return [
      `${options.minInscribedPercent} % of the inscriptions and ${options.minIncludedPercent} % of the blobs included, ${options.minReadPercent} % of those read back`,
    ];
  },

  object: () => [],

  create(piece) {
    const limits = v.parse(AvailabilityOptionsSchema, piece.options);
    return {
      name: piece.name,
      observe: sampleBlobs,
      collect: readBack,
      judge: (evidence) => inWindow(evidence, (window) => judge(evidence, window, limits)),
    };
  },
};

function judge(evidence: Evidence, window: Window, limits: AvailabilityOptions): Judgement {
  const { channels, blobs } = foldBlobs(evidence.events, window.closedSeq);
  const inscribed = channels.filter(({ block }) => block !== null);
  const sent = blobs.filter(({ startedAt }) => startedAt !== null);
  const included = sent.filter(({ block }) => block !== null);
  const asked = included.filter(({ read }) => read !== null);
  const read = asked.filter(isReadBack);
  const inscribedPercent = percentOf(inscribed.length, channels.length);
  const includedPercent = percentOf(included.length, sent.length);
  const readPercent = percentOf(read.length, asked.length);
  const unhealthy = generatorHealth(blobs, window.slotMs).filter(({ healthy }) => !healthy);

  const looked = lookedAt(included, evidence);
  const bad = badSharesOf(evidence, window, looked);
  const shares = looked.reduce((sum, blob) => sum + (blob.read?.holders.length ?? 0), 0);
  const badSharesPercent = shares === 0 ? 0 : percentOf(bad.length, shares);
  const spoiled = bad.length > 0 && badSharesPercent > limits.maxBadSharesPercent;
  const blame = `; ${bad.length} of ${counted(shares, "share")} lost or spoilt by ${names([...new Set(bad.map(({ node }) => node))])} (at most ${limits.maxBadSharesPercent} % allowed)`;

  const samples = judgeSamples(evidence, blobs, evidence.plan.da?.needed ?? 1);
  const unsampled = samples.findings.length;
  const missingSamples = `; ${counted(unsampled, "blob")} not given back by surviving holders in mid-run`;
  const facts =
    `${inscribed.length} of ${counted(channels.length, "inscription")} included (at least ${limits.minInscribedPercent} % needed), ` +
    `${included.length} of ${counted(sent.length, "blob")} included (${percentText(includedPercent)}, at least ${limits.minIncludedPercent} % needed), ` +
    `${read.length} of ${asked.length} read back (${percentText(readPercent)}, at least ${limits.minReadPercent} % needed)${spoiled ? blame : ""}${unsampled > 0 ? missingSamples : ""}`;
  const failed =
    inscribedPercent < limits.minInscribedPercent ||
    includedPercent < limits.minIncludedPercent ||
    readPercent < limits.minReadPercent ||
    unsampled > 0 ||
    spoiled;
  const undecidable = undecidableBecause(channels.length, sent, included.length - asked.length, unhealthy.length);
  return {
    outcome: failed ? "failed" : undecidable === null ? "passed" : "inconclusive",
    summary: failed || undecidable === null ? facts : `${undecidable}; ${facts}`,
    figures: {
      channels: channels.length,
      inscribed: inscribed.length,
      planned: blobs.length,
      missed: blobs.filter(({ missed }) => missed !== null).length,
      sent: sent.length,
      dispersed: sent.filter(({ dispersed }) => dispersed !== null).length,
      included: included.length,
      includedPercent,
      readBack: read.length,
      readPercent,
      badShares: bad.length,
      ...latencyFigures("inclusion", included.map(latencyOf)),
      ...shareFigures(asked),
      ...samples.figures,
    },
    limits: {
      minInscribedPercent: limits.minInscribedPercent,
      minIncludedPercent: limits.minIncludedPercent,
      minReadPercent: limits.minReadPercent,
      maxBadSharesPercent: limits.maxBadSharesPercent,
      maxMissedOrLatePercent: MAX_UNHEALTHY_PERCENT,
    },
    findings: listed([
      ...channels.filter(({ block }) => block === null).map(explainChannel),
      ...asked.filter((blob) => !isReadBack(blob)).map(explainRead),
      ...samples.findings,
      ...sent.filter(({ block }) => block === null).map(explainBlob),
      ...badShares(asked),
      ...unhealthy.map((health) => healthFinding(health) ?? ""),
    ]),
  };
}

/** Blobs with what their holders gave: at the end of settle or, where the run ended before that, at the last sample. */
function lookedAt(included: readonly BlobLife[], { events }: Evidence): readonly BlobLife[] {
  const sampled = new Map(
    events.flatMap((event) =>
      event.type === "blob.sampled" ? [[event.blob, { ...event, type: "blob.read" as const }]] : [],
    ),
  );
  return included.flatMap((blob) => {
    const read = blob.read ?? sampled.get(blob.dispersed?.blob ?? "") ?? null;
    return read === null ? [] : [{ ...blob, read }];
  });
}

/** What keeps the evidence from showing a pass; null when nothing does. */
function undecidableBecause(
  channels: number,
  sent: readonly BlobLife[],
  unread: number,
  unhealthy: number,
): string | null {
  if (channels === 0) return "no channel was opened";
  if (sent.length === 0) return "no blob was sent";
  if (unread > 0) return `${counted(unread, "included blob")} not read back, for the run ended first`;
  if (unhealthy > 0) return `the rate was not kept by ${counted(unhealthy, "workload")}`;
  return null;
}

/** From the intended start to the first sight of the block that holds it. */
function latencyOf({ block, intended }: BlobLife): number {
  return (block?.t ?? intended) - intended;
}
