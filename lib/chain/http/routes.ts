import * as v from "valibot";
import { encodeTx } from "../encoded-tx.ts";
import {
  blobIdSchema,
  blobIdToJson,
  blockSchema,
  blockToJson,
  hex32Schema,
  signedTxSchema,
  signedTxToJson,
  u64Schema,
} from "../json.ts";
import type { Block, ChainInfo, HeaderId, NotePublicKey, SignedTx, TxHash, TxStatus } from "../types.ts";
import { type Codec, codec, nullable, plain } from "./codec.ts";
import {
  commitmentsCodec,
  commitmentsRequestCodec,
  disperseCodec,
  shareCodec,
  shareRequestCodec,
  sharesRequestCodec,
} from "./da-json.ts";
import { linkConditionsSchema } from "./link-conditions.ts";
import { JSON_TYPE, NDJSON_TYPE, type NodeRole, type RequestShape, type Route, TEXT_TYPE } from "./route.ts";

/**
 * The node's HTTP contract, generation A: every route that the embedded node serves and our client calls, with the real
 * node's paths and JSON. `/metrics`, `/test/branches` and `/test/links` are the embedded node's own.
 */

const BOTH: readonly NodeRole[] = ["validator", "executor"];
const VALIDATORS: readonly NodeRole[] = ["validator"];
const EXECUTORS: readonly NodeRole[] = ["executor"];

const NOTHING: RequestShape<null> = { in: "none" };

/** A GET on the main API that takes nothing and answers JSON. */
function query<A>(path: string, answer: Codec<A>): Route<null, A> {
  return { method: "GET", path, roles: BOTH, port: "api", request: NOTHING, answer: asJson(answer) };
}

/** A route of the main API with a JSON body, on both roles. */
function call<Q, A>(method: "GET" | "POST", path: string, request: Codec<Q>, answer: Codec<A>): Route<Q, A> {
  return { method, path, roles: BOTH, port: "api", request: { in: "body", codec: request }, answer: asJson(answer) };
}

function asJson<A>(codec: Codec<A>) {
  return { type: "json", mediaType: JSON_TYPE, codec } as const;
}

const none = plain(v.null());
const names = plain(v.array(v.string()));
const name = plain(v.string());
const flag = plain(v.boolean());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const block: Codec<Block> = codec(blockSchema, blockToJson);
const headerId: Codec<HeaderId> = plain(hex32Schema);
const signedTx: Codec<SignedTx> = { ...codec(signedTxSchema, signedTxToJson), write: encodeTx };
const hashes: Codec<readonly TxHash[]> = plain(v.array(hex32Schema));
const headerIds: Codec<readonly HeaderId[]> = plain(v.array(hex32Schema));

const chainInfo: Codec<ChainInfo> = plain(
  v.object({
    lib: hex32Schema,
    tip: hex32Schema,
    slot: u64Schema,
    height: u64Schema,
    mode: v.picklist(["Bootstrapping", "Online"]),
  }),
);

/** `GET /network/info`. */
export interface NetworkCounts {
  readonly listenAddresses: readonly string[];
  readonly peers: number;
  readonly connections: number;
  readonly pendingConnections: number;
}

const networkInfo: Codec<NetworkCounts> = codec(
  v.pipe(
    v.object({
      listen_addresses: v.array(v.string()),
      n_peers: count,
      n_connections: count,
      n_pending_connections: count,
    }),
    v.transform((json) => ({
      listenAddresses: json.listen_addresses,
      peers: json.n_peers,
      connections: json.n_connections,
      pendingConnections: json.n_pending_connections,
    })),
  ),
  (info) => ({
    listen_addresses: info.listenAddresses,
    n_peers: info.peers,
    n_connections: info.connections,
    n_pending_connections: info.pendingConnections,
  }),
);

/** `GET /mantle/metrics`; the time is in whole seconds since 1970, 0 before the first item. */
const mempool: Codec<{ readonly pendingItems: number; readonly lastItemTimestamp: number }> = codec(
  v.pipe(
    v.object({ pending_items: count, last_item_timestamp: count }),
    v.transform((json) => ({ pendingItems: json.pending_items, lastItemTimestamp: json.last_item_timestamp })),
  ),
  (metrics) => ({ pending_items: metrics.pendingItems, last_item_timestamp: metrics.lastItemTimestamp }),
);

const txStatusSchema: v.GenericSchema<unknown, TxStatus> = v.pipe(
  v.union([v.picklist(["Pending", "Unknown", "Rejected"]), v.object({ InBlock: v.object({ block: hex32Schema }) })]),
  v.transform((json): TxStatus => {
    if (typeof json === "object") return { type: "in-block", block: json.InBlock.block };
    // No node of this generation ever says "Rejected"; to a client such a transaction is gone.
    return { type: json === "Pending" ? "pending" : "unknown" };
  }),
);

const statuses: Codec<readonly TxStatus[]> = codec(v.array(txStatusSchema), (list) =>
  list.map((status) => {
    if (status.type === "in-block") return { InBlock: { block: status.block } };
    return status.type === "pending" ? "Pending" : "Unknown";
  }),
);

/** `GET /wallet/{pk}/balance`. */
const balance = plain(v.object({ tip: hex32Schema, balance: u64Schema, address: hex32Schema }));

const balancerStats = plain(v.record(v.string(), v.object({ inbound: count, outbound: count })));

