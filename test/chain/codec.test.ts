import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import {
  decodeBlock,
  decodeHeader,
  decodeMantleTx,
  decodeShare,
  decodeSignedTx,
  encodeBlock,
  encodeHeader,
  encodeMantleTx,
  encodeShare,
  encodeSignedTx,
} from "../../lib/chain/binary.ts";
import {
  blobIdSchema,
  blobIdToJson,
  blockSchema,
  blockToJson,
  readJson,
  signedTxSchema,
  signedTxToJson,
} from "../../lib/chain/json.ts";
import { txHash } from "../../lib/chain/suite.ts";
import type { SignedTx } from "../../lib/chain/types.ts";
import { signBlobOp, signInscription, signSelfTransfer } from "../../lib/chain/wallet.ts";
import { concatBytes } from "../../lib/core/bytes.ts";
import { CodedError } from "../../lib/core/errors.ts";
import { block, SAFE, share, signedTx, U64 } from "./arbitrary.ts";
import { chainOf, network, WALLET_VALUE } from "./fixture.ts";

const signedTxFromJson = (json: unknown) => readJson(signedTxSchema, json, "signed transaction");
const blockFromJson = (json: unknown) => readJson(blockSchema, json, "block");
const blobIdFromJson = (json: unknown) => readJson(blobIdSchema, json, "blob id");

const RUNS = { numRuns: 60 };

test("binary: what is encoded decodes to itself", () => {
  fc.assert(
    fc.property(signedTx(U64), block(U64), share, (tx, aBlock, aShare) => {
      assert.deepEqual(decodeMantleTx(encodeMantleTx(tx.tx)), tx.tx);
      assert.deepEqual(decodeSignedTx(encodeSignedTx(tx)), tx);
      assert.deepEqual(decodeHeader(encodeHeader(aBlock.header)), aBlock.header);
      assert.deepEqual(decodeBlock(encodeBlock(aBlock)), aBlock);
      assert.deepEqual(decodeShare(encodeShare(aShare)), aShare);
    }),
    RUNS,
  );
});

test("binary: a cut or lengthened encoding is a coded error", () => {
  const isCoded = { code: "NR-CHAIN-DECODE" };
  fc.assert(
    fc.property(signedTx(U64), block(U64), share, fc.nat(), (tx, aBlock, aShare, at) => {
      for (const [encoded, decode] of [
        [encodeSignedTx(tx), decodeSignedTx],
        [encodeBlock(aBlock), decodeBlock],
        [encodeShare(aShare), decodeShare],
      ] as const) {
        assert.throws(() => decode(encoded.subarray(0, at % encoded.length)), isCoded);
        assert.throws(() => decode(concatBytes(encoded, Uint8Array.of(0))), isCoded);
      }
    }),
    RUNS,
  );
});

