import type { DataAvailabilityOptions } from "./options.ts";

/** A transaction that comes at any moment waits for the next block. */
export const MEAN_INCLUSION_BLOCKS = 1;
/** A wallet sends again when its last transaction has two more blocks on top: a reorg that deep is very rare. */
export const REUSE_DEPTH_BLOCKS = 2;

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
