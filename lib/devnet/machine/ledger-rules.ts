import { type Applied, applyTx, type LedgerState } from "../../chain/ledger.ts";
import type { SignedTx } from "../../chain/types.ts";
import type { ChainState } from "./chain-state.ts";
import type { Place } from "./tx-facts.ts";

/** What a node holds transactions against, in its mempool and in blocks. */
export interface LedgerRules {
  /**
   * Applies a transaction whose form and signatures are verified.
   * @param taken places that the chain has taken for good
   */
  apply(state: LedgerState, taken: ChainState["taken"], signed: SignedTx): Applied;
  /** The place for which a transaction that takes these can never be part of the chain; undefined when there is none. */
  ruledOut(takes: readonly Place[], lib: ChainState): Place | undefined;
}

/** The chain's own rules. */
export const LEDGER_RULES: LedgerRules = {
  apply: (state, _taken, signed) => applyTx(state, signed),
  ruledOut: (takes, lib) => takes.find((place) => lib.taken.has(place)),
};
