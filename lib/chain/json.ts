import * as v from "valibot";
import { bytesToHex, concatBytes, hexToBytes } from "../core/bytes.ts";
import { CodedError } from "../core/errors.ts";
import { OPCODE } from "./encoding.ts";
import { MAX_BLOCK_TXS } from "./ledger.ts";
import { headerId } from "./suite.ts";
import type { BlobId, Block, Op, OpProof, SignedTx } from "./types.ts";

/**
 * The node's JSON shapes of transactions, blocks and blob ids, to and from what memory holds. Unknown fields are ignored,
 * as the real node does; everything else that is off is a CodedError NR-CHAIN-JSON with the dotted path of the first fault.
 */

/** Order of BN254's scalar field, big-endian hex: field elements on the wire are below it. */
const FIELD_ORDER = "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";

/** 32 bytes in hex; `0x` and upper case are read, as the real node does, and never written. */
export const hex32Schema = v.pipe(
  v.string(),
  v.regex(/^(0x)?[0-9a-fA-F]{64}$/, "not 64 hex digits"),
  v.transform((hex) => hex.slice(-64).toLowerCase()),
);

/** A field element: 32 bytes, little-endian, below the field's order. */
export const fieldSchema = v.pipe(
  hex32Schema,
  v.check((hex) => bytesToHex(hexToBytes(hex).reverse()) < FIELD_ORDER, "not a field element"),
);

/** A u64 in JSON. Numbers beyond 2^53 are refused: JSON would round them. */
export const u64Schema = v.pipe(
  v.number(),
  v.check(
    (value) => Number.isSafeInteger(value) && value >= 0,
    `not an integer between 0 and ${Number.MAX_SAFE_INTEGER}`,
  ),
);

const amountSchema = v.pipe(
  u64Schema,
  v.transform((value) => BigInt(value)),
);

/** An array of numbers 0 to 255, of `length` if given. */
export function bytesSchema(length?: number) {
  const isBytes = (input: unknown): boolean =>
    Array.isArray(input) &&
    (length === undefined || input.length === length) &&
    input.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
  const what = length === undefined ? "not an array of bytes" : `not an array of ${length} bytes`;
  return v.pipe(
    v.custom<number[]>(isBytes, what),
    v.transform((bytes) => Uint8Array.from(bytes)),
  );
}

/** A blob id: 32 numbers. */
export const blobIdSchema = v.pipe(
  bytesSchema(32),
  v.transform((bytes) => bytesToHex(bytes)),
);

const inscribeSchema = v.object({
  opcode: v.literal(OPCODE.inscribe),
  payload: v.object({
    channel_id: hex32Schema,
    inscription: bytesSchema(),
    parent: hex32Schema,
    signer: hex32Schema,
  }),
});

const blobSchema = v.object({
  opcode: v.literal(OPCODE.blob),
  payload: v.object({
    channel: hex32Schema,
    session: amountSchema,
    blob: blobIdSchema,
    blob_size: amountSchema,
    da_storage_gas_price: amountSchema,
    parent: hex32Schema,
    signer: hex32Schema,
  }),
});

const opSchema = v.pipe(
  v.variant("opcode", [inscribeSchema, blobSchema]),
  v.transform(({ opcode, payload }): Op => {
    const { parent, signer } = payload;
    if (opcode === OPCODE.inscribe) {
      return { type: "inscribe", channel: payload.channel_id, inscription: payload.inscription, parent, signer };
    }
    const { channel, session, blob, blob_size: blobSize, da_storage_gas_price: storageGasPrice } = payload;
    return { type: "blob", channel, session, blob, blobSize, storageGasPrice, parent, signer };
  }),
);

const opProofSchema = v.union(
  [
    v.pipe(
      v.literal("NoProof"),
      v.transform((): OpProof => ({ type: "none" })),
    ),
    v.pipe(
      v.object({ Ed25519Sig: bytesSchema(64) }),
      v.transform((proof): OpProof => ({ type: "ed25519", signature: proof.Ed25519Sig })),
    ),
  ],
  'neither "NoProof" nor {"Ed25519Sig": [64 bytes]}',
);

const groth16Schema = v.pipe(
  v.object({ pi_a: bytesSchema(32), pi_b: bytesSchema(64), pi_c: bytesSchema(32) }),
  v.transform(({ pi_a, pi_b, pi_c }) => concatBytes(pi_a, pi_b, pi_c)),
);

/** A signed transaction. */
export const signedTxSchema = v.pipe(
  v.object({
    mantle_tx: v.object({
      ops: v.array(opSchema),
      ledger_tx: v.object({
        inputs: v.array(fieldSchema),
        outputs: v.array(v.object({ value: amountSchema, pk: fieldSchema })),
      }),
      execution_gas_price: amountSchema,
      storage_gas_price: amountSchema,
    }),
    ops_proofs: v.array(opProofSchema),
    ledger_tx_proof: groth16Schema,
  }),
  v.transform(
    (json): SignedTx => ({
      tx: {
        ops: json.mantle_tx.ops,
        ledger: json.mantle_tx.ledger_tx,
        executionGasPrice: json.mantle_tx.execution_gas_price,
        storageGasPrice: json.mantle_tx.storage_gas_price,
      },
      opProofs: json.ops_proofs,
      ledgerProof: json.ledger_tx_proof,
    }),
  ),
);