test("binary: any bytes decode to what encodes to them again, or are a coded error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      for (const [decode, encode] of [
        [decodeMantleTx, encodeMantleTx],
        [decodeShare, encodeShare],
      ] as const) {
        try {
          assert.deepEqual((encode as (value: unknown) => Uint8Array)(decode(bytes)), bytes);
        } catch (error) {
          assert.ok(error instanceof CodedError && error.code === "NR-CHAIN-DECODE", String(error));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("binary: the error says what was read, what is missing and where", () => {
  assert.throws(() => decodeHeader(new Uint8Array(5)), {
    message: "can't decode a header: 12 bytes are due, 5 are left at byte 0",
  });
  assert.throws(() => decodeHeader(new Uint8Array(400)), { message: /this is no Bedrock header/ });
  assert.throws(() => decodeMantleTx(Uint8Array.of(1, 0x20)), { message: /opcode 32 is unknown/ });
});

test("binary: the genesis transaction's missing proofs don't travel", () => {
  assert.throws(() => encodeSignedTx(network("codec", 1, 0).genesis.tx), { code: "NR-CHAIN-ENCODE" });
});

test("JSON: what is written reads as itself, through text", () => {
  const through = (json: unknown) => JSON.parse(JSON.stringify(json)) as unknown;
  fc.assert(
    fc.property(signedTx(SAFE), block(SAFE), (tx, aBlock) => {
      assert.deepEqual(signedTxFromJson(through(signedTxToJson(tx))), tx);
      assert.deepEqual(blockFromJson(through(blockToJson(aBlock))), aBlock);
    }),
    RUNS,
  );
});

const net = network("codec", 2, 1);
const [wallet] = net.wallets;
assert.ok(wallet);
const transfer = signSelfTransfer(wallet, net.note(0), WALLET_VALUE);

test("JSON: a transfer in the node's shape", () => {
  const json = signedTxToJson(transfer);
  assert.deepEqual(json.mantle_tx, {
    ops: [],
    ledger_tx: { inputs: [net.note(0)], outputs: [{ value: 100, pk: wallet.pk }] },
    execution_gas_price: 0,
    storage_gas_price: 0,
  });
  assert.deepEqual(
    [json.ledger_tx_proof.pi_a.length, json.ledger_tx_proof.pi_b.length, json.ledger_tx_proof.pi_c.length],
    [32, 64, 32],
  );
  assert.equal(txHash(signedTxFromJson(json).tx), txHash(transfer.tx));
});

test("JSON: operations in the node's shape", () => {
  const channel = "ab".repeat(32);
  const inscription = signedTxToJson(
    signInscription({ channel, inscription: Uint8Array.of(104, 105), parent: "00".repeat(32) }),
  );
  const signer = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";
  assert.deepEqual(inscription.mantle_tx.ops, [
    { opcode: 0, payload: { channel_id: channel, inscription: [104, 105], parent: "00".repeat(32), signer } },
  ]);
  const blob = signedTxToJson(signBlobOp({ channel, parent: "cd".repeat(32), blob: "ef".repeat(32), size: 248 }));
  assert.deepEqual(blob.mantle_tx.ops, [
    {
      opcode: 1,
      payload: {
        channel,
        session: 0,
        blob: Array.from({ length: 32 }, () => 0xef),
        blob_size: 248,
        da_storage_gas_price: 0,
        parent: "cd".repeat(32),
        signer,
      },
    },
  ]);
  assert.ok("Ed25519Sig" in (blob.ops_proofs[0] as object));
  assert.deepEqual(signedTxToJson(net.genesis.tx).ops_proofs, ["NoProof"]);
});

test("JSON: a block has no id and gets the one of its header", () => {
  const [made] = chainOf(net, [[transfer]]);
  assert.ok(made);
  const json = blockToJson(made);
  assert.deepEqual(Object.keys(json), ["header", "signature", "transactions"]);
  assert.deepEqual(Object.keys(json.header), ["version", "parent_block", "slot", "block_root", "proof_of_leadership"]);
  assert.deepEqual(blockFromJson(json), made);
  // Builds of the real node with a development lottery add a field.
  const proof_of_leadership = { ...json.header.proof_of_leadership, public: { slot: 1 } };
  assert.deepEqual(blockFromJson({ ...json, header: { ...json.header, proof_of_leadership } }), made);
});

test("JSON: 0x and upper case are read", () => {
  const json = signedTxToJson(transfer);
  json.mantle_tx.ledger_tx.inputs = [`0x${net.note(0).toUpperCase()}`];
  assert.deepEqual(signedTxFromJson(json), transfer);
});

test("JSON: what is off is refused with its path", () => {
  const json = () => structuredClone(signedTxToJson(transfer));
  type Json = ReturnType<typeof json>;
  const cases: [RegExp, (good: Json) => unknown][] = [
    [/^signed transaction: Invalid type/, () => null],
    [
      /mantle_tx.ledger_tx.outputs.0.value: not an integer/,
      (good) => set(good, (it) => (it.outputs = [{ value: 2 ** 53, pk: it.pk }])),
    ],
    [
      /mantle_tx.ledger_tx.outputs.0.value: not an integer/,
      (good) => set(good, (it) => (it.outputs = [{ value: 1.5, pk: it.pk }])),
    ],
    [
      /mantle_tx.ledger_tx.outputs.0.value: not an integer/,
      (good) => set(good, (it) => (it.outputs = [{ value: -1, pk: it.pk }])),
    ],
    [/mantle_tx.ledger_tx.inputs.0: not 64 hex digits/, (good) => set(good, (it) => (it.inputs = ["abc"]))],
    [/mantle_tx.ledger_tx.inputs.0: not a field element/, (good) => set(good, (it) => (it.inputs = ["ff".repeat(32)]))],
    [
      /mantle_tx.ops.0.opcode/,
      (good) => ({ ...good, mantle_tx: { ...good.mantle_tx, ops: [{ opcode: 32, payload: {} }] } }),
    ],
    [/ops_proofs.0: neither "NoProof" nor/, (good) => ({ ...good, ops_proofs: [{ ZkSig: {} }] })],
    [
      /ledger_tx_proof.pi_b: not an array of 64 bytes/,
      (good) => ({ ...good, ledger_tx_proof: { ...good.ledger_tx_proof, pi_b: [1] } }),
    ],
    [
      /ledger_tx_proof.pi_a: not an array of 32 bytes/,
      (good) => ({ ...good, ledger_tx_proof: { ...good.ledger_tx_proof, pi_a: Array(32).fill(256) } }),
    ],
  ];
  for (const [message, change] of cases) {
    assert.throws(() => signedTxFromJson(change(json())), { code: "NR-CHAIN-JSON", message });
  }
});

/** Changes the ledger part of JSON. */
function set(
  good: { mantle_tx: { ledger_tx: object } },
  change: (it: { inputs: string[]; outputs: object[]; pk: string }) => void,
) {
  const ledger = good.mantle_tx.ledger_tx as { inputs: string[]; outputs: { pk: string }[] };
  change(Object.assign(ledger, { pk: ledger.outputs[0]?.pk ?? "" }));
  return good;
}

test("JSON: an amount without an exact number is refused when writing", () => {
  const rich: SignedTx = { ...transfer, tx: { ...transfer.tx, executionGasPrice: 2n ** 53n } };
  assert.throws(() => signedTxToJson(rich), { code: "NR-CHAIN-JSON" });
});

test("JSON: a blob id is 32 numbers", () => {
  const blob = "0123456789abcdef".repeat(4);
  assert.deepEqual(blobIdToJson(blob).slice(0, 3), [1, 35, 69]);
  assert.equal(blobIdFromJson(blobIdToJson(blob)), blob);
  assert.throws(() => blobIdFromJson(blob), { code: "NR-CHAIN-JSON" });
});
