import { bytesToHex, hexToBytes } from "../core/bytes.ts";
import { MAX_COUNT } from "./encoding.ts";
import { verifySignature } from "./keys.ts";
import { txHash } from "./suite.ts";
import type { Hex32, SignedTx } from "./types.ts";

/** Bytes of a ledger proof: key, signature, zeros. */
const PROOF = { bytes: 128, keyEnd: 32, signatureEnd: 96 } as const;
const U64_END = 2n ** 64n;
/** An operation's numbers are whatever its author likes; beyond this its block could not be read over HTTP. */
const LARGEST_JSON = BigInt(Number.MAX_SAFE_INTEGER);

/** Why a transaction can never be valid, whatever the state. */
export type TxFault =
  /** Counts, values or proofs that no transaction may have. */
  | "malformed"
  /** A signature of an operation; the real node refuses these while it reads the request. */
  | "op-proof"
  /** The ledger proof; the real node sees these only when it builds a block. */
  | "ledger-proof";

export type TxCheck = { readonly ok: true } | { readonly ok: false; readonly fault: TxFault; readonly reason: string };

/**
 * Everything about a transaction that needs no state: its form and all its signatures. Costs one signature verification
 * for each operation and one more. The result holds for ever, so callers remember it, but by the object: the transaction's
 * hash does not cover the proofs.
 */
export function verifyTx(signed: SignedTx): TxCheck {
  return formFault(signed) ?? opProofFault(signed) ?? ledgerProofFault(signed) ?? { ok: true };
}

/** The Ed25519 key in a ledger proof: the owner of all the transaction's inputs. */
export function ledgerKey(signed: SignedTx): Hex32 {
  return bytesToHex(signed.ledgerProof.subarray(0, PROOF.keyEnd));
}

function fail(fault: TxFault, reason: string): TxCheck {
  return { ok: false, fault, reason };
}

function formFault({ tx, opProofs, ledgerProof }: SignedTx): TxCheck | undefined {
  const { inputs, outputs } = tx.ledger;
  for (const [what, count] of Object.entries({
    operations: tx.ops.length,
    inputs: inputs.length,
    outputs: outputs.length,
  })) {
    if (count > MAX_COUNT) return fail("malformed", `${count} ${what}, at most ${MAX_COUNT} are allowed`);
  }
  if (tx.ops.length + inputs.length + outputs.length === 0) {
    return fail("malformed", "an empty transaction could be repeated for ever");
  }
  if (new Set(inputs).size !== inputs.length) return fail("malformed", "an input is spent twice");
  for (const { value } of outputs) {
    if (value <= 0n) return fail("malformed", "an output has no value");
    if (value >= U64_END) return fail("malformed", `output value ${value} is not a u64`);
  }
  for (const op of tx.ops) {
    if (op.type === "inscribe") continue;
    const beyond = [op.session, op.blobSize, op.storageGasPrice].find((amount) => amount > LARGEST_JSON);
    if (beyond !== undefined) return fail("malformed", `${beyond} is beyond 2^53 and has no exact JSON number`);
  }
  if (opProofs.length !== tx.ops.length) {
    return fail("op-proof", `${opProofs.length} proofs for ${tx.ops.length} operations`);
  }
  if (ledgerProof.length !== PROOF.bytes) {
    return fail("ledger-proof", `ledger proof has ${ledgerProof.length} bytes, not ${PROOF.bytes}`);
  }
  if (ledgerProof.subarray(PROOF.signatureEnd).some((byte) => byte !== 0)) {
    return fail("ledger-proof", "ledger proof is not padded with zeros");
  }
  return undefined;
}

function opProofFault({ tx, opProofs }: SignedTx): TxCheck | undefined {
  const message = hexToBytes(txHash(tx));
  for (const [index, op] of tx.ops.entries()) {
    const proof = opProofs[index];
    if (proof?.type !== "ed25519" || !verifySignature(op.signer, message, proof.signature)) {
      return fail("op-proof", `operation ${index} is not signed by ${op.signer}`);
    }
  }
  return undefined;
}

function ledgerProofFault(signed: SignedTx): TxCheck | undefined {
  const signature = signed.ledgerProof.subarray(PROOF.keyEnd, PROOF.signatureEnd);
  if (verifySignature(ledgerKey(signed), hexToBytes(txHash(signed.tx)), signature)) return undefined;
  return fail("ledger-proof", "ledger proof is not a valid signature");
}
