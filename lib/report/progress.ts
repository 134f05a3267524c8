import type { EventOf, RunEvent } from "../model/events.ts";

/** How a run stands, for a person who watches it. Counts are of sights, not judgements: those come from the evidence. */
export interface Progress {
  readonly stage: string;
  /** On the run's clock. */
  readonly stageStartedAt: number;
  readonly stageDeadlineMs: number;
  readonly nodesUp: ReadonlySet<string>;
  readonly height: number;
  readonly lib: number;
  /** Slot 0 on the run's clock and a slot's length; null before they are known. */
  readonly chain: { readonly start: number; readonly slotMs: number } | null;
  readonly transactions: {
    readonly sent: number;
    readonly accepted: number;
    readonly included: number;
    readonly refused: number;
  };
  readonly blobs: {
    readonly sent: number;
    readonly dispersed: number;
    readonly included: number;
    readonly read: number;
  };
  readonly faults: {
    readonly planned: number;
    readonly started: number;
    readonly effective: number;
    readonly healed: number;
    readonly skipped: number;
  };
}

/** Follows a run's events, and tells how it stands. */
export class ProgressFold {
  #stage = "starting";
  #stageStartedAt = 0;
  #stageDeadlineMs = 0;
  #chain: Progress["chain"] = null;
  #height = 0;
  #lib = 0;
  readonly #up = new Set<string>();
  readonly #waitingTxs = new Set<string>();
  readonly #waitingBlobs = new Set<string>();
  readonly #counts = {
    sent: 0,
    accepted: 0,
    included: 0,
    refused: 0,
    blobsSent: 0,
    dispersed: 0,
    blobsIncluded: 0,
    read: 0,
    planned: 0,
    started: 0,
    effective: 0,
    healed: 0,
    skipped: 0,
  };

  event(event: RunEvent): void {
    const counts = this.#counts;
    switch (event.type) {
      case "stage.started":
        this.#stage = event.stage;
        this.#stageStartedAt = event.t;
        this.#stageDeadlineMs = event.deadlineMs;
        return;
      case "chain.scheduled":
        this.#chain = { start: event.chainStart, slotMs: event.slotMs };
        return;
      case "node.started":
        this.#up.add(event.node);
        return;
      case "node.ended":
        this.#up.delete(event.node);
        return;
      case "chain.view":
        this.#height = Math.max(this.#height, event.height);
        this.#lib = Math.max(this.#lib, event.libHeight ?? 0);
        return;
      case "block.seen":
        return this.#block(event);
      case "tx.submitted":
        counts.sent++;
        this.#waitingTxs.add(event.tx);
        return;
      case "tx.accepted":
        counts.accepted++;
        return;
      case "tx.refused":
        if (event.final) counts.refused++;
        return;
      case "blob.submitted":
        counts.blobsSent++;
        return;
      case "blob.dispersed":
        counts.dispersed++;
        this.#waitingBlobs.add(event.blob);
        return;
      case "blob.read":
        if (event.ok) counts.read++;
        return;
      case "fault.planned":
        counts.planned++;
        return;
      case "fault.started":
        counts.started++;
        return;
      case "fault.effective":
        counts.effective++;
        return;
      case "fault.healed":
        counts.healed++;
        return;
      case "fault.skipped":
        counts.skipped++;
        return;
      default:
        return;
    }
  }

  get now(): Progress {
    const { sent, accepted, included, refused, blobsSent, dispersed, blobsIncluded, read } = this.#counts;
    const { planned, started, effective, healed, skipped } = this.#counts;
    return {
      stage: this.#stage,
      stageStartedAt: this.#stageStartedAt,
      stageDeadlineMs: this.#stageDeadlineMs,
      nodesUp: this.#up,
      height: this.#height,
      lib: this.#lib,
      chain: this.#chain,
      transactions: { sent, accepted, included, refused },
      blobs: { sent: blobsSent, dispersed, included: blobsIncluded, read },
      faults: { planned, started, effective, healed, skipped },
    };
  }

  /** Counts what of ours a block holds, once: the first branch that shows it is enough for progress. */
  #block(block: EventOf<"block.seen">): void {
    for (const tx of block.txs) if (this.#waitingTxs.delete(tx)) this.#counts.included++;
    for (const { blob } of block.messages) {
      if (blob !== null && this.#waitingBlobs.delete(blob)) this.#counts.blobsIncluded++;
    }
  }
}
