import type {
  BlobId,
  Block,
  ChainInfo,
  ChannelId,
  HeaderId,
  MessageId,
  NotePublicKey,
  Share,
  SignedTx,
  TxHash,
  TxStatus,
} from "../chain/types.ts";
import type { NodeConditions } from "./conditions.ts";

/** Per call: how long to wait for the answer (5 s by default), and what cancels it. */
export interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What became of a submitted transaction. A duplicate counts as accepted. */
export type Submission =
  | { readonly accepted: true; readonly duplicate: boolean }
  | { readonly accepted: false; readonly status: number; readonly reason: string };

export interface NetworkInfo {
  readonly listenAddresses: readonly string[];
  readonly peers: number;
  readonly connections: number;
  readonly pendingConnections: number;
}

/** Members of each subnetwork of a session, by name of the node (the embedded node's peer ids are names). */
export interface DaMembership {
  readonly assignations: Readonly<Record<string, readonly string[]>>;
}

/**
 * One node's HTTP API, typed. Every method throws a CodedError that tells refused connection (NR-NODE-UNREACHABLE),
 * silence (NR-NODE-TIMEOUT), an HTTP error (NR-NODE-STATUS) and a malformed answer (NR-NODE-ANSWER) apart.
 */
export interface NodeClient {
  info(options?: CallOptions): Promise<ChainInfo>;
  /** Newest first, both ends included, at most 512, from the tip down to the LIB by default. */
  headers(range?: { from?: HeaderId; to?: HeaderId }, options?: CallOptions): Promise<readonly HeaderId[]>;
  /** A block the node has, on any branch; null when it has none of that id (genesis is not stored). */
  block(id: HeaderId, options?: CallOptions): Promise<Block | null>;
  networkInfo(options?: CallOptions): Promise<NetworkInfo>;
  submit(tx: SignedTx, options?: CallOptions): Promise<Submission>;
  mempool(options?: CallOptions): Promise<{ readonly pendingItems: number; readonly lastItemTimestamp: number }>;
  txStatus(hashes: readonly TxHash[], options?: CallOptions): Promise<readonly TxStatus[]>;
  /** Executors only. Answers once each subnetwork holds its share; allow 25 s. */
  disperse(
    request: { channel: ChannelId; parent: MessageId; signer: string; data: Uint8Array },
    options?: CallOptions,
  ): Promise<{ readonly blob: BlobId }>;
  /** One share that this node holds, null when it holds none of that index. */
  share(blob: BlobId, index: number, options?: CallOptions): Promise<Share | null>;
  daMembership(session: number, options?: CallOptions): Promise<DaMembership>;
  /** Validators only; null when the node doesn't watch that key. */
  balance(pk: NotePublicKey, options?: CallOptions): Promise<bigint | null>;
  /** Prometheus exposition text. */
  metrics(options?: CallOptions): Promise<string>;
  /** Tips of all branches that the node knows and that blocks may still build on. Only on node kinds that can say. */
  branches?(options?: CallOptions): Promise<readonly HeaderId[]>;
  /**
   * Ms of a message to each connected peer and its answer, as messages travel now; null where none came within
   * `timeoutMs`. Only on node kinds that can say.
   */
  roundTrips?(timeoutMs: number, options?: CallOptions): Promise<Readonly<Record<string, number | null>>>;
  /** Puts the node under these conditions, in place of all before. Only on node kinds that can do link or clock faults. */
  impose?(conditions: NodeConditions, options?: CallOptions): Promise<void>;
  /** The author's own client, where the node kind is a scenario's own. `kind` is that kind's name. */
  readonly own?: { readonly kind: string; readonly client: unknown };
  /** Releases the connections. */
  close(): Promise<void>;
}
