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
  /** Each once, however often nodes are offered it and branches hold it. */
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
  /** Transactions that may still be sent again: those that no final block holds. */
  readonly #txs = new Map<string, SentTransaction>();
  readonly #blobStarts = new Set<string>();
  readonly #waitingBlobs = new Set<string>();
  readonly #includedBlobs = new Set<string>();
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
        return this.#final(event.libHeight ?? 0);
      case "block.seen":
        return this.#block(event);
      case "tx.submitted":
        if (this.#txs.has(event.tx)) return;
        counts.sent++;
        this.#txs.set(event.tx, { accepted: false, height: null });
        return;
      case "tx.accepted":
        return this.#accepted(event.tx);
      case "tx.refused":
        if (event.final) counts.refused++;
        return;
      case "blob.submitted":
        counts.blobsSent += this.#first(this.#blobStarts, `${event.workload} ${event.n}`);
        return;
      case "blob.dispersed":
        if (!this.#includedBlobs.has(event.blob)) counts.dispersed += this.#first(this.#waitingBlobs, event.blob);
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

  #accepted(id: string): void {
    const tx = this.#txs.get(id);
    if (!tx || tx.accepted) return;
    tx.accepted = true;
    this.#counts.accepted++;
  }

  /** Counts what of ours a block holds, once: the first branch that shows it is enough for progress. */
  #block(block: EventOf<"block.seen">): void {
    for (const id of block.txs) {
      const tx = this.#txs.get(id);
      if (!tx) continue;
      if (tx.height === null) this.#counts.included++;
      tx.height = block.height;
    }
    for (const { blob } of block.messages) {
      if (blob === null || !this.#waitingBlobs.delete(blob)) continue;
      this.#counts.blobsIncluded += this.#first(this.#includedBlobs, blob);
    }
  }

  /** Forgets transactions that no reorganisation reaches: a long run has millions. */
  #final(height: number): void {
    if (height <= this.#lib) return;
    this.#lib = height;
    for (const [id, tx] of this.#txs)
      if (tx.accepted && tx.height !== null && tx.height <= height) this.#txs.delete(id);
  }

  /** 1 for what was not there before. */
  #first(seen: Set<string>, one: string): number {
    const before = seen.size;
    return seen.add(one).size - before;
  }
}

/** A transaction of ours as far as it came. */
interface SentTransaction {
  accepted: boolean;
  /** Of the block that holds it. */
  height: number | null;
}
