import type { NoteId, NotePublicKey } from "../chain/types.ts";

/** A wallet of the genesis. Its key derives from the run's public seed and is no secret. */
export interface Wallet {
  readonly index: number;
  /** `wallet-user-0 ...` */
  readonly label: string;
  readonly pk: NotePublicKey;
  /** Ed25519 secret seed. */
  readonly secret: Uint8Array;
  /** Its note in the genesis. */
  readonly note: NoteId;
  readonly value: bigint;
}
