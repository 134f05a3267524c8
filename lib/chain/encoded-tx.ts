import { readJson, signedTxSchema, signedTxToJson } from "./json.ts";
import type { MantleTx, OpProof, SignedTx } from "./types.ts";

/** A signed transaction that is kept as it goes on the wire, and read only when something of it is asked for. */
export class EncodedTx implements SignedTx {
  /** JSON in UTF-8. */
  readonly bytes: Uint8Array;
  #read: SignedTx | undefined;

  /** @param bytes UTF-8 of what {@link encodeTx} gives */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get tx(): MantleTx {
    return this.#signed().tx;
  }

  get opProofs(): readonly OpProof[] {
    return this.#signed().opProofs;
  }

  get ledgerProof(): Uint8Array {
    return this.#signed().ledgerProof;
  }

  #signed(): SignedTx {
    this.#read ??= readJson(signedTxSchema, JSON.parse(new TextDecoder().decode(this.bytes)), "a signed transaction");
    return this.#read;
  }
}

/** The JSON of a signed transaction, as nodes take it: as text, or as UTF-8 where it is kept so. */
export function encodeTx(signed: SignedTx): string | Uint8Array {
  return signed instanceof EncodedTx ? signed.bytes : JSON.stringify(signedTxToJson(signed));
}
