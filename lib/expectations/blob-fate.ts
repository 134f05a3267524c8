import type { BlobLife, ChannelLife } from "../evidence/folds/blobs.ts";
import type { Figure } from "../model/verdict.ts";
import { atTime, names } from "./findings.ts";

type Holder = NonNullable<BlobLife["read"]>["holders"][number];

/** Whether a blob's holders gave back what was sent. */
export function isReadBack({ read, dispersed }: BlobLife): boolean {
  return read?.ok === true && read.data === dispersed?.data;
}

/** Why a channel was not opened, as far as the stream shows. */
export function explainChannel({ channel, message, accepted, failed }: ChannelLife): string {
  if (failed !== null) return `channel ${channel}: its inscription failed: ${failed}`;
  if (!accepted) return `channel ${channel}: no node accepted its inscription ${message}`;
  return `channel ${channel}: its inscription ${message} was accepted and is in no canonical block`;
}

/** Why a blob that was sent is not in the chain. */
export function explainBlob(blob: BlobLife): string {
  const { workload, n, dispersed, failed, askedOf } = blob;
  const what = `blob ${workload} ${n} on channel ${blob.channel}`;
  if (dispersed) {
    return `${what} was dispersed by ${dispersed.node} ${atTime(dispersed.t)} as ${dispersed.blob} and is in no canonical block`;
  }
  const asked = names([...new Set(askedOf)]);
  return `${what} was never dispersed: asked ${asked}${failed === null ? "" : `; ${failed}`}`;
}

/** Why a blob that is in the chain did not come back. */
export function explainRead(blob: BlobLife): string {
  const { read, dispersed } = blob;
  const bad = (read?.holders ?? []).filter(({ outcome }) => outcome !== "good");
  const told = bad.length === 0 ? "" : `; ${bad.map(holderText).join(", ")}`;
  if (read?.ok) return `blob ${dispersed?.blob} came back as ${read.data}, but ${dispersed?.data} was sent${told}`;
  return `blob ${dispersed?.blob} did not come back: ${read?.why}${told}`;
}

/** One line for each holder whose shares were missing, corrupt or out of reach, with its blobs counted. */
export function badShares(blobs: readonly BlobLife[]): readonly string[] {
  const cases = new Map<string, string[]>();
  for (const { read } of blobs) {
    for (const holder of read?.holders ?? []) {
      if (holder.outcome === "good") continue;
      const key = `${holder.node}: ${holder.outcome}`;
      cases.set(key, [...(cases.get(key) ?? []), `${read?.blob} share ${holder.share}`]);
    }
  }
  return [...cases]
    .sort((a, b) => b[1].length - a[1].length)
    .map(([holder, shares]) => `${holder}, ${shares.length} of its shares, first ${shares[0]}`);
}

const OUTCOMES = ["good", "missing", "corrupt", "unreachable"] as const;

/**
 * What read-back got from the holders, as figures of a judgement: how many shares were `sharesGood`, `sharesMissing`,
 * `sharesCorrupt` and `sharesUnreachable`, and under `shares of <node>` the same of each holder in words.
 */
export function shareFigures(blobs: readonly BlobLife[]): Readonly<Record<string, Figure>> {
  const holders = blobs.flatMap(({ read }) => read?.holders ?? []);
  const count = (list: readonly Holder[], outcome: Holder["outcome"]) =>
    list.filter((holder) => holder.outcome === outcome).length;
  const inWords = (list: readonly Holder[]) =>
    OUTCOMES.filter((outcome) => count(list, outcome) > 0).map((outcome) => `${count(list, outcome)} ${outcome}`);
  const byNode = [...Map.groupBy(holders, ({ node }) => node)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    sharesGood: count(holders, "good"),
    sharesMissing: count(holders, "missing"),
    sharesCorrupt: count(holders, "corrupt"),
    sharesUnreachable: count(holders, "unreachable"),
    ...Object.fromEntries(byNode.map(([node, list]) => [`shares of ${node}`, inWords(list).join(", ")])),
  };
}

function holderText({ node, share, outcome }: Holder): string {
  return `share ${share} ${outcome} on ${node}`;
}
