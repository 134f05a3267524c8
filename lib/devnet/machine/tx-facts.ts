import { signedTxBytes } from "../../chain/encoding.ts";
import { outputNotes } from "../../chain/ledger.ts";
import { messageId, txHash } from "../../chain/suite.ts";
import type { BlobId, Hex32, SignedTx, TxHash } from "../../chain/types.ts";
import { ledgerKey } from "../../chain/verify-tx.ts";
import { CodedError } from "../../core/errors.ts";
import type { SharedMemo } from "./shared-memo.ts";

/**
 * A place on the chain that can be taken once: a note, or the successor of a channel's message. A transaction takes
 * some and makes others; that is all that orders transactions.
 */
export type Place = string;

/** What the mempool and the chain's state need to know of a transaction. */
export interface TxFacts {
  readonly hash: TxHash;
  /** Length of its encoding. */
  readonly bytes: number;
  /** The key that must own its inputs; empty without inputs, where anybody's proof will do. */
  readonly owner: Hex32 | "";
  /** Places it takes that others must have made. */
  readonly takes: readonly Place[];
  /** Places it makes, also those that it takes itself. */
  readonly makes: readonly Place[];
  /** Blobs it refers to. */
  readonly blobs: readonly BlobId[];
}

/** The facts of a transaction, remembered per object. */
export function txFacts(memo: SharedMemo, signed: SignedTx): TxFacts {
  let facts = memo.facts.get(signed);
  if (facts === undefined) {
    facts = factsOf(signed);
    memo.facts.set(signed, facts);
  }
  return facts;
}

/** Why a transaction has no facts: more operations or notes than can be encoded, so that it has no hash. Null if it has. */
export function encodingFault(memo: SharedMemo, signed: SignedTx): string | null {
  try {
    txFacts(memo, signed);
    return null;
  } catch (error) {
    if (error instanceof CodedError && error.code === "NR-CHAIN-ENCODE") return error.message;
    throw error;
  }
}

function factsOf(signed: SignedTx): TxFacts {
  const { ops, ledger } = signed.tx;
  const takes: Place[] = [...ledger.inputs];
  const makes: Place[] = outputNotes(ledger).map(({ id }) => id);
  const blobs: BlobId[] = [];
  for (const op of ops) {
    const taken = `${op.channel}/${op.parent}`;
    if (!makes.includes(taken)) takes.push(taken);
    makes.push(`${op.channel}/${messageId(op)}`);
    if (op.type === "blob") blobs.push(op.blob);
  }
  const owner = ledger.inputs.length > 0 ? ledgerKey(signed) : "";
  return { hash: txHash(signed.tx), bytes: signedTxBytes(signed), owner, takes, makes, blobs };
}
