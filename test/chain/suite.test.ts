import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { blake2b } from "@noble/hashes/blake2.js";
import { encodeHeader, encodeMantleTx } from "../../lib/chain/binary.ts";
import { isSoundKey, signerOf, verifySignature } from "../../lib/chain/keys.ts";
import { merklePaths, rootFromPath } from "../../lib/chain/merkle.ts";
import {
  blockRoot,
  digestToField,
  hashToField,
  headerId,
  messageId,
  noteId,
  notePk,
  txHash,
} from "../../lib/chain/suite.ts";
import { type ChannelBlob, type MantleTx, ZERO_ID } from "../../lib/chain/types.ts";
import { channelSigner } from "../../lib/chain/wallet.ts";
import { bytesToHex, concatBytes, hexToBytes } from "../../lib/core/bytes.ts";

const hash = (bytes: Uint8Array) => blake2b(bytes, { dkLen: 32 });
const text = new TextEncoder();

test("BLAKE2b here is OpenSSL's, cut by parameter and not by truncation", () => {
  const long = blake2b(text.encode("abc"), { dkLen: 64 });
  assert.equal(bytesToHex(long), createHash("blake2b512").update("abc").digest("hex"));
  // The well-known BLAKE2b-256 of "abc".
  assert.equal(
    bytesToHex(hash(text.encode("abc"))),
    "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
  );
});

test("a digest becomes a field element by losing its top three bits only", () => {
  assert.equal(digestToField(new Uint8Array(32).fill(0xff)), `${"ff".repeat(31)}1f`);
});

