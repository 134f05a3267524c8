import type { BlobId, ChannelId, MessageId } from "../../chain/types.ts";
import type { EventOf, RunEvent } from "../../model/events.ts";
import { foldChain, type SeenEvent } from "./chain.ts";
import type { Start } from "./generator-health.ts";

/** A channel's inscription, from its submission to the chain. */
export interface ChannelLife {
  readonly channel: ChannelId;
  readonly message: MessageId | null;
  readonly accepted: boolean;
  /** Why it was given up; null when it was not. */
  readonly failed: string | null;
  /** The canonical block that holds it at the end of the window. */
  readonly block: SeenEvent | null;
}

/** One intended blob, from its schedule to what its holders gave back. */
export interface BlobLife extends Start {
  readonly channel: ChannelId;
  /** The executors that were asked to disperse it, in order. */
  readonly askedOf: readonly string[];
  /** Its id and the digest of what was sent; null while no executor had dispersed it. */
  readonly dispersed: {
    readonly blob: BlobId;
    readonly data: string;
    readonly node: string;
    readonly t: number;
  } | null;
  /** Why it was given up; null when it was not. */
  readonly failed: string | null;
  /** The canonical block with its message at the end of the window. */
  readonly block: SeenEvent | null;
  /** What its holders gave back; null when nobody asked them. */
  readonly read: EventOf<"blob.read"> | null;
}

export interface BlobEvidence {
  readonly channels: readonly ChannelLife[];
  readonly blobs: readonly BlobLife[];
}

type Draft<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K];
};

/**
 * Follows every channel and every intended blob. The chain counts as it stood after the event `untilSeq`; what was read
 * back counts whenever it was.
 */
export function foldBlobs(events: readonly RunEvent[], untilSeq = Number.POSITIVE_INFINITY): BlobEvidence {
  const channels = new Map<ChannelId, Draft<ChannelLife>>();
  const blobs = new Map<string, Draft<BlobLife>>();
  const reads = new Map<BlobId, EventOf<"blob.read">>();
  const blobOf = (event: { workload: string; n: number }) => blobs.get(`${event.workload}/${event.n}`);
  for (const event of events) {
    if (event.type === "blob.read") reads.set(event.blob, event);
    if (event.seq > untilSeq) continue;
    enterChannel(channels, event);
    if (event.type === "blob.planned") blobs.set(`${event.workload}/${event.n}`, draftBlob(event));
    if (event.type === "blob.submitted") {
      const blob = blobOf(event);
      if (!blob) continue;
      blob.startedAt ??= event.t;
      blob.channel = event.channel;
      blob.askedOf.push(event.node);
    }
    if (event.type === "blob.dispersed") {
      const blob = blobOf(event);
      if (blob) blob.dispersed = { blob: event.blob, data: event.data, node: event.node, t: event.t };
    }
    if (event.type === "blob.failed") {
      const blob = blobOf(event);
      if (blob) blob.failed = event.why;
    }
    if (event.type === "blob.missed") {
      const blob = blobOf(event);
      if (blob) blob.missed = event.why;
    }
  }
  const { messages, blocks } = canonicalMessages(events, untilSeq);
  for (const channel of channels.values()) {
    if (channel.message !== null) channel.block = messages.get(channel.message) ?? null;
  }
  for (const blob of blobs.values()) {
    if (!blob.dispersed) continue;
    blob.block = blocks.get(blob.dispersed.blob) ?? null;
    blob.read = reads.get(blob.dispersed.blob) ?? null;
  }
  return { channels: [...channels.values()], blobs: [...blobs.values()] };
}

function enterChannel(channels: Map<ChannelId, Draft<ChannelLife>>, event: RunEvent): void {
  if (
    event.type !== "inscription.submitted" &&
    event.type !== "inscription.accepted" &&
    event.type !== "inscription.failed"
  )
    return;
  const known = channels.get(event.channel);
  const life = known ?? { channel: event.channel, message: null, accepted: false, failed: null, block: null };
  channels.set(event.channel, life);
  if (event.type === "inscription.submitted") life.message = event.message;
  if (event.type === "inscription.accepted") life.accepted = true;
  if (event.type === "inscription.failed") life.failed = event.why;
}

/** The canonical block of each message, and of each blob that a message refers to. */
function canonicalMessages(
  events: readonly RunEvent[],
  untilSeq: number,
): { messages: ReadonlyMap<MessageId, SeenEvent>; blocks: ReadonlyMap<BlobId, SeenEvent> } {
  const messages = new Map<MessageId, SeenEvent>();
  const blocks = new Map<BlobId, SeenEvent>();
  for (const block of foldChain(events, untilSeq).canonical) {
    for (const message of block.messages) {
      messages.set(message.id, block);
      if (message.blob !== null && !blocks.has(message.blob)) blocks.set(message.blob, block);
    }
  }
  return { messages, blocks };
}

function draftBlob(event: EventOf<"blob.planned">): Draft<BlobLife> {
  const { workload, n, intended, channel } = event;
  return {
    workload,
    n,
    intended,
    channel,
    startedAt: null,
    missed: null,
    askedOf: [],
    dispersed: null,
    failed: null,
    block: null,
    read: null,
  };
}
