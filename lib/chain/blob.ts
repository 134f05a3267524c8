import { bytesToHex, concatBytes, hexToBytes } from "../core/bytes.ts";
import { CodedError } from "../core/errors.ts";
import { Writer } from "./encoding.ts";
import { depthOf, merklePaths, rootFromPath } from "./merkle.ts";
import { MAX_COLUMNS, parityColumn, restoreData } from "./reed-solomon.ts";
import { blobId } from "./suite.ts";
import type { BlobId, Check, Commitments, Hex32, Share } from "./types.ts";

/**
 * Largest blob in bytes: 2.8 MiB. JSON takes 3.57 bytes for a byte of a blob, and the node's HTTP body is at most 10 MiB.
 */
export const MAX_BLOB_BYTES = Math.floor(2.8 * 2 ** 20);

export interface EncodedBlob {
  readonly blob: BlobId;
  readonly commitments: Commitments;
  /** One for each subnetwork, by index. */
  readonly shares: readonly Share[];
}

/**
 * Codes a blob into `shares` columns of which any `needed` give it back: the data, padded with zeros to `needed` columns
 * of equal length, then the parity columns. The commitment is the Merkle root of the columns.
 * @throws CodedError NR-CHAIN-BLOB-SIZE or NR-CHAIN-BLOB-LAYOUT.
 */
export function encodeBlob(data: Uint8Array, shares: number, needed: number): EncodedBlob {
  if (data.length === 0 || data.length > MAX_BLOB_BYTES) {
    throw new CodedError("NR-CHAIN-BLOB-SIZE", `a blob of ${data.length} bytes can't be dispersed`, {
      hint: `Send between 1 and ${MAX_BLOB_BYTES} bytes.`,
    });
  }
  if (!isLayout(shares, needed)) {
    throw new CodedError(
      "NR-CHAIN-BLOB-LAYOUT",
      `a blob can't be coded into ${shares} shares of which ${needed} suffice`,
      {
        hint: `Choose 1 <= needed <= shares <= ${MAX_COLUMNS}.`,
      },
    );
  }
  const columns = columnsOf(data, shares, needed);
  const { root, paths } = commit(columns);
  const commitments: Commitments = { root, shares, needed, size: data.length };
  const blob = blobId(commitments);
  return {
    blob,
    commitments,
    shares: columns.map((column, index) => ({ blob, index, column, path: paths[index] as Hex32[], commitments })),
  };
}

/** Whether `share` is the column that its blob's id commits to at its index. */
export function verifyShare(share: Share): Check {
  const { commitments, index, column } = share;
  const { shares, needed, size } = commitments;
  if (!isLayout(shares, needed)) return { ok: false, reason: `${needed} of ${shares} shares is no layout` };
  if (blobId(commitments) !== share.blob) return { ok: false, reason: "commitments are not those of the blob" };
  if (!Number.isInteger(index) || index < 0 || index >= shares) {
    return { ok: false, reason: `share ${index} of ${shares} does not exist` };
  }
  if (size < 1 || size > MAX_BLOB_BYTES || column.length !== Math.ceil(size / needed)) {
    return { ok: false, reason: `column ${index} has ${column.length} bytes, which a blob of ${size} has not` };
  }
  if (share.path.length !== depthOf(shares)) return { ok: false, reason: "the column's path has the wrong length" };
  const path = share.path.map((node) => hexToBytes(node));
  if (bytesToHex(rootFromPath(leafOf(index, column), index, path)) !== commitments.root) {
    return { ok: false, reason: `column ${index} is not what the blob's commitments say` };
  }
  return { ok: true };
}

/**
 * The blob that the shares, all of one blob, are of. Shares given twice count once.
 * @throws CodedError NR-CHAIN-SHARES-TOO-FEW below the needed number, NR-CHAIN-SHARE-INVALID for a share that does not
 * verify or is of another blob, NR-CHAIN-BLOB-INCONSISTENT when the disperser committed to columns that are no code word.
 */
export function recoverBlob(shares: readonly Share[]): Uint8Array {
  const first = shares[0];
  if (!first) throw tooFew(0, undefined);
  for (const share of shares) {
    const check =
      share.blob === first.blob ? verifyShare(share) : { ok: false as const, reason: "it is of another blob" };
    if (check.ok) continue;
    throw new CodedError("NR-CHAIN-SHARE-INVALID", `share ${share.index} of blob ${first.blob}: ${check.reason}`, {
      hint: "Ask another holder for the share; the one that served it is faulty.",
    });
  }
  const { shares: total, needed, size, root } = first.commitments;
  const byIndex = new Map(shares.map((share) => [share.index, share]));
  if (byIndex.size < needed) throw tooFew(byIndex.size, first);

  const columns = Array.from({ length: total }, (_, index) => byIndex.get(index)?.column);
  const data = concatBytes(...restoreData(columns, needed)).slice(0, size);
  if (commit(columnsOf(data, total, needed)).root !== root) {
    throw new CodedError("NR-CHAIN-BLOB-INCONSISTENT", `the columns of blob ${first.blob} are no code word`, {
      hint: "Whoever dispersed the blob committed to columns that don't belong together; it can't be recovered.",
    });
  }
  return data;
}

function tooFew(have: number, share: Share | undefined): CodedError {
  const what = share ? `blob ${share.blob} needs ${share.commitments.needed} shares` : "a blob needs shares";
  return new CodedError("NR-CHAIN-SHARES-TOO-FEW", `${what}, ${have} are there`, {
    hint: "Ask the members of more subnetworks for theirs.",
  });
}

function isLayout(shares: number, needed: number): boolean {
  return (
    Number.isInteger(needed) && Number.isInteger(shares) && needed >= 1 && needed <= shares && shares <= MAX_COLUMNS
  );
}

/** All columns of a blob: its data cut into `needed` of equal length, the last padded with zeros, then the parity. */
function columnsOf(data: Uint8Array, shares: number, needed: number): Uint8Array[] {
  const length = Math.ceil(data.length / needed);
  const padded = new Uint8Array(needed * length);
  padded.set(data);
  const columns = Array.from({ length: needed }, (_, j) => padded.subarray(j * length, (j + 1) * length));
  const parity = Array.from({ length: shares - needed }, (_, i) => parityColumn(columns, i));
  return [...columns, ...parity];
}

const LEAF_DOMAIN = new TextEncoder().encode("NOMOS_RUN_COLUMN_V1");

/** What a column's leaf in the Merkle tree is the hash of. */
function leafOf(index: number, column: Uint8Array): Uint8Array {
  return new Writer().bytes(LEAF_DOMAIN).u16(index).bytes(column).finish();
}

function commit(columns: readonly Uint8Array[]): { root: Hex32; paths: Hex32[][] } {
  const { root, paths } = merklePaths(columns.map((column, index) => leafOf(index, column)));
  return { root: bytesToHex(root), paths: paths.map((path) => path.map(bytesToHex)) };
}