test("parts of a field hash are not confused with one another", () => {
  const [a, b, ab, none] = ["a", "b", "ab", ""].map((part) => text.encode(part)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const hashes = [
    hashToField("d", a, b),
    hashToField("d", ab),
    hashToField("d", ab, none),
    hashToField("da", b),
    hashToField("d", none, ab),
  ];
  assert.equal(new Set(hashes).size, hashes.length);
});

test("block roots: none, one, two, three and five transactions", () => {
  const leaf = (digit: string) => hash(hexToBytes(digit.repeat(64)));
  const node = (left: Uint8Array, right: Uint8Array) => hash(concatBytes(left, right));
  const pad = leaf("0");
  const txs = ["1", "2", "3", "4", "5"].map((digit) => digit.repeat(64));
  const [l1, l2, l3, l4, l5] = ["1", "2", "3", "4", "5"].map(leaf) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  assert.equal(blockRoot([]), bytesToHex(pad));
  assert.equal(blockRoot(txs.slice(0, 1)), bytesToHex(l1));
  assert.equal(blockRoot(txs.slice(0, 2)), bytesToHex(node(l1, l2)));
  assert.equal(blockRoot(txs.slice(0, 3)), bytesToHex(node(node(l1, l2), node(l3, pad))));
  assert.equal(blockRoot(txs), bytesToHex(node(node(node(l1, l2), node(l3, l4)), node(node(l5, pad), node(pad, pad)))));
  // Written down once, so that the layout can't drift.
  assert.equal(blockRoot([]), "89eb0d6a8a691dae2cd15ed0369931ce0a949ecafa5c3f93f8121833646e15c3");
});

test("a Merkle path leads to the root at its own index only", () => {
  for (const count of [1, 2, 3, 5, 8, 9]) {
    const items = Array.from({ length: count }, (_, i) => Uint8Array.of(i));
    const { root, paths } = merklePaths(items);
    for (const [index, item] of items.entries()) {
      const path = paths[index] as Uint8Array[];
      assert.deepEqual(rootFromPath(item, index, path), root);
      if (count > 1) assert.notDeepEqual(rootFromPath(item, index ^ 1, path), root);
    }
  }
});

const BLOB_OP: ChannelBlob = {
  type: "blob",
  channel: "11".repeat(32),
  session: 2n,
  blob: "22".repeat(32),
  blobSize: 248n,
  storageGasPrice: 3n,
  parent: "33".repeat(32),
  signer: "44".repeat(32),
};

test("a message id is BLAKE2b-256 of the payload without the opcode", () => {
  const payload = `${BLOB_OP.channel}0200000000000000${BLOB_OP.blob}f8000000000000000300000000000000${BLOB_OP.parent}${BLOB_OP.signer}`;
  assert.equal(messageId(BLOB_OP), bytesToHex(hash(hexToBytes(payload))));
  const inscription = {
    type: "inscribe",
    channel: ZERO_ID,
    inscription: text.encode("hi"),
    parent: ZERO_ID,
    signer: ZERO_ID,
  } as const;
  assert.equal(messageId(inscription), bytesToHex(hash(hexToBytes(`${ZERO_ID}020000006869${ZERO_ID}${ZERO_ID}`))));
});

test("a transaction is hashed in the real node's layout", () => {
  const tx: MantleTx = {
    ops: [BLOB_OP],
    ledger: { inputs: ["55".repeat(32)], outputs: [{ value: 258n, pk: "66".repeat(32) }] },
    executionGasPrice: 7n,
    storageGasPrice: 8n,
  };
  const op = `01${BLOB_OP.channel}0200000000000000${BLOB_OP.blob}f8000000000000000300000000000000${BLOB_OP.parent}${BLOB_OP.signer}`;
  const bytes = `01${op}01${"55".repeat(32)}010201000000000000${"66".repeat(32)}07000000000000000800000000000000`;
  assert.equal(bytesToHex(encodeMantleTx(tx)), bytes);
  assert.equal(txHash(tx), hashToField("NOMOS_MANTLE_TXHASH_V1", hexToBytes(bytes)));
});

test("a header is hashed in the real node's layout", () => {
  const header = {
    parent: "aa".repeat(32),
    slot: 513,
    blockRoot: "bb".repeat(32),
    leadership: {
      proof: new Uint8Array(128).fill(1),
      entropy: "cc".repeat(32),
      leaderKey: "dd".repeat(32),
      voucher: "ee".repeat(32),
    },
  };
  const bytes = `${bytesToHex(text.encode("BLOCK_ID_V1"))}01${"aa".repeat(32)}0102000000000000${"bb".repeat(32)}${"ee".repeat(32)}${"cc".repeat(32)}${"01".repeat(128)}${"dd".repeat(32)}`;
  assert.equal(bytesToHex(encodeHeader(header)), bytes);
  assert.equal(headerId(header), bytesToHex(hash(hexToBytes(bytes))));
});

test("a note's id depends on transaction, index, value and owner", () => {
  const pk = notePk(channelSigner().key);
  const ids = [
    noteId("10".repeat(32), 0, 1n, pk),
    noteId("11".repeat(32), 0, 1n, pk),
    noteId("10".repeat(32), 1, 1n, pk),
    noteId("10".repeat(32), 0, 2n, pk),
    noteId("10".repeat(32), 0, 1n, "00".repeat(32)),
  ];
  assert.equal(new Set(ids).size, ids.length);
});

test("Ed25519: RFC 8032 test 2, and what must not verify", () => {
  const signer = signerOf(hexToBytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  const message = Uint8Array.of(0x72);
  const signature = signer.sign(message);
  assert.equal(
    bytesToHex(signature),
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
  assert.equal(verifySignature(signer.key, message, signature), true);
  assert.equal(verifySignature(signer.key, Uint8Array.of(0x73), signature), false);
  assert.equal(verifySignature(channelSigner().key, message, signature), false);
  assert.equal(verifySignature(signer.key, message, signature.subarray(1)), false);
  // The identity as key would accept R = s B for any message.
  const forged = concatBytes(hexToBytes(`58${"66".repeat(31)}`), Uint8Array.of(1, ...new Uint8Array(31)));
  assert.equal(verifySignature(`01${"00".repeat(31)}`, message, forged), false);
  assert.equal(isSoundKey(ZERO_ID), false);
});

test("the channel signer is the key that the original framework signs with", () => {
  assert.equal(channelSigner().key, "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29");
});
