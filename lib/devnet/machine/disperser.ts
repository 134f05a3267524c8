import { type EncodedBlob, encodeBlob } from "../../chain/blob.ts";
import { REFUSALS } from "../../chain/http/refusal.ts";
import type { BlobId, DaParams, SignedTx } from "../../chain/types.ts";
import { signBlobOp } from "../../chain/wallet.ts";
import { errorText } from "../../core/errors.ts";
import type { Outbox } from "./outbox.ts";
import type { Shares } from "./shares.ts";
import type { DisperseRequest, Refusal } from "./types.ts";

/** Slots within which every subnetwork must have taken its share: 20 s at the default slot, as the real executor waits. */
const DEADLINE_SLOTS = 10;
/** Slots after which shares are sent again to subnetworks that have not acknowledged. */
const RETRY_SLOTS = 1;
const LOG = "da::dispersal";

/** A blob on its way to its subnetworks. */
interface Dispersal {
  readonly call: number;
  readonly request: DisperseRequest;
  readonly encoded: EncodedBlob;
  /** Subnetworks that have not acknowledged. */
  readonly open: Set<number>;
  readonly deadline: number;
  retry: number;
}

export interface DisperserParts {
  /** This node's name. */
  readonly name: string;
  readonly role: "validator" | "executor";
  readonly da: DaParams;
  readonly slotMs: number;
  readonly outbox: Outbox;
  readonly shares: Shares;
  /** Brings a transaction into the mempool and to the neighbours. */
  readonly submit: (signed: SignedTx) => Refusal | null;
  /** Whether the mempool or the chain has the transaction. */
  readonly isKnown: (signed: SignedTx) => boolean;
  readonly now: () => number;
}

/** An executor's way of publishing blobs: codes them, hands out the shares, and writes the blob to its channel. */
export class Disperser {
  readonly #parts: DisperserParts;
  #open: Dispersal[] = [];

  constructor(parts: DisperserParts) {
    this.#parts = parts;
  }

  /** When {@link expire} must be called at the latest. */
  get deadline(): number {
    return this.#open.reduce(
      (least, { deadline, retry }) => Math.min(least, deadline, retry),
      Number.POSITIVE_INFINITY,
    );
  }

  /** Starts to disperse a client's blob; the answer is a `dispersed` output. */
  start(call: number, request: DisperseRequest): void {
    const { role, da, outbox, slotMs } = this.#parts;
    if (role !== "executor") return this.#fail(call, "this node is a validator and does not disperse blobs");
    let encoded: EncodedBlob;
    try {
      encoded = encodeBlob(request.data, da.shares, da.needed);
    } catch (error) {
      return this.#fail(call, errorText(error));
    }
    const now = this.#parts.now();
    const open = new Set(encoded.shares.map((share) => share.index));
    const dispersal = { call, request, encoded, open, deadline: now + DEADLINE_SLOTS * slotMs, retry: 0 };
    outbox.log("INFO", LOG, `dispersing blob 0x${encoded.blob} of ${request.data.length} bytes`);
    this.#open.push(dispersal);
    this.#send(dispersal);
    this.#settle(dispersal);
  }

  /** Sends each share that is not acknowledged to all members of its subnetwork; the node's own it keeps. */
  #send(dispersal: Dispersal): void {
    const { name, da, outbox, shares, slotMs } = this.#parts;
    dispersal.retry = this.#parts.now() + RETRY_SLOTS * slotMs;
    for (const share of dispersal.encoded.shares) {
      if (!dispersal.open.has(share.index)) continue;
      for (const member of da.members[share.index] ?? []) {
        if (member !== name) outbox.send(member, { type: "share", share });
        else if (shares.keep(share)) dispersal.open.delete(share.index);
      }
    }
  }

  /** Takes a member's word that it holds a share. */
  acknowledged(from: string, blob: BlobId, index: number): void {
    if (!this.#parts.da.members[index]?.includes(from)) return;
    for (const dispersal of this.#open) {
      if (dispersal.encoded.blob !== blob) continue;
      dispersal.open.delete(index);
      this.#settle(dispersal);
    }
  }

  /** Writes the blob to its channel once every subnetwork has its share. */
  #settle(dispersal: Dispersal): void {
    if (dispersal.open.size > 0) return;
    this.#open = this.#open.filter((other) => other !== dispersal);
    const { outbox, submit, isKnown } = this.#parts;
    const { blob, commitments } = dispersal.encoded;
    const { channel, parent } = dispersal.request;
    const signed = signBlobOp({ channel, parent, blob, size: commitments.size });
    const refusal = isKnown(signed) ? null : submit(signed);
    if (refusal) return outbox.dispersed(dispersal.call, { refusal });
    outbox.log("INFO", LOG, `blob 0x${blob} is dispersed`);
    outbox.dispersed(dispersal.call, { blob });
  }

  /** Sends again, and gives up what is overdue. */
  expire(): void {
    const now = this.#parts.now();
    for (const dispersal of this.#open) {
      if (now >= dispersal.deadline) this.#giveUp(dispersal);
      else if (now >= dispersal.retry) {
        this.#parts.outbox.log("WARN", LOG, `Retrying dispersal of blob 0x${dispersal.encoded.blob}`);
        this.#send(dispersal);
      }
    }
  }

  #giveUp(dispersal: Dispersal): void {
    this.#open = this.#open.filter((other) => other !== dispersal);
    const missing = [...dispersal.open].join(", ");
    this.#fail(dispersal.call, `InsufficientSubnetworkConnections: no member of subnetwork ${missing} took its share`);
  }

  #fail(call: number, reason: string): void {
    this.#parts.outbox.log("WARN", LOG, `dispersal failed: ${reason}`);
    this.#parts.outbox.dispersed(call, { refusal: { status: REFUSALS.failed.status, reason } });
  }
}
