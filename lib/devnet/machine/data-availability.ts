import type { BlobId, DaParams, SignedTx } from "../../chain/types.ts";
import { Disperser } from "./disperser.ts";
import type { Outbox } from "./outbox.ts";
import { Sampler } from "./sampler.ts";
import type { SharedMemo } from "./shared-memo.ts";
import { Shares } from "./shares.ts";
import type { Identity, Message, Refusal, Snapshot } from "./types.ts";

/** What nodes say to one another about blobs. */
export type DaMessage = Extract<Message, { type: "share" | "share-ack" | "sample-request" | "sample-reply" }>;

export interface DataAvailabilityParts {
  readonly identity: Identity;
  readonly da: DaParams;
  readonly slotMs: number;
  readonly outbox: Outbox;
  readonly memo: SharedMemo;
  /** Whether a pending transaction or held block waits for the blob. */
  readonly isWanted: (blob: BlobId) => boolean;
  /** Brings a transaction into the mempool and to the neighbours. */
  readonly submit: (signed: SignedTx) => Refusal | null;
  /** Whether the mempool or the chain has the transaction. */
  readonly isKnown: (signed: SignedTx) => boolean;
  /** Told when another blob is known to be available. */
  readonly sampled: () => void;
  readonly now: () => number;
}

/** A node's part in keeping blobs available: it holds shares, samples, and if it is an executor disperses. */
export class DataAvailability {
  readonly shares: Shares;
  readonly sampler: Sampler;
  readonly disperser: Disperser;
  readonly #outbox: Outbox;
  readonly #sampled: () => void;

  constructor(parts: DataAvailabilityParts, snapshot: Snapshot | null) {
    const { name, role } = parts.identity;
    this.#outbox = parts.outbox;
    this.#sampled = parts.sampled;
    this.shares = new Shares(name, parts.da, parts.outbox, parts.memo, snapshot?.shares ?? []);
    this.sampler = new Sampler({ ...parts, name, shares: this.shares }, snapshot?.sampled ?? []);
    this.disperser = new Disperser({ ...parts, name, role, shares: this.shares });
  }

  /** When {@link expire} must be called at the latest. */
  get deadline(): number {
    return Math.min(this.sampler.deadline, this.disperser.deadline);
  }

  expire(): void {
    if (this.sampler.expire()) this.#sampled();
    this.disperser.expire();
  }

  hear(from: string, message: DaMessage): void {
    switch (message.type) {
      case "share": {
        const { blob, index } = message.share;
        if (this.shares.keep(message.share)) this.#outbox.send(from, { type: "share-ack", blob, index });
        return;
      }
      case "share-ack":
        return this.disperser.acknowledged(from, message.blob, message.index);
      case "sample-request": {
        const { blob, index } = message;
        return this.#outbox.send(from, { type: "sample-reply", blob, index, share: this.shares.get(blob, index) });
      }
      case "sample-reply":
        if (this.sampler.replied(from, message.blob, message.index, message.share)) this.#sampled();
    }
  }
}