/** Failure rates as decimal strings. */
const monitorStats = plain(
  v.record(
    v.string(),
    v.object({
      dispersal_failure_rate: v.string(),
      sampling_failure_rate: v.string(),
      replication_failure_rate: v.string(),
    }),
  ),
);

/** Peer ids of each subnetwork's members, and their addresses. */
const membership = plain(
  v.object({ assignations: v.record(v.string(), v.array(v.string())), addressbook: v.record(v.string(), v.string()) }),
);

/** Conditions of the links to peers, by name: everything that differs from a clear link. */
const links = plain(v.record(v.string(), linkConditionsSchema));

const roundTripsRequest = plain(v.strictObject({ timeout_ms: v.pipe(v.number(), v.minValue(1), v.maxValue(20_000)) }));
const roundTrips = plain(v.record(v.string(), v.nullable(v.number())));

/** How far the node's clock is from its machine's wall clock. */
const clock = plain(v.strictObject({ offset_ms: v.pipe(v.number(), v.finite()) }));

const headersQuery: RequestShape<{ from?: HeaderId | undefined; to?: HeaderId | undefined }> = {
  in: "url",
  schema: v.object({ from: v.optional(hex32Schema), to: v.optional(hex32Schema) }),
};

const balanceQuery: RequestShape<{ pk: NotePublicKey; tip?: HeaderId | undefined }> = {
  in: "url",
  schema: v.object({ pk: hex32Schema, tip: v.optional(hex32Schema) }),
};

const blobId = codec(blobIdSchema, blobIdToJson);

export const ROUTES = {
  chainInfo: query("/cryptarchia/info", chainInfo),
  headers: { ...query("/cryptarchia/headers", headerIds), request: headersQuery },
  /** One line for each block that becomes final. */
  libStream: {
    ...query("/cryptarchia/lib-stream", none),
    roles: VALIDATORS,
    answer: {
      type: "lines",
      mediaType: NDJSON_TYPE,
      codec: plain(v.object({ height: u64Schema, header_id: hex32Schema })),
    },
  } as Route<null, AsyncIterable<{ readonly height: number; readonly header_id: HeaderId }>>,
  networkInfo: query("/network/info", networkInfo),
  /** Null for unknown ids and for genesis. */
  block: call("POST", "/storage/block", headerId, nullable(block)),
  submit: call("POST", "/mempool/add/tx", signedTx, none),
  mempool: query("/mantle/metrics", mempool),
  txStatus: call("POST", "/mantle/status", hashes, statuses),
  disperse: { ...call("POST", "/disperse-data", disperseCodec, blobId), roles: EXECUTORS },
  addShare: call("POST", "/da/add-share", shareCodec, none),
  commitments: call("POST", "/da/get-commitments", commitmentsRequestCodec, nullable(commitmentsCodec)),
  storedCommitments: call("GET", "/da/get-storage-commitments", commitmentsRequestCodec, nullable(commitmentsCodec)),
  share: call("GET", "/da/get-share", shareRequestCodec, nullable(shareCodec)),
  samplingShares: {
    ...call("GET", "/da/sampling/shares", sharesRequestCodec, none),
    answer: { type: "lines", mediaType: NDJSON_TYPE, codec: shareCodec },
  } as Route<ReturnType<typeof sharesRequestCodec.decode>, AsyncIterable<ReturnType<typeof shareCodec.decode>>>,
  balancerStats: query("/da/balancer-stats", balancerStats),
  monitorStats: query("/da/monitor-stats", monitorStats),
  blacklistedPeers: query("/da/blacklisted-peers", names),
  /** Whether that changed anything. */
  blockPeer: call("POST", "/da/block-peer", name, flag),
  unblockPeer: call("POST", "/da/unblock-peer", name, flag),
  balance: {
    ...query("/wallet/{pk}/balance", balance),
    roles: VALIDATORS,
    request: balanceQuery,
    answer: { type: "json", mediaType: TEXT_TYPE, codec: balance },
  } as Route<{ pk: NotePublicKey; tip?: HeaderId | undefined }, ReturnType<typeof balance.decode>>,
  /** Prometheus text; its media type carries the format's version. */
  metrics: {
    ...query("/metrics", name),
    answer: { type: "text", mediaType: "text/plain; version=0.0.4; charset=utf-8" },
  } as Route<null, string>,
  membership: { ...call("POST", "/test/da/membership", plain(count), membership), port: "testing" },
  /** Ids of all blocks that nothing builds on and something still may: the tips of the branches that the node knows. */
  branches: { ...query("/test/branches", headerIds), port: "testing" },
  links: { ...query("/test/links", links), port: "testing" },
  /** Replaces all conditions; they stay in force over restarts. */
  setLinks: { ...call("POST", "/test/links", links, none), port: "testing" },
  /** Ms of a message to each connected peer and back, under the links' conditions; null where no answer came in time. */
  roundTrips: { ...call("POST", "/test/round-trips", roundTripsRequest, roundTrips), port: "testing" },
  clock: { ...query("/test/clock", clock), port: "testing" },
  /** Sets the node's clock ahead or behind until it ends; 0 sets it right. */
  setClock: { ...call("POST", "/test/clock", clock, none), port: "testing" },
} as const satisfies Record<string, unknown>;

/** A row of {@link ROUTES}. */
export type RouteName = keyof typeof ROUTES;
