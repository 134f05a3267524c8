import type { BlobId, ChannelId, HeaderId, MessageId, TxHash } from "../chain/types.ts";

/** A block as the feed keeps it: what workloads and judgements need, without the transactions' bodies. */
export interface SeenBlock {
  readonly id: HeaderId;
  readonly parent: HeaderId;
  readonly height: number;
  readonly slot: number;
  readonly txs: readonly TxHash[];
  readonly messages: readonly { readonly channel: ChannelId; readonly id: MessageId; readonly blob: BlobId | null }[];
}

/** The canonical chain moved: `removed` left it (newest first), `added` joined it (oldest first). */
export interface HeadChange {
  readonly removed: readonly SeenBlock[];
  readonly added: readonly SeenBlock[];
}

/**
 * All blocks that any node shows, and which of them are canonical: the longest chain that a running node calls its
 * own, of equal ones the smaller tip id. It follows every node, so it survives the restart of any.
 */
export interface BlockFeed {
  /** The canonical tip; genesis (height 0) before the first block. */
  head(): SeenBlock;
  block(id: HeaderId): SeenBlock | undefined;
  isCanonical(id: HeaderId): boolean;
  /** Calls back after each move of the canonical chain; returns the unsubscriber. */
  subscribe(listener: (change: HeadChange) => void): () => void;
  /** Blocks on top of the canonical block that holds this transaction: 0 when it is in the tip, undefined when in none. */
  txDepth(tx: TxHash): number | undefined;
  messageDepth(message: MessageId): number | undefined;
  /** What each node last said of its chain. */
  views(): readonly {
    readonly node: string;
    readonly tip: HeaderId;
    readonly height: number;
    readonly lib: HeaderId;
  }[];
}
