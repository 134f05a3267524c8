import { encodeBlob } from "../../chain/blob.ts";
import { messageId } from "../../chain/suite.ts";
import { type BlobId, type ChannelId, type MessageId, type SignedTx, ZERO_ID } from "../../chain/types.ts";
import { signBlobOp, signInscription } from "../../chain/wallet.ts";
import { must } from "../../core/errors.ts";
import type { BlockFeed, HeadChange, SeenBlock } from "../../model/feed.ts";

/**
 * Blocks after which a message that was delivered, but no block has, is delivered again. Where that makes the same
 * transaction again it is done soon, since all later messages of the channel wait; elsewhere an inclusion takes about
 * three blocks.
 */
const PATIENCE_BLOCKS = { predictable: 2, unpredictable: 8 } as const;

/** What a message carries to the chain. */
export type Content =
  | { readonly type: "inscription"; readonly inscription: Uint8Array }
  | { readonly type: "blob"; readonly n: number; readonly data: Uint8Array }
  /** Buried so deep that it is never delivered again; its bytes are let go. */
  | { readonly type: "buried" };

/** One message of a channel, in the order in which they must enter the chain. */
export interface Message {
  /** Its place in the row, from 0. */
  readonly index: number;
  content: Content;
  /** When its schedule intended it, ms on the run's clock. */
  readonly intended: number;
  /** The message that it follows. */
  parent: MessageId;
  /** Null until it can be known. */
  id: MessageId | null;
  /** The blob that it refers to; null until that can be known, and for an inscription. */
  blob: BlobId | null;
  /** The node that was asked last to take it; null before that. */
  askedOf: string | null;
  /** Whether it is being delivered now. */
  sending: boolean;
  /** Canonical height when a node last took it; null before that. */
  deliveredAt: number | null;
  /** Why the last attempt to deliver it failed. */
  lastError: string | null;
}

/** How a blob's id follows from its data; null where only the executor knows. */
export type BlobLayout = { readonly shares: number; readonly needed: number } | null;

/**
 * A channel as its only writer keeps it: a row of messages, each naming the one before it. The row never changes its
 * order, so message i of the row is message i of the canonical channel, and delivering a message again makes the same
 * transaction: what a dispersal without an answer left behind does no harm.
 */
export class Channel {
  readonly id: ChannelId;
  readonly #window: number;
  readonly #layout: BlobLayout;
  readonly #messages: Message[] = [];
  /** As many messages as the blocks that a reorganisation can reach hold at most. */
  readonly #reachable: number;
  #buried = 0;
  #unanswered: Message[] = [];
  /** The channel's messages in the canonical chain, oldest first. */
  #canonical: MessageId[] = [];

  /**
   * @param window messages that may be outside the chain at once; more than one needs a layout
   * @param finalityDepth the chain's security parameter
   */
  constructor(id: ChannelId, window: number, layout: BlobLayout, finalityDepth: number) {
    this.id = id;
    this.#window = layout === null ? 1 : window;
    this.#layout = layout;
    this.#reachable = this.#window * (finalityDepth + 1);
  }

  /** Whether another message may be under way. */
  hasRoom(): boolean {
    return this.#messages.length - this.#confirmed() < this.#window;
  }

  append(content: Content, intended: number): Message {
    const message: Message = {
      index: this.#messages.length,
      content,
      intended,
      parent: ZERO_ID,
      id: null,
      blob: null,
      askedOf: null,
      sending: false,
      deliveredAt: null,
      lastError: null,
    };
    this.#messages.push(message);
    this.#link(message);
    return message;
  }

  /** Messages that the canonical chain does not have, oldest first. */
  underWay(): readonly Message[] {
    return this.#messages.slice(this.#confirmed());
  }

  isConfirmed(message: Message): boolean {
    return message.index < this.#confirmed();
  }

  /** Messages that must be delivered (again): no node took them, or one did so long ago that it has probably lost them. */
  due(headHeight: number): readonly Message[] {
    const patience = this.#layout === null ? PATIENCE_BLOCKS.unpredictable : PATIENCE_BLOCKS.predictable;
    return this.underWay().filter(
      ({ sending, deliveredAt }) => !sending && (deliveredAt === null || headHeight - deliveredAt >= patience),
    );
  }

  /** Messages that the chain turned out to have although no node's answer came, each told once. */
  takeUnanswered(): readonly Message[] {
    const taken = this.#unanswered;
    this.#unanswered = [];
    return taken;
  }

  /** Follows the canonical chain. */
  follow(change: HeadChange): void {
    const left = change.removed.flatMap((block) => this.#ownIn(block)).length;
    if (left > 0) this.#canonical.splice(-left);
    this.#extend(change.added.flatMap((block) => this.#ownIn(block)));
    this.#bury();
  }

  #bury(): void {
    for (; this.#buried < this.#confirmed() - this.#reachable; this.#buried++) {
      const message = this.#messages[this.#buried];
      if (message) message.content = { type: "buried" };
    }
  }

  /** Reads the whole channel from the feed, after moves of the chain that were not followed. */
  resync(feed: BlockFeed): void {
    const blocks: SeenBlock[] = [];
    for (let block: SeenBlock | undefined = feed.head(); block; block = feed.block(block.parent)) blocks.push(block);
    this.#canonical = [];
    this.#extend(blocks.reverse().flatMap((block) => this.#ownIn(block)));
  }

  /** What the chain says is a message's id is its id; what follows it must name that. */
  #extend(seen: SeenBlock["messages"]): void {
    for (const { id, blob } of seen) {
      const message = this.#messages[this.#canonical.length];
      this.#canonical.push(id);
      if (!message) continue;
      message.blob = blob;
      if (message.deliveredAt === null) this.#unanswered.push(message);
      if (message.id === id) continue;
      message.id = id;
      for (const later of this.#messages.slice(this.#canonical.length)) this.#link(later);
    }
  }

  /** Makes a message follow the one before it in the row. */
  #link(message: Message): void {
    const before = this.#messages[message.index - 1];
    const parent = before ? (before.id ?? ZERO_ID) : ZERO_ID;
    if (message.parent === parent && message.id !== null) return;
    message.parent = parent;
    message.deliveredAt = null;
    this.#predict(message);
  }

  #predict(message: Message): void {
    const { content } = message;
    if (content.type === "inscription") message.id = messageIdIn(this.#inscription(message, content.inscription));
    if (content.type !== "blob") return;
    message.blob = this.#layout && encodeBlob(content.data, this.#layout.shares, this.#layout.needed).blob;
    const signed = this.transactionOf(message);
    message.id = signed && messageIdIn(signed);
  }

  /** The transaction that writes the message to the chain; null where only a node can make it. */
  transactionOf(message: Message): SignedTx | null {
    const { content, blob, parent } = message;
    if (content.type === "inscription") return this.#inscription(message, content.inscription);
    if (content.type !== "blob" || this.#layout === null || blob === null) return null;
    return signBlobOp({ channel: this.id, parent, blob, size: content.data.length });
  }

  #inscription({ parent }: Message, inscription: Uint8Array): SignedTx {
    return signInscription({ channel: this.id, inscription, parent });
  }

  /** How many of the row's messages the canonical chain has. */
  #confirmed(): number {
    return Math.min(this.#canonical.length, this.#messages.length);
  }

  #ownIn(block: SeenBlock): SeenBlock["messages"] {
    return block.messages.filter(({ channel }) => channel === this.id);
  }
}

function messageIdIn({ tx }: SignedTx): MessageId {
  return messageId(must(tx.ops[0], "the operation of a channel message"));
}
