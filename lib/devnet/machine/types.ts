import type {
  BlobId,
  Block,
  ChainInfo,
  ChannelId,
  ConsensusParams,
  DaParams,
  Genesis,
  HeaderId,
  MessageId,
  NotePublicKey,
  Share,
  SignedTx,
  TxHash,
  TxStatus,
} from "../../chain/types.ts";

/** Who a node is and what it holds in secret. */
export interface Identity {
  readonly name: string;
  readonly role: "validator" | "executor";
  /** Ed25519 secret seed, 32 bytes: its note's VRF key and the key that signs its headers. */
  readonly leaderSecret: Uint8Array;
}

export interface MachineConfig {
  readonly identity: Identity;
  readonly genesis: Genesis;
  readonly consensus: ConsensusParams;
  readonly da: DaParams;
  /** Start of slot 0 on the clock that `now` is told by, in ms. */
  readonly chainStart: number;
  /** Names of the nodes that gossip is exchanged with. */
  readonly neighbours: readonly string[];
}

/** What nodes say to one another. Gossip goes to neighbours; DA messages go straight to the node named. */
export type Message =
  | { readonly type: "hello"; readonly genesis: HeaderId; readonly tip: HeaderId; readonly height: number }
  | { readonly type: "block"; readonly block: Block }
  | { readonly type: "tx"; readonly tx: SignedTx }
  /** Asks for the blocks that lead from the best common ancestor of `have` to `want`. */
  | { readonly type: "sync-request"; readonly want: HeaderId; readonly have: readonly HeaderId[] }
  | { readonly type: "sync-reply"; readonly want: HeaderId; readonly blocks: readonly Block[]; readonly more: boolean }
  | { readonly type: "share"; readonly share: Share }
  | { readonly type: "share-ack"; readonly blob: BlobId; readonly index: number }
  | { readonly type: "sample-request"; readonly blob: BlobId; readonly index: number }
  | { readonly type: "sample-reply"; readonly blob: BlobId; readonly index: number; readonly share: Share | null };

export interface DisperseRequest {
  readonly channel: ChannelId;
  readonly parent: MessageId;
  readonly data: Uint8Array;
}

/** Everything that can happen to a machine. */
export type Input =
  /** Nothing but time: the slot clock and the machine's own deadlines. Given at or after the last `wake`. */
  | { readonly type: "tick" }
  | { readonly type: "connected"; readonly peer: string }
  | { readonly type: "disconnected"; readonly peer: string }
  | { readonly type: "message"; readonly from: string; readonly message: Message }
  /** A client's transaction; answered by a `submitted` output with the same `call`. */
  | { readonly type: "submit"; readonly call: number; readonly tx: SignedTx }
  /** A client's blob; answered by a `dispersed` output with the same `call`, at the latest after the dispersal deadline. */
  | { readonly type: "disperse"; readonly call: number; readonly request: DisperseRequest };

/** Facts that must be on disk before any later output of the same step takes effect. */
export type PersistRecord =
  | { readonly type: "proposed"; readonly slot: number }
  | { readonly type: "block"; readonly block: Block; readonly height: number }
  | { readonly type: "tip"; readonly tip: HeaderId; readonly lib: HeaderId }
  | { readonly type: "share"; readonly share: Share }
  | { readonly type: "sampled"; readonly blob: BlobId };

/** What a machine wants done, in order. */
export type Output =
  | { readonly type: "persist"; readonly record: PersistRecord }
  | { readonly type: "send"; readonly to: string; readonly message: Message }
  | { readonly type: "submitted"; readonly call: number; readonly refusal: Refusal | null }
  | {
      readonly type: "dispersed";
      readonly call: number;
      readonly result: { readonly blob: BlobId } | { readonly refusal: Refusal };
    }
  | {
      readonly type: "log";
      readonly level: "INFO" | "WARN" | "ERROR" | "DEBUG";
      readonly target: string;
      readonly text: string;
    };

/** Why a client's request was not taken. `status` is the HTTP status the real node answers with. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/** What a machine is restored from after a restart: everything it persisted. */
export interface Snapshot {
  readonly lastProposedSlot: number;
  readonly blocks: readonly Block[];
  readonly tip: HeaderId | null;
  readonly lib: HeaderId | null;
  readonly shares: readonly Share[];
  readonly sampled: readonly BlobId[];
}

/** The result of one step: outputs in order, and when the machine wants its next `tick` at the latest. */
export interface Step {
  readonly outputs: readonly Output[];
  readonly wake: number;
}

/** `GET /mantle/metrics`. */
export interface MempoolMetrics {
  readonly pendingItems: number;
  /** When the newest item was added, in ms on the machine's clock; 0 before the first. */
  readonly lastItemTimestamp: number;
}

/**
 * One node without its sockets and disk. Steps are the only way to change it, and everything it does follows from its
 * configuration, its snapshot and its inputs: two machines fed alike say the same, byte for byte. `now` never goes back.
 */
export interface Machine {
  /** The first step: to be taken once, before any other. */
  start(now: number): Step;
  handle(input: Input, now: number): Step;

  info(): ChainInfo;
  /**
   * Ids from `from` (default: the tip) back to `to` (default: the LIB), newest first and both included. Stops at the LIB
   * and after 512; empty when `from` is unknown or below the LIB.
   */
  headers(from?: HeaderId, to?: HeaderId): readonly HeaderId[];
  /** Tips of all branches that blocks may still build on, the canonical one among them. */
  branchTips(): readonly HeaderId[];
  /** A stored block, of whatever fork; null for an unknown one and for genesis. */
  block(id: HeaderId): Block | null;
  /** By the tip's chain and the mempool, in the order asked. */
  txStatus(hashes: readonly TxHash[]): readonly TxStatus[];
  mempoolMetrics(): MempoolMetrics;
  /** The sum of a key's notes at a block (default: the tip); null when its ledger isn't held: unknown, or below the LIB. */
  balance(pk: NotePublicKey, tip?: HeaderId): bigint | null;
  /** Connected neighbours. */
  peers(): readonly string[];
  /** A share that this node holds. */
  share(blob: BlobId, index: number): Share | null;
  shares(blob: BlobId): readonly Share[];
  /** Names of the nodes of each subnetwork. */
  daMembership(): readonly (readonly string[])[];
  /** Counters and gauges under the real node's metric names. */
  metrics(): Readonly<Record<string, number>>;
  /** The value of all notes at a block (default: the LIB), leader notes included; null when its ledger isn't held. */
  totalValue(id?: HeaderId): bigint | null;
}
