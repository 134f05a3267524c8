import type { DataAvailabilityOptions } from "./options.ts";

/** A transaction that comes at any moment waits for the next block. */
export const MEAN_INCLUSION_BLOCKS = 1;
/** A wallet sends again when its last transaction has two more blocks on top: a reorg that deep is very rare. */
export const REUSE_DEPTH_BLOCKS = 2;
/** Messages per block that a channel carries where each has to be seen in a block before the next can name it (0.25 to 0.5 on real nodes). */
export const SERIAL_MESSAGES_PER_BLOCK = 0.3;

/** Blocks that one transaction keeps its wallet busy, on average. */
const BUSY_BLOCKS = MEAN_INCLUSION_BLOCKS + REUSE_DEPTH_BLOCKS;

/** Most transactions per block that so many wallets can carry: `users / (mean inclusion + 2 blocks)`. */
export function sustainableTxRate(users: number): number {
  return users / BUSY_BLOCKS;
}

/** Fewest wallets that carry so many transactions per block. */
export function usersFor(rate: number): number {
  return Math.ceil(rate * BUSY_BLOCKS);
}

/** Channels that are opened: those asked for, and the headroom in percent of them, rounded up. */
export function channelsOpened(options: Pick<DataAvailabilityOptions, "channels" | "headroomPercent">): number {
  return options.channels + Math.ceil((options.channels * options.headroomPercent) / 100);
}

/** Messages per block that one channel carries. */
export function messagesPerChannel(pipeline: number, predictableIds: boolean): number {
  return predictableIds ? pipeline : SERIAL_MESSAGES_PER_BLOCK;
}

/** Most blobs per block that all channels carry together. */
export function sustainableBlobRate(options: DataAvailabilityOptions, predictableIds: boolean): number {
  return channelsOpened(options) * messagesPerChannel(options.pipeline, predictableIds);
}

/** Fewest channels to ask for that carry the blob rate, headroom counted. */
export function channelsFor(options: DataAvailabilityOptions, predictableIds: boolean): number {
  const needed = Math.ceil(options.blobRate / messagesPerChannel(options.pipeline, predictableIds));
  let channels = Math.max(1, Math.floor(needed / (1 + options.headroomPercent / 100)) - 1);
  while (channelsOpened({ ...options, channels }) < needed) channels += 1;
  return channels;
}
