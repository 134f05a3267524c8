import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { blake2b } from "@noble/hashes/blake2.js";
import { blake2b256, fastBlake2b } from "../../lib/chain/blake2b.ts";
import { bytesToHex } from "../../lib/core/bytes.ts";

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + length) % 251);

test("what is used once it is compiled gives the same bytes as what was used before", async () => {
  const lengths = [...Array.from({ length: 300 }, (_, i) => i), 16_383, 16_384, 16_385, 100_000];
  const before = lengths.map((length) => bytesToHex(blake2b256(bytes(length))));
  assert.equal(await fastBlake2b, true, "the fast one could not be compiled");
  const after = lengths.map((length) => bytesToHex(blake2b256(bytes(length))));
  assert.deepEqual(after, before);
  assert.deepEqual(
    after,
    lengths.map((length) => bytesToHex(blake2b(bytes(length), { dkLen: 32 }))),
  );
});

test("the vector of RFC 7693 for the library that the digest is made with", async () => {
  // Its only vector is of BLAKE2b-512; that of the 256-bit digest is the reference implementation's, of the same text.
  await fastBlake2b;
  const abc = new TextEncoder().encode("abc");
  assert.equal(bytesToHex(blake2b256(abc)), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  assert.equal(createHash("blake2b512").update(abc).digest("hex"), bytesToHex(blake2b(abc)));
});

test("what was hashed before stays as it was: each digest is memory of its own", async () => {
  await fastBlake2b;
  const first = blake2b256(bytes(10));
  const copy = Uint8Array.from(first);
  blake2b256(bytes(11));
  assert.deepEqual(first, copy);
});
