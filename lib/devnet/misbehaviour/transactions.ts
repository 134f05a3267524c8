import { applyTx, outputNotes } from "../../chain/ledger.ts";
import { ledgerHash } from "../../chain/suite.ts";
import type { SignedTx } from "../../chain/types.ts";
import { verifyTx } from "../../chain/verify-tx.ts";
import { LEDGER_RULES, type LedgerRules } from "../machine/ledger-rules.ts";
import type { Input, Output } from "../machine/types.ts";
import { Disguise } from "./disguise.ts";
import type { MisbehaviourOf } from "./misbehaviour.ts";

/** A node that takes transactions and forgets them. */
export class DropsTransactions extends Disguise<MisbehaviourOf<"drop-transactions">> {
  /** What is in bad form the machine refuses, as ever: who says yes to everything is soon found out. */
  protected override hear(input: Input): { readonly input: Input | null; readonly answer?: Output } {
    if (input.type === "message" && input.message.type === "tx") {
      return { input: this.#drops(input.message.tx) ? null : input };
    }
    if (input.type !== "submit" || !this.#drops(input.tx)) return { input };
    return { input: null, answer: { type: "submitted", call: input.call, refusal: null } };
  }

  #drops(signed: SignedTx): boolean {
    return verifyTx(signed).ok && this.falls(ledgerHash(signed.tx.ledger));
  }
}

/** A node whose ledger lets spent notes be spent again; nothing of it has to be put on. */
export class AcceptsDoubleSpends extends Disguise<MisbehaviourOf<"accept-double-spends">> {}

/** The ledger of such a node: what comes out of a note that the chain has spent is made all the same. */
export const DOUBLE_SPENDING: LedgerRules = {
  apply(state, taken, signed) {
    const applied = applyTx(state, signed);
    const { inputs } = signed.tx.ledger;
    if (applied.ok || applied.permanent || !inputs.some((input) => taken.has(input))) return applied;
    const notes = state.notes.withMutations((draft) => {
      for (const input of inputs) draft.delete(input);
      for (const { id, note } of outputNotes(signed.tx.ledger)) draft.set(id, note);
    });
    return { ok: true, state: { ...state, notes } };
  },
  ruledOut: (takes, lib) => {
    const gone = LEDGER_RULES.ruledOut(takes, lib);
    return gone?.includes("/") ? gone : undefined;
  },
};
