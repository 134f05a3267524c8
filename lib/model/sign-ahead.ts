import type { EncodedTx } from "../chain/encoded-tx.ts";
import type { NoteId, TxHash } from "../chain/types.ts";
import type { Wallet } from "./wallets.ts";

/**
 * Where a row of transfers begins: the whole of a wallet's note to itself, then the note that this made, and so on. All of
 * them are known from the start.
 */
export type SigningRow = Pick<Wallet, "secret" | "pk" | "note" | "value">;

/** A transfer that is signed already. */
export interface SignedAhead {
  readonly tx: TxHash;
  /** The note that it makes. */
  readonly note: NoteId;
  /** As it goes on the wire. */
  readonly signed: EncodedTx;
}

/** Transfers that are signed elsewhere, before their time comes. */
export interface SignAhead {
  /**
   * A transfer of a row, by its number from 0. It is asked for in order, but some may be left out or asked for again.
   * @returns undefined when it isn't there: its caller then signs it, which gives the same bytes
   */
  take(row: number, index: number): SignedAhead | undefined;
  /** How many transfers are signed and were not asked for. */
  readonly waiting: number;
  /** Aborts with a CodedError when nothing is signed any more, though nobody closed it. */
  readonly failed: AbortSignal;
  /** Ends the signing. */
  close(): Promise<void>;
}