/** A block as `/storage/block` answers it; its id is computed from the header. */
export const blockSchema = v.pipe(
  v.object({
    header: v.object({
      version: v.literal("Bedrock"),
      parent_block: hex32Schema,
      slot: u64Schema,
      block_root: hex32Schema,
      proof_of_leadership: v.object({
        proof: bytesSchema(128),
        entropy_contribution: fieldSchema,
        leader_key: hex32Schema,
        voucher_cm: fieldSchema,
      }),
    }),
    signature: bytesSchema(64),
    transactions: v.pipe(v.array(signedTxSchema), v.maxLength(MAX_BLOCK_TXS)),
  }),
  v.transform(({ header: json, signature, transactions }): Block => {
    const { proof, entropy_contribution, leader_key, voucher_cm } = json.proof_of_leadership;
    const header = {
      parent: json.parent_block,
      slot: json.slot,
      blockRoot: json.block_root,
      leadership: { proof, entropy: entropy_contribution, leaderKey: leader_key, voucher: voucher_cm },
    };
    return { id: headerId(header), header, signature, txs: transactions };
  }),
);

/**
 * Reads JSON of a schema of this file.
 * @throws CodedError NR-CHAIN-JSON with the path and nature of the first fault.
 */
export function readJson<T>(schema: v.GenericSchema<unknown, T>, json: unknown, what: string): T {
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new CodedError("NR-CHAIN-JSON", `${what}: ${path === null ? "" : `${path}: `}${issue.message}`, {
    hint: "docs/chain.md has the shapes.",
  });
}

/** Bytes as JSON has them. A loop, since the iterator of a typed array takes ten times as long. */
function numbersOf(bytes: Uint8Array): number[] {
  const numbers = new Array<number>(bytes.length);
  for (let i = 0; i < bytes.length; i++) numbers[i] = bytes[i] as number;
  return numbers;
}

/** A blob id as 32 numbers. */
export function blobIdToJson(blob: BlobId): number[] {
  return numbersOf(hexToBytes(blob));
}

/** @throws CodedError NR-CHAIN-JSON for an amount that a JSON number can't hold exactly. */
export function signedTxToJson({ tx, opProofs, ledgerProof }: SignedTx) {
  return {
    mantle_tx: {
      ops: tx.ops.map(opToJson),
      ledger_tx: {
        inputs: [...tx.ledger.inputs],
        outputs: tx.ledger.outputs.map(({ value, pk }) => ({ value: amountToJson(value), pk })),
      },
      execution_gas_price: amountToJson(tx.executionGasPrice),
      storage_gas_price: amountToJson(tx.storageGasPrice),
    },
    ops_proofs: opProofs.map((proof) =>
      proof.type === "none" ? ("NoProof" as const) : { Ed25519Sig: numbersOf(proof.signature) },
    ),
    ledger_tx_proof: {
      pi_a: numbersOf(ledgerProof.subarray(0, 32)),
      pi_b: numbersOf(ledgerProof.subarray(32, 96)),
      pi_c: numbersOf(ledgerProof.subarray(96)),
    },
  };
}

/** The block without its id, which the asker knows. @throws CodedError NR-CHAIN-JSON like {@link signedTxToJson}. */
export function blockToJson({ header, signature, txs }: Block) {
  const { proof, entropy, leaderKey, voucher } = header.leadership;
  return {
    header: {
      version: "Bedrock" as const,
      parent_block: header.parent,
      slot: header.slot,
      block_root: header.blockRoot,
      proof_of_leadership: {
        proof: numbersOf(proof),
        entropy_contribution: entropy,
        leader_key: leaderKey,
        voucher_cm: voucher,
      },
    },
    signature: numbersOf(signature),
    transactions: txs.map(signedTxToJson),
  };
}

function opToJson(op: Op) {
  if (op.type === "inscribe") {
    const { channel, inscription, parent, signer } = op;
    return {
      opcode: OPCODE.inscribe,
      payload: { channel_id: channel, inscription: numbersOf(inscription), parent, signer },
    };
  }
  return {
    opcode: OPCODE.blob,
    payload: {
      channel: op.channel,
      session: amountToJson(op.session),
      blob: blobIdToJson(op.blob),
      blob_size: amountToJson(op.blobSize),
      da_storage_gas_price: amountToJson(op.storageGasPrice),
      parent: op.parent,
      signer: op.signer,
    },
  };
}

function amountToJson(amount: bigint): number {
  if (amount <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(amount);
  throw new CodedError("NR-CHAIN-JSON", `${amount} is beyond 2^53 and has no exact JSON number`, {
    hint: "Keep values below 9007199254740992.",
  });
}
