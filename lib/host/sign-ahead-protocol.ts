import type { SigningRow } from "../model/sign-ahead.ts";

/** What the thread that signs is started with. */
export interface SigningJob {
  readonly rows: readonly SigningRow[];
  /** Transfers of a row that are signed beyond those asked for. */
  readonly ahead: number;
  /** By row, the number of the next transfer that will be asked for. The last element changes when the stock is low. */
  readonly wanted: Int32Array;
}

/** Characters of an id. */
export const ID_LENGTH = 64;

/** Signed transfers as they come from the thread: few objects, whatever their number. */
export interface SigningBatch {
  /** Whose each is. */
  readonly rows: Int32Array;
  /** Its number in the row. */
  readonly indexes: Int32Array;
  /** Of each the transaction's id and that of the note that it makes, one after another. */
  readonly ids: string;
  /** JSON of all of them, and where that of each ends. */
  readonly bytes: Uint8Array;
  readonly ends: Int32Array;
}
