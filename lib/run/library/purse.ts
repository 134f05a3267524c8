import { outputNotes } from "../../chain/ledger.ts";
import { txHash } from "../../chain/suite.ts";
import type { NoteId, NotePublicKey, SignedTx, TxHash } from "../../chain/types.ts";
import { signTransfer, walletOf } from "../../chain/wallet.ts";
import { CodedError } from "../../core/errors.ts";
import type { Wallet } from "../../model/wallets.ts";

interface OwnNote {
  readonly id: NoteId;
  readonly value: bigint;
  /** The transfer that makes it; null in the genesis. */
  readonly madeBy: TxHash | null;
}

/** A signed transfer, and what undoes it in the book when no node takes it. */
export interface Payment {
  readonly signed: SignedTx;
  readonly tx: TxHash;
  /** Transfers that must be in the chain before it. */
  readonly after: readonly TxHash[];
  takeBack(): void;
}

/** Who owns which notes, by the genesis and the transfers made here. */
export class Purse {
  readonly #notes = new Map<NotePublicKey, readonly OwnNote[]>();

  constructor(wallets: readonly Wallet[]) {
    for (const { pk, note, value } of wallets) this.#notes.set(pk, [{ id: note, value, madeBy: null }]);
  }

  balance({ pk }: Pick<Wallet, "pk">): bigint {
    return total(this.#of(pk));
  }

  /**
   * Signs a transfer of the fewest of the payer's notes that suffice, largest first, with the change going back.
   * @throws CodedError NR-LIB-FUNDS
   */
  pay(from: Wallet, to: Pick<Wallet, "pk">, value: bigint): Payment {
    const owned = this.#of(from.pk);
    const spent: OwnNote[] = [];
    for (const note of owned.toSorted((a, b) => (a.value < b.value ? 1 : a.value > b.value ? -1 : 0))) {
      if (total(spent) < value) spent.push(note);
    }
    const paid = total(spent);
    if (value <= 0n || paid < value) {
      throw new CodedError("NR-LIB-FUNDS", `${from.label} can't pay ${value}: it has ${total(owned)}`, {
        hint: "Pay a whole number from 1 to what it has; wallets() of the scenario says how much that is.",
      });
    }
    const change = paid > value ? [{ value: paid - value, pk: from.pk }] : [];
    const inputs = spent.map(({ id }) => id);
    const signed = signTransfer(walletOf(from.secret), inputs, [{ value, pk: to.pk }, ...change]);
    const tx = txHash(signed.tx);
    const made = outputNotes(signed.tx.ledger).map(({ id, note }) => ({
      id,
      value: note.value,
      madeBy: tx,
      pk: note.pk,
    }));
    this.#replace(from.pk, spent, []);
    for (const { pk, ...note } of made) this.#replace(pk, [], [note]);
    return {
      signed,
      tx,
      after: [...new Set(spent.flatMap(({ madeBy }) => madeBy ?? []))],
      takeBack: () => {
        for (const { pk, id } of made)
          this.#replace(
            pk,
            this.#of(pk).filter((note) => note.id === id),
            [],
          );
        this.#replace(from.pk, [], spent);
      },
    };
  }

  #of(pk: NotePublicKey): readonly OwnNote[] {
    return this.#notes.get(pk) ?? [];
  }

  #replace(pk: NotePublicKey, gone: readonly OwnNote[], made: readonly OwnNote[]): void {
    this.#notes.set(pk, [...this.#of(pk).filter((note) => !gone.includes(note)), ...made]);
  }
}

function total(notes: readonly OwnNote[]): bigint {
  return notes.reduce((sum, { value }) => sum + value, 0n);
}
