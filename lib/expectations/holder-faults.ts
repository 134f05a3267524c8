import type { BlobLife } from "../evidence/folds/blobs.ts";
import { foldUndisturbed } from "../evidence/folds/undisturbed.ts";
import type { Window } from "../evidence/folds/window.ts";
import type { Evidence } from "../model/expectation.ts";

/** Time that nodes have to find each other again after a fault, before a share is sent to a holder once only. */
const GRACE_MS = 10_000;
/** The same at the start, when each has its peers already: the longest pause between two attempts to connect, and a second. */
const BOOT_GRACE_MS = 3_000;

/** A share that its holder should have handed out as it was. */
export interface BadShare {
  readonly node: string;
  readonly blob: string;
  readonly share: number;
  readonly outcome: "missing" | "corrupt";
}

/**
 * Shares that holders have to answer for. A corrupt one always: who has a share can verify it. A missing one where neither
 * the holder nor the executor was under a fault when the blob was dispersed, and the holder's disk was not wiped; a
 * holder that was away then was not asked again, since another has the same share.
 */
export function badSharesOf(evidence: Evidence, window: Window, blobs: readonly BlobLife[]): readonly BadShare[] {
  const { events, plan } = evidence;
  const wiped = new Set(
    events.flatMap((event) => (event.type === "fault.started" && event.kind === "wipe" ? [event.target] : [])),
  );
  const undisturbed = foldUndisturbed(events, plan.topology.nodes, window);
  // What an author's own workload does to a disk is on no record.
  const own = plan.workloads.some(({ custom }) => custom);
  const ended = events.filter((event) => event.type === "node.ended");
  const mayBeWiped = (node: string, t: number) =>
    wiped.has(node) || (own && ended.some((end) => end.node === node && end.t > t));
  return blobs.flatMap(({ startedAt, dispersed, read }) => {
    if (startedAt === null || !dispersed || !read) return [];
    // That a node was silent while it booted excuses only what was sent to it right after.
    const settledAt = window.openedAt + BOOT_GRACE_MS;
    const from = startedAt < settledAt ? startedAt - GRACE_MS : Math.max(startedAt - GRACE_MS, settledAt);
    const to = dispersed.t + window.slotMs;
    return read.holders.flatMap(({ node, share, outcome }): BadShare[] => {
      if (outcome === "good" || outcome === "unreachable") return [];
      const excused =
        mayBeWiped(node, dispersed.t) || !undisturbed(node, from, to) || !undisturbed(dispersed.node, from, to);
      if (outcome === "missing" && excused) return [];
      return [{ node, share, outcome, blob: read.blob }];
    });
  });
}
