import type { TxHash } from "../../chain/types.ts";
import type { Wallet as KeyedWallet } from "../../chain/wallet.ts";
import type { Random } from "../../core/random.ts";
import type { BlockFeed, HeadChange } from "../../model/feed.ts";
import type { SignAhead } from "../../model/sign-ahead.ts";
import type { Wallet } from "../../model/wallets.ts";
import { REUSE_DEPTH_BLOCKS } from "../../plan/capacity.ts";
import type { Material } from "./invalid.ts";
import { Lane, type Transfer } from "./lane.ts";

/** Blocks after which a transaction that a node took, but no block has, is offered to another node. */
const PATIENCE_BLOCKS = 3;

/** All wallets that take part, and what is under way of them. */
export class Lanes {
  readonly #lanes: readonly Lane[];
  readonly #finalityDepth: number;
  /** Transfers that a reorganisation can still reach, by id. */
  readonly #transfers = new Map<TxHash, Transfer>();
  /** Those of them that no canonical block holds. */
  readonly #underWay = new Set<Transfer>();
  /** Lanes with a transfer in the canonical block of a height: what is to be looked at when that block becomes final. */
  readonly #byHeight = new Map<number, Lane[]>();
  /** The last served is the last in line. */
  readonly #line: Lane[];

  /**
   * @param finalityDepth the chain's security parameter
   * @param ahead signs the wallets' transfers ahead, where all of them go back to their owners
   * @param beside see {@link LaneSigning}
   */
  constructor(wallets: readonly Wallet[], finalityDepth: number, ahead?: Pick<SignAhead, "take">, beside = false) {
    this.#lanes = wallets.map(
      (wallet, row) => new Lane(wallet, { beside, ahead: ahead && ((index) => ahead.take(row, index)) }),
    );
    this.#line = [...this.#lanes];
    this.#finalityDepth = finalityDepth;
  }

  /**
   * A wallet for the next transfer: the first in line whose last one is two blocks deep. When there is none, the wallet
   * whose last one is deepest, so that a start is not missed because two blocks came late: what a reorganisation then
   * throws out is sent again in order. Undefined when every wallet has a transaction outside the chain.
   */
  take(headHeight: number): { readonly lane: Lane; readonly early: boolean } | undefined {
    let best: { readonly lane: Lane; readonly height: number } | undefined;
    for (const lane of this.#line) {
      const height = lane.height();
      if (height === null) continue;
      if (height < 0 || headHeight - height >= REUSE_DEPTH_BLOCKS) return this.#serve(lane, false);
      if (!best || height < best.height) best = { lane, height };
    }
    return best && this.#serve(best.lane, true);
  }

  #serve(lane: Lane, early: boolean) {
    this.#line.splice(this.#line.indexOf(lane), 1);
    this.#line.push(lane);
    return { lane, early };
  }

  /** Signs the lane's next transfer and follows it from now on. */
  open(lane: Lane, start: { readonly n: number; readonly intended: number }, to?: KeyedWallet): Transfer {
    const transfer = lane.next(start, to);
    this.#transfers.set(transfer.tx, transfer);
    this.#underWay.add(transfer);
    return transfer;
  }

  /** A transfer that is followed, by its id. */
  transfer(tx: TxHash): Transfer | undefined {
    return this.#transfers.get(tx);
  }

  /** The wallets that take part, in the order that they were given. */
  wallets(): readonly KeyedWallet[] {
    return this.#lanes.map(({ wallet }) => wallet);
  }

  /** What a transaction that must not pass is made of: one wallet's, drawn by chance. */
  material(random: Random): Material {
    return random.pick(this.#lanes).material();
  }

  /** Stops following a transfer that every node refused. */
  withdraw(transfer: Transfer): void {
    transfer.lane.withdraw(transfer);
    this.#transfers.delete(transfer.tx);
    this.#underWay.delete(transfer);
  }

  /** Follows the canonical chain. @returns transfers that it threw out and does not have elsewhere, oldest first */
  follow(change: HeadChange): readonly Transfer[] {
    const thrownOut = new Set<Transfer>();
    for (const block of change.removed) {
      for (const tx of block.txs) {
        const transfer = this.#transfers.get(tx);
        if (!transfer) continue;
        this.#place(transfer, null);
        thrownOut.add(transfer);
      }
    }
    for (const block of change.added) {
      for (const tx of block.txs) {
        const transfer = this.#transfers.get(tx);
        if (!transfer) continue;
        this.#place(transfer, block.height);
        thrownOut.delete(transfer);
      }
    }
    const height = change.added.at(-1)?.height;
    if (height !== undefined) this.#forget(height - this.#finalityDepth);
    return [...thrownOut].sort((a, b) => a.n - b.n);
  }

  /** Asks the feed where every transfer is, after moves of the chain that were not followed. */
  resync(feed: BlockFeed): void {
    for (const transfer of this.#transfers.values()) {
      const depth = feed.txDepth(transfer.tx);
      this.#place(transfer, depth === undefined ? null : feed.head().height - depth);
    }
  }

  #place(transfer: Transfer, height: number | null): void {
    transfer.height = height;
    if (height === null) {
      this.#underWay.add(transfer);
      return;
    }
    this.#underWay.delete(transfer);
    const lanes = this.#byHeight.get(height);
    if (lanes) lanes.push(transfer.lane);
    else this.#byHeight.set(height, [transfer.lane]);
  }

  /** Costs what the blocks that became final hold, not what is followed: the next starts wait for it. */
  #forget(height: number): void {
    for (const [at, lanes] of this.#byHeight) {
      if (at > height) continue;
      this.#byHeight.delete(at);
      for (const lane of lanes) for (const { tx } of lane.forget(height)) this.#transfers.delete(tx);
    }
  }

  /** Transfers that no canonical block holds, oldest first. */
  underWay(): readonly Transfer[] {
    return [...this.#underWay].sort((a, b) => a.n - b.n);
  }

  /** Those of them that a node took so long ago that it has probably lost them, and that nobody is offered now. */
  overdue(headHeight: number): readonly Transfer[] {
    return this.underWay().filter(({ offering, offeredAt }) => !offering && headHeight - offeredAt >= PATIENCE_BLOCKS);
  }
}
