import { type Leader, leaderOf, leads, sealBlock } from "../../chain/leadership.ts";
import type { ConsensusParams } from "../../chain/types.ts";
import type { Chain } from "./chain.ts";
import type { Gossip } from "./gossip.ts";
import type { Mempool } from "./mempool.ts";
import type { Outbox } from "./outbox.ts";
import type { Sampler } from "./sampler.ts";
import type { SharedMemo } from "./shared-memo.ts";
import type { Identity } from "./types.ts";
import type { Verifier } from "./verifier.ts";

const LOG = "cryptarchia::service";

export interface ProducerParts {
  readonly identity: Identity;
  readonly params: ConsensusParams;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly sampler: Sampler;
  readonly gossip: Gossip;
  readonly verifier: Verifier;
  readonly outbox: Outbox;
  readonly memo: SharedMemo;
}

/** Draws in each slot's lottery and proposes a block on a win, at most one a slot, whatever happens in between. */
export class Producer {
  readonly #parts: ProducerParts;
  readonly #leader: Leader;
  #lastProposed: number;
  proposed = 0;

  /** @param lastProposed the latest slot for which `proposed` is on disk */
  constructor(parts: ProducerParts, lastProposed: number) {
    this.#parts = parts;
    this.#leader = leaderOf(parts.identity.leaderSecret);
    this.#lastProposed = lastProposed;
  }

  /** Proposes a block for the slot if this node leads it and has not done so. */
  enterSlot(slot: number): void {
    const { chain } = this.#parts;
    if (slot <= this.#lastProposed || slot <= chain.tree.tip.slot || !this.#draw(slot)) return;
    this.#propose(slot);
  }

  #draw(slot: number): boolean {
    const { memo, verifier, params } = this.#parts;
    const key = `${slot}/${this.#leader.key}`;
    let won = memo.draws.get(key);
    if (won === undefined) {
      won = leads(this.#leader, verifier.origin.electorate, params, slot);
      memo.draws.set(key, won);
    }
    return won;
  }

  #propose(slot: number): void {
    const { chain, mempool, sampler, gossip, verifier, outbox } = this.#parts;
    this.#lastProposed = slot;
    this.proposed++;
    outbox.persist({ type: "proposed", slot });
    const parent = chain.tree.tip;
    const state = chain.tree.stateOf(parent);
    const { txs, ledger, removed } = mempool.select(state, (blob) => {
      sampler.request(blob);
      return sampler.isSampled(blob);
    });
    const block = sealBlock(this.#leader, verifier.origin.electorate, parent.id, slot, txs);
    const count = `${txs.length} transactions (${removed} removed)`;
    outbox.log("INFO", LOG, `proposed block with id 0x${block.id} containing ${count}`);
    chain.add(block, verifier.remember(state, block, ledger));
    gossip.flood({ type: "block", block });
  }
}
