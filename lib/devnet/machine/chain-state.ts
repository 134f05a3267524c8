import { Map as ImmutableMap, Set as ImmutableSet } from "immutable";
import { genesisLedger } from "../../chain/genesis.ts";
import type { LedgerState } from "../../chain/ledger.ts";
import type { Block, Genesis, HeaderId, TxHash } from "../../chain/types.ts";
import type { SharedMemo } from "./shared-memo.ts";
import { type Place, txFacts } from "./tx-facts.ts";

/**
 * What a chain amounts to at one of its blocks: its ledger, and the history that the ledger forgets. Immutable, so that
 * blocks share what they have in common.
 */
export interface ChainState {
  readonly ledger: LedgerState;
  /** Places that are taken for good on this chain. */
  readonly taken: ImmutableSet<Place>;
  /** The block that holds a transaction. */
  readonly included: ImmutableMap<TxHash, HeaderId>;
}

/** The state before the first block. */
export function genesisState(genesis: Genesis): ChainState {
  return { ledger: genesisLedger(genesis), taken: ImmutableSet(), included: ImmutableMap() };
}

/** The state after a block, given the ledger that applying it left. */
export function extendState(memo: SharedMemo, parent: ChainState, block: Block, ledger: LedgerState): ChainState {
  if (block.txs.length === 0) return { ...parent, ledger };
  const facts = block.txs.map((tx) => txFacts(memo, tx));
  return {
    ledger,
    taken: parent.taken.withMutations((taken) => {
      for (const { takes } of facts) for (const place of takes) taken.add(place);
    }),
    included: parent.included.withMutations((included) => {
      for (const { hash } of facts) included.set(hash, block.id);
    }),
  };
}
