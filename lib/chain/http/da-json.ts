import * as v from "valibot";
import { bytesToHex, hexToBytes } from "../../core/bytes.ts";
import { blobIdSchema, blobIdToJson, bytesSchema, hex32Schema } from "../json.ts";
import { blobId } from "../suite.ts";
import type { BlobId, Commitments, Share } from "../types.ts";
import { type Codec, codec } from "./codec.ts";

/**
 * Blobs and shares as the node's HTTP API says them. Where the real node has KZG commitments to rows, ours has one
 * Merkle root and the three numbers that belong to it; its column proof is a Merkle path. A light share carries the
 * commitments too, so that whoever asks for one can check it.
 */

const u16 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff));
const u32 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));

/** A share's index: a u16 as two bytes, the higher first. */
const indexSchema = v.pipe(
  bytesSchema(2),
  v.transform(([high = 0, low = 0]) => high * 256 + low),
);

function indexToJson(index: number): number[] {
  return [index >> 8, index & 0xff];
}

const commitmentsSchema = v.pipe(
  v.object({ rows_commitments: v.tuple([bytesSchema(32)]), shares: u16, needed: u16, size: u32 }),
  v.transform(
    ({ rows_commitments: [root], shares, needed, size }): Commitments => ({
      root: bytesToHex(root),
      shares,
      needed,
      size,
    }),
  ),
);

function commitmentsToJson({ root, shares, needed, size }: Commitments) {
  return { rows_commitments: [Array.from(hexToBytes(root))], shares, needed, size };
}

export const commitmentsCodec: Codec<Commitments> = codec(commitmentsSchema, commitmentsToJson);

/** A share; its blob id is computed from the commitments. */
export const shareCodec: Codec<Share> = codec(
  v.pipe(
    v.intersect([
      v.object({ share_idx: indexSchema, column: bytesSchema(), combined_column_proof: v.array(hex32Schema) }),
      commitmentsSchema,
    ]),
    v.transform(
      ({ share_idx, column, combined_column_proof, ...commitments }): Share => ({
        blob: blobId(commitments),
        index: share_idx,
        column,
        path: combined_column_proof,
        commitments,
      }),
    ),
  ),
  ({ index, column, path, commitments }) => ({
    share_idx: indexToJson(index),
    column: Array.from(column),
    combined_column_proof: path,
    ...commitmentsToJson(commitments),
  }),
);

/** Asks for the commitments of a blob, as a member of a session may still hold them. */
export const commitmentsRequestCodec: Codec<{ readonly blob: BlobId }> = codec(
  v.pipe(
    v.object({ blob_id: blobIdSchema, session: v.optional(v.number()) }),
    v.transform(({ blob_id }) => ({ blob: blob_id })),
  ),
  ({ blob }) => ({ blob_id: blobIdToJson(blob), session: 0 }),
);

export const shareRequestCodec: Codec<{ readonly blob: BlobId; readonly index: number }> = codec(
  v.pipe(
    v.object({ blob_id: blobIdSchema, share_idx: indexSchema }),
    v.transform(({ blob_id, share_idx }) => ({ blob: blob_id, index: share_idx })),
  ),
  ({ blob, index }) => ({ blob_id: blobIdToJson(blob), share_idx: indexToJson(index) }),
);

/** Which of a blob's shares a node is to answer with. */
export interface SharesRequest {
  readonly blob: BlobId;
  /** These in any case. */
  readonly requested: readonly number[];
  /** With `returnAvailable`, all that it holds but these. */
  readonly filter: readonly number[];
  readonly returnAvailable: boolean;
}

export const sharesRequestCodec: Codec<SharesRequest> = codec(
  v.pipe(
    v.object({
      blob_id: blobIdSchema,
      requested_shares: v.array(indexSchema),
      filter_shares: v.array(indexSchema),
      return_available: v.boolean(),
    }),
    v.transform((json) => ({
      blob: json.blob_id,
      requested: json.requested_shares,
      filter: json.filter_shares,
      returnAvailable: json.return_available,
    })),
  ),
  ({ blob, requested, filter, returnAvailable }) => ({
    blob_id: blobIdToJson(blob),
    requested_shares: requested.map(indexToJson),
    filter_shares: filter.map(indexToJson),
    return_available: returnAvailable,
  }),
);

/** `POST /disperse-data`. */
export interface DisperseData {
  readonly channel: string;
  readonly parent: string;
  /** Part of the contract; the embedded node, like the real one, signs with a key of its own. */
  readonly signer: string;
  readonly data: Uint8Array;
}

export const disperseCodec: Codec<DisperseData> = codec(
  v.pipe(
    v.object({ channel_id: hex32Schema, parent_msg_id: hex32Schema, signer: hex32Schema, data: bytesSchema() }),
    v.transform((json) => ({
      channel: json.channel_id,
      parent: json.parent_msg_id,
      signer: json.signer,
      data: json.data,
    })),
  ),
  ({ channel, parent, signer, data }) => ({
    channel_id: channel,
    parent_msg_id: parent,
    signer,
    data: Array.from(data),
  }),
);
