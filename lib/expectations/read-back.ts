import { blake2b256 } from "../chain/blake2b.ts";
import { recoverBlob, verifyShare } from "../chain/blob.ts";
import type { BlobId, Share } from "../chain/types.ts";
import { bytesToHex } from "../core/bytes.ts";
import { CodedError, errorText } from "../core/errors.ts";
import type { EventData } from "../model/events.ts";
import type { BlockFeed, SeenBlock } from "../model/feed.ts";
import type { RunContext } from "../model/run-context.ts";

type Holder = EventData<"blob.read">["holders"][number];

/** How long a holder may take to hand out a share. */
const SHARE_TIMEOUT_MS = 5_000;
/** Blocks on top of a blob that is sampled: fewer may be reorganised away. */
const SETTLED_BLOCKS = 2;
/** Blobs that are read at the same time. */
const READERS = 8;

/**
 * Reads every blob of the canonical chain back: asks each member of each subnetwork for its share, verifies it against
 * the blob's id and recovers the blob from those that are sound. Records one `blob.read` for each.
 */
export async function readBack(ctx: RunContext): Promise<void> {
  const unread = [...new Set(includedBlobs(ctx.feed))];
  if (unread.length === 0) return;
  const members = await subnetworks(ctx);
  const reader = async () => {
    for (let blob = unread.pop(); blob !== undefined; blob = unread.pop()) {
      ctx.events.emit("blob.read", await readBlob(ctx, blob, members));
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
}

/**
 * Reads blobs back while the network is driven: after each block one that is {@link SETTLED_BLOCKS} deep, drawn from all
 * so far, so that each set of holders that faults leave is asked for old blobs and new ones. One `blob.sampled` for each.
 */
export async function sampleBlobs(ctx: RunContext): Promise<void> {
  const { clock, driveEnds, events, feed, plan, signal } = ctx;
  const random = ctx.random("samples");
  let height = feed.head().height;
  while (clock.now() < driveEnds) {
    await clock.sleep(plan.consensus.slotMs / 2, signal);
    if (feed.head().height === height) continue;
    height = feed.head().height;
    const settled = includedBlobs(feed, SETTLED_BLOCKS);
    if (settled.length === 0) continue;
    const blob = random.pick(settled);
    try {
      events.emit("blob.sampled", await readBlob(ctx, blob, await subnetworks(ctx)));
    } catch (thrown) {
      signal.throwIfAborted();
      // Nobody could say who holds shares: that is another moment's sample.
      if (!(thrown instanceof CodedError)) throw thrown;
    }
  }
}

/** Blobs that the canonical chain's messages refer to, newest first, from so many blocks below its tip on. */
function includedBlobs(feed: BlockFeed, depth = 0): BlobId[] {
  const blobs: BlobId[] = [];
  const highest = feed.head().height - depth;
  for (let block: SeenBlock | undefined = feed.head(); block; block = feed.block(block.parent)) {
    if (block.height > highest) continue;
    for (const { blob } of block.messages) if (blob !== null) blobs.push(blob);
  }
  return blobs;
}

/** Members of each subnetwork, by the first running node that tells. @throws CodedError what the last one threw */
async function subnetworks({ cluster, signal }: RunContext): Promise<readonly (readonly string[])[]> {
  let failure: unknown = new CodedError("NR-NODE-UNREACHABLE", "no node is running that could tell who holds shares");
  for (const { client } of cluster.running()) {
    try {
      const { assignations } = await client.daMembership(0, { timeoutMs: SHARE_TIMEOUT_MS, signal });
      return Object.keys(assignations)
        .sort((a, b) => Number(a) - Number(b))
        .map((index) => assignations[index] ?? []);
    } catch (thrown) {
      signal.throwIfAborted();
      failure = thrown;
    }
  }
  throw failure;
}

async function readBlob(
  ctx: RunContext,
  blob: BlobId,
  members: readonly (readonly string[])[],
): Promise<EventData<"blob.read">> {
  const asked = await Promise.all(
    members.flatMap((names, index) => names.map((name) => askHolder(ctx, blob, index, name))),
  );
  const holders = asked.map(({ holder }) => holder);
  const sound = asked.flatMap(({ share }) => (share ? [share] : []));
  try {
    return { blob, ok: true, why: "", data: bytesToHex(blake2b256(recoverBlob(sound))), holders };
  } catch (thrown) {
    return { blob, ok: false, why: errorText(thrown), data: null, holders };
  }
}

async function askHolder(
  { cluster, signal }: RunContext,
  blob: BlobId,
  index: number,
  name: string,
): Promise<{ readonly holder: Holder; readonly share: Share | null }> {
  const told = (outcome: Holder["outcome"], share: Share | null = null) => ({
    holder: { node: name, share: index, outcome },
    share,
  });
  const node = cluster.node(name);
  if (node.state === "stopped") return told("unreachable");
  try {
    const share = await node.client.share(blob, index, { timeoutMs: SHARE_TIMEOUT_MS, signal });
    if (!share) return told("missing");
    const isSound = share.blob === blob && share.index === index && verifyShare(share).ok;
    return isSound ? told("good", share) : told("corrupt");
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof CodedError)) throw thrown;
    return told(thrown.code === "NR-NODE-ANSWER" ? "corrupt" : "unreachable");
  }
}
