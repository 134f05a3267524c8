import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { encodeBlob, MAX_BLOB_BYTES, recoverBlob, verifyShare } from "../../lib/chain/blob.ts";
import { merklePaths } from "../../lib/chain/merkle.ts";
import { blobId } from "../../lib/chain/suite.ts";
import type { Share } from "../../lib/chain/types.ts";
import { bytesToHex, concatBytes } from "../../lib/core/bytes.ts";
import { randomStream } from "../../lib/core/random.ts";

const random = randomStream("blob");

test("any m of n shares give the blob back: all choices for 6 of which 3", () => {
  const data = random.bytes(1_000);
  const { shares } = encodeBlob(data, 6, 3);
  for (let choice = 0; choice < 64; choice++) {
    const chosen = shares.filter((_, index) => (choice >> index) & 1);
    if (chosen.length >= 3) assert.deepEqual(recoverBlob(chosen), data);
    else assert.throws(() => recoverBlob(chosen), { code: "NR-CHAIN-SHARES-TOO-FEW" });
  }
});

test("any m of n shares give the blob back, one fewer is refused: random sizes and layouts", () => {
  const layout = fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
    .map(([a, b]) => ({ needed: Math.min(a, b), total: Math.max(a, b) }));
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 500 }),
      layout,
      fc.string(),
      (data, { needed, total }, seed) => {
        const { shares } = encodeBlob(data, total, needed);
        const chosen = randomStream(seed).shuffle(shares).slice(0, needed);
        assert.deepEqual(recoverBlob(chosen), data);
        assert.throws(() => recoverBlob(chosen.slice(1)), { code: "NR-CHAIN-SHARES-TOO-FEW" });
        // A share twice is one share.
        if (needed > 1)
          assert.throws(() => recoverBlob(chosen.with(0, chosen[1] as Share)), { code: "NR-CHAIN-SHARES-TOO-FEW" });
      },
    ),
    { numRuns: 60 },
  );
});

test("too few shares: the message has the figures", () => {
  const { blob, shares } = encodeBlob(random.bytes(248), 4, 2);
  assert.throws(() => recoverBlob(shares.slice(3)), { message: `blob ${blob} needs 2 shares, 1 are there` });
  assert.throws(() => recoverBlob([]), { message: "a blob needs shares, 0 are there" });
});

test("a flipped bit anywhere in a column is caught, and the share named", () => {
  const { shares } = encodeBlob(random.bytes(31), 4, 2);
  for (const share of shares) {
    assert.deepEqual(verifyShare(share), { ok: true });
    for (let bit = 0; bit < share.column.length * 8; bit++) {
      const column = Uint8Array.from(share.column);
      column[bit >> 3] = (column[bit >> 3] as number) ^ (1 << (bit & 7));
      const check = verifyShare({ ...share, column });
      assert.deepEqual(check, { ok: false, reason: `column ${share.index} is not what the blob's commitments say` });
    }
  }
  const flipped = { ...(shares[1] as Share), column: Uint8Array.from((shares[1] as Share).column, (byte) => byte ^ 1) };
  assert.throws(() => recoverBlob([shares[0] as Share, flipped]), {
    code: "NR-CHAIN-SHARE-INVALID",
    message: /^share 1 of blob/,
  });
});

test("a share is good for its own index, blob and layout only", () => {
  const data = random.bytes(100);
  const { shares } = encodeBlob(data, 5, 2);
  const other = encodeBlob(random.bytes(100), 5, 2);
  const [first, second] = shares as [Share, Share];
  const bad: [RegExp, Share][] = [
    [/is not what/, { ...first, index: 1 }],
    [/does not exist/, { ...first, index: 5 }],
    [/does not exist/, { ...first, index: -1 }],
    [/does not exist/, { ...first, index: 0.5 }],
    [/commitments are not those/, { ...first, blob: other.blob }],
    [/commitments are not those/, { ...first, commitments: other.commitments }],
    [/is not what/, { ...first, path: second.path }],
    [/wrong length/, { ...first, path: first.path.slice(1) }],
    [/has 49 bytes/, { ...first, column: first.column.subarray(1) }],
  ];
  for (const [reason, share] of bad) {
    const check = verifyShare(share);
    assert.match(check.ok ? "" : check.reason, reason);
  }
  assert.throws(() => recoverBlob([first, other.shares[1] as Share]), {
    code: "NR-CHAIN-SHARE-INVALID",
    message: /of another blob/,
  });
});

test("a disperser whose columns are no code word is found out by whoever recovers", () => {
  const honest = encodeBlob(random.bytes(64), 3, 2);
  const columns = honest.shares.map((share) => share.column);
  columns[2] = Uint8Array.from(columns[2] as Uint8Array, (byte) => byte ^ 0xff);
  const leaves = columns.map((column, i) =>
    concatBytes(new TextEncoder().encode("NOMOS_RUN_COLUMN_V1"), Uint8Array.of(i, 0), column),
  );
  const { root, paths } = merklePaths(leaves);
  const commitments = { ...honest.commitments, root: bytesToHex(root) };
  const shares = columns.map(
    (column, index): Share => ({
      blob: blobId(commitments),
      index,
      column,
      path: (paths[index] as Uint8Array[]).map((node) => bytesToHex(node)),
      commitments,
    }),
  );
  for (const share of shares) assert.deepEqual(verifyShare(share), { ok: true });
  for (const left of [0, 1, 2]) {
    assert.throws(() => recoverBlob(shares.filter((share) => share.index !== left)), {
      code: "NR-CHAIN-BLOB-INCONSISTENT",
    });
  }
});

test("the id commits to data, length and layout", () => {
  const ids = [
    encodeBlob(Uint8Array.of(1, 2, 3), 4, 2),
    encodeBlob(Uint8Array.of(1, 2, 3, 0), 4, 2),
    encodeBlob(Uint8Array.of(1, 2, 4), 4, 2),
    encodeBlob(Uint8Array.of(1, 2, 3), 5, 2),
    encodeBlob(Uint8Array.of(1, 2, 3), 4, 3),
  ].map((encoded) => encoded.blob);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(encodeBlob(Uint8Array.of(1, 2, 3), 4, 2).blob, ids[0]);
});

test("sizes and layouts beyond the limits are refused", () => {
  for (const size of [0, MAX_BLOB_BYTES + 1]) {
    assert.throws(() => encodeBlob(new Uint8Array(size), 2, 1), { code: "NR-CHAIN-BLOB-SIZE" });
  }
  for (const [shares, needed] of [
    [2, 3],
    [2, 0],
    [257, 1],
    [2.5, 1],
  ] as const) {
    assert.throws(() => encodeBlob(Uint8Array.of(1), shares, needed), { code: "NR-CHAIN-BLOB-LAYOUT" });
  }
});

test("the largest blob, and the most shares", () => {
  const data = new Uint8Array(MAX_BLOB_BYTES).map((_, i) => i * 31);
  const { shares } = encodeBlob(data, 4, 2);
  assert.equal(Buffer.compare(recoverBlob(shares.slice(2)), data), 0);
  const wide = encodeBlob(data.subarray(0, 1_000), 256, 100);
  assert.equal(Buffer.compare(recoverBlob(wide.shares.slice(156)), data.subarray(0, 1_000)), 0);
});
