import { verifyShare } from "../../chain/blob.ts";
import type { BlobId, DaParams, Share } from "../../chain/types.ts";
import type { Outbox } from "./outbox.ts";
import type { SharedMemo } from "./shared-memo.ts";

/** The shares that this node holds for the subnetworks it is a member of. */
export class Shares {
  readonly #name: string;
  readonly #da: DaParams;
  readonly #outbox: Outbox;
  readonly #memo: SharedMemo;
  readonly #byBlob = new Map<BlobId, Map<number, Share>>();

  constructor(name: string, da: DaParams, outbox: Outbox, memo: SharedMemo, stored: readonly Share[]) {
    this.#name = name;
    this.#da = da;
    this.#outbox = outbox;
    this.#memo = memo;
    for (const share of stored) this.#insert(share);
  }

  get(blob: BlobId, index: number): Share | null {
    return this.#byBlob.get(blob)?.get(index) ?? null;
  }

  /** By index. */
  of(blob: BlobId): readonly Share[] {
    return [...(this.#byBlob.get(blob)?.values() ?? [])].sort((a, b) => a.index - b.index);
  }

  /** Keeps a share, on disk first; false if it is not this node's to keep or not what its blob commits to. */
  keep(share: Share): boolean {
    if (this.get(share.blob, share.index)) return true;
    if (!this.#da.members[share.index]?.includes(this.#name) || !this.isSound(share)) return false;
    this.#insert(share);
    this.#outbox.persist({ type: "share", share });
    return true;
  }

  /** Whether a share is coded as this network codes blobs, and is what its blob's id commits to. */
  isSound(share: Share): boolean {
    const { shares, needed } = share.commitments;
    if (shares !== this.#da.shares || needed !== this.#da.needed) return false;
    let sound = this.#memo.shares.get(share);
    if (sound === undefined) {
      sound = verifyShare(share).ok;
      this.#memo.shares.set(share, sound);
    }
    return sound;
  }

  #insert(share: Share): void {
    const held = this.#byBlob.get(share.blob) ?? new Map<number, Share>();
    this.#byBlob.set(share.blob, held.set(share.index, share));
  }
}
