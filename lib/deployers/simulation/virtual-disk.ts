import type { BlobId, Block, HeaderId, Share } from "../../chain/types.ts";
import type { PersistRecord, Snapshot } from "../../devnet/machine/types.ts";

/** What a node's disk holds: it outlives the node's machine. */
export class VirtualDisk {
  #lastProposedSlot = -1;
  #tip: HeaderId | null = null;
  #lib: HeaderId | null = null;
  readonly #blocks: Block[] = [];
  readonly #shares: Share[] = [];
  readonly #sampled: BlobId[] = [];

  write(record: PersistRecord): void {
    switch (record.type) {
      case "proposed":
        this.#lastProposedSlot = record.slot;
        return;
      case "block":
        this.#blocks.push(record.block);
        return;
      case "tip":
        this.#tip = record.tip;
        this.#lib = record.lib;
        return;
      case "share":
        this.#shares.push(record.share);
        return;
      case "sampled":
        this.#sampled.push(record.blob);
        return;
    }
  }

  /** Whether nothing was ever written to it. */
  get isEmpty(): boolean {
    return this.#lastProposedSlot < 0 && this.#tip === null && this.#blocks.length + this.#shares.length === 0;
  }

  /** What a restarted node finds. */
  read(): Snapshot {
    return {
      lastProposedSlot: this.#lastProposedSlot,
      blocks: [...this.#blocks],
      tip: this.#tip,
      lib: this.#lib,
      shares: [...this.#shares],
      sampled: [...this.#sampled],
    };
  }
}
