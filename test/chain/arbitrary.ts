import * as fc from "fast-check";
import { blobId, headerId } from "../../lib/chain/suite.ts";
import type { Block, Header, Op, Share, SignedTx } from "../../lib/chain/types.ts";
import { bytesToHex } from "../../lib/core/bytes.ts";

/** Well-formed values, not valid ones: what a codec must carry whatever the ledger thinks of it. */

/** fast-check also makes records without prototype, which no codec gives back. */
const record = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });

export const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const id = bytes(32).map((value) => bytesToHex(value));
const field = bytes(32).map((value) => bytesToHex(value.with(31, (value[31] as number) & 0x1f)));

interface Bounds {
  /** Largest amount. */
  readonly amount: bigint;
}

const amount = ({ amount: max }: Bounds) => fc.bigInt({ min: 0n, max });

const op = (bounds: Bounds): fc.Arbitrary<Op> =>
  fc.oneof(
    record({
      type: fc.constant("inscribe" as const),
      channel: id,
      inscription: fc.uint8Array({ maxLength: 40 }),
      parent: id,
      signer: id,
    }),
    record({
      type: fc.constant("blob" as const),
      channel: id,
      session: amount(bounds),
      blob: id,
      blobSize: amount(bounds),
      storageGasPrice: amount(bounds),
      parent: id,
      signer: id,
    }),
  );

export const signedTx = (bounds: Bounds): fc.Arbitrary<SignedTx> =>
  record({
    tx: record({
      ops: fc.array(op(bounds), { maxLength: 3 }),
      ledger: record({
        inputs: fc.array(field, { maxLength: 3 }),
        outputs: fc.array(record({ value: amount(bounds), pk: field }), { maxLength: 3 }),
      }),
      executionGasPrice: amount(bounds),
      storageGasPrice: amount(bounds),
    }),
    signature: bytes(64),
    ledgerProof: bytes(128),
  }).map(({ tx, signature, ledgerProof }) => ({
    tx,
    opProofs: tx.ops.map(() => ({ type: "ed25519" as const, signature })),
    ledgerProof,
  }));

const header: fc.Arbitrary<Header> = record({
  parent: id,
  slot: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  blockRoot: id,
  leadership: record({ proof: bytes(128), entropy: field, leaderKey: id, voucher: field }),
});

export const block = (bounds: Bounds): fc.Arbitrary<Block> =>
  record({ header, signature: bytes(64), txs: fc.array(signedTx(bounds), { maxLength: 3 }) }).map((parts) => ({
    ...parts,
    id: headerId(parts.header),
  }));

export const share: fc.Arbitrary<Share> = record({
  index: fc.nat({ max: 65_535 }),
  column: fc.uint8Array({ maxLength: 100 }),
  path: fc.array(id, { maxLength: 8 }),
  commitments: record({
    root: id,
    shares: fc.nat({ max: 65_535 }),
    needed: fc.nat({ max: 65_535 }),
    size: fc.nat({ max: 2 ** 32 - 1 }),
  }),
}).map((parts) => ({ ...parts, blob: blobId(parts.commitments) }));

export const U64: Bounds = { amount: 2n ** 64n - 1n };
export const SAFE: Bounds = { amount: BigInt(Number.MAX_SAFE_INTEGER) };
