import type { Progress } from "./progress.ts";

/** How the chain stands: `height 15, LIB 5, slot 17`. */
export function chainText(progress: Progress, now: number): string {
  const { chain, height, lib } = progress;
  if (!chain) return "no chain yet";
  const slot = Math.floor((now - chain.start) / chain.slotMs);
  return `height ${height}, LIB ${lib}, ${slot < 0 ? "slot 0 to come" : `slot ${slot}`}`;
}

/** How the traffic stands, or null when none was planned. */
export function transactionsText({ transactions: { sent, accepted, included, refused } }: Progress): string | null {
  return sent === 0 ? null : `${sent} sent, ${accepted} accepted, ${included} in blocks, ${refused} refused`;
}

export function blobsText({ blobs: { sent, dispersed, included, read } }: Progress): string | null {
  if (sent === 0) return null;
  return `${sent} sent, ${dispersed} dispersed, ${included} in blocks${read > 0 ? `, ${read} read back` : ""}`;
}

export function faultsText({ faults: { planned, started, effective, healed, skipped } }: Progress): string | null {
  if (planned + started === 0) return null;
  const left = skipped > 0 ? `, ${skipped} not started` : "";
  return `${started} of ${Math.max(planned, started)} started, ${effective} took effect, ${healed} healed${left}`;
}
