import { electorateOf, verifyBlock } from "../../chain/leadership.ts";
import { type Applied, applyBlock, type LedgerState } from "../../chain/ledger.ts";
import type { Block, Check, ConsensusParams, Genesis, SignedTx } from "../../chain/types.ts";
import { type TxCheck, verifyTx } from "../../chain/verify-tx.ts";
import { type ChainState, extendState, genesisState } from "./chain-state.ts";
import { LEDGER_RULES, type LedgerRules } from "./ledger-rules.ts";
import type { Origin, SharedMemo } from "./shared-memo.ts";
import { encodingFault, type TxFacts, txFacts } from "./tx-facts.ts";

/** The chain's rules, each applied once to each object. */
export class Verifier {
  readonly origin: Origin;
  readonly rules: LedgerRules;
  readonly #params: ConsensusParams;
  readonly #memo: SharedMemo;

  constructor(genesis: Genesis, params: ConsensusParams, memo: SharedMemo, rules: LedgerRules = LEDGER_RULES) {
    this.rules = rules;
    this.origin = memo.origins.get(genesis) ?? { state: genesisState(genesis), electorate: electorateOf(genesis) };
    memo.origins.set(genesis, this.origin);
    this.#params = params;
    this.#memo = memo;
  }

  facts(signed: SignedTx): TxFacts {
    return txFacts(this.#memo, signed);
  }

  /** Why a client's transaction can't even be encoded; null if it can. */
  encodingFault(signed: SignedTx): string | null {
    return encodingFault(this.#memo, signed);
  }

  /** Everything about a block that needs no chain: id, root, signature, leadership, and its transactions' signatures. */
  block(block: Block, trusted: (signed: SignedTx) => boolean): Check {
    let verdict = this.#memo.blocks.get(block);
    if (verdict === undefined) {
      verdict = this.#checkBlock(block, trusted);
      this.#memo.blocks.set(block, verdict);
    }
    return verdict;
  }

  #checkBlock(block: Block, trusted: (signed: SignedTx) => boolean): Check {
    const verdict = verifyBlock(block, this.origin.electorate, this.#params);
    if (!verdict.ok) return verdict;
    for (const [index, signed] of block.txs.entries()) {
      if (trusted(signed)) continue;
      const check = this.tx(signed);
      if (!check.ok) return { ok: false, reason: `transaction ${index}: ${check.reason}` };
    }
    return verdict;
  }

  /** A transaction's form and signatures. */
  tx(signed: SignedTx): TxCheck {
    let check = this.#memo.txs.get(signed);
    if (check === undefined) {
      check = verifyTx(signed);
      this.#memo.txs.set(signed, check);
    }
    return check;
  }

  /** The state after a verified block on the chain of `parent`, or why there is none. */
  apply(parent: ChainState, block: Block): ChainState | Extract<Applied, { ok: false }> {
    const known = this.#memo.states.get(block);
    if (known) return known;
    const { ledger, taken } = parent;
    const applied = applyBlock(ledger, block.txs, (state, signed) => this.rules.apply(state, taken, signed));
    if (!applied.ok) return applied;
    return this.remember(parent, block, applied.state);
  }

  /** The state after a block that left this ledger. */
  remember(parent: ChainState, block: Block, ledger: LedgerState): ChainState {
    const state = extendState(this.#memo, parent, block, ledger);
    this.#memo.states.set(block, state);
    return state;
  }
}
