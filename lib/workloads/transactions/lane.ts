import { outputNotes } from "../../chain/ledger.ts";
import { txHash } from "../../chain/suite.ts";
import type { NoteId, SignedTx, TxHash } from "../../chain/types.ts";
import { type Wallet as KeyedWallet, signTransfer, signTransferBeside, walletOfKey } from "../../chain/wallet.ts";
import { must } from "../../core/errors.ts";
import type { SignedAhead } from "../../model/sign-ahead.ts";
import type { Wallet } from "../../model/wallets.ts";
import type { Material, OwnedNote } from "./invalid.ts";

/** A transaction of a lane that may still leave the chain, or has yet to enter it. */
export interface Transfer {
  readonly lane: Lane;
  /** The note that it makes, and who owns that. Reckoned once: an id costs as much as a signature. */
  readonly note: NoteId;
  readonly owner: KeyedWallet;
  /** Its number in the workload's schedule. */
  readonly n: number;
  readonly intended: number;
  readonly signed: SignedTx;
  /** When that can be sent; undefined where it was signed at once. */
  readonly ready: Promise<void> | undefined;
  readonly tx: TxHash;
  /** Height of the canonical block that holds it, null while none does. */
  height: number | null;
  /** Whether a node has taken it. */
  accepted: boolean;
  /** The node that took it last. */
  node: string | undefined;
  /** Whether it is being offered to nodes now. */
  offering: boolean;
  /** Canonical height when a node last took it. */
  offeredAt: number;
}

/** Who signs a lane's transfers, where it isn't the caller at once. */
export interface LaneSigning {
  /**
   * Gives transfers of the row that are signed already, by their number; only for rows whose notes all stay with their
   * owner.
   */
  readonly ahead?: ((index: number) => SignedAhead | undefined) | undefined;
  /** All others are signed on Node's own threads while the caller goes on: not where time is virtual. */
  readonly beside?: boolean;
}

/** A wallet's note and what follows from it, in a row: each transfer spends the note that the one before it made. */
export class Lane {
  readonly label: string;
  /** Whose note the row began with. */
  readonly wallet: KeyedWallet;
  readonly #value: bigint;
  readonly #transfers: Transfer[] = [];
  /** The note that the first of the transfers spends. */
  #base: OwnedNote;
  readonly #ahead: LaneSigning["ahead"];
  readonly #beside: boolean;
  /** How many transfers the row has had, but for those taken back. */
  #length = 0;
  /** The note that the last transfer which no reorganisation reaches has spent, and in which height. */
  #spent: OwnedNote | null = null;
  #spentAt = 0;

  constructor(wallet: Wallet, { ahead, beside = false }: LaneSigning = {}) {
    this.label = wallet.label;
    this.wallet = walletOfKey(wallet.secret, wallet.pk);
    this.#value = wallet.value;
    this.#base = { note: wallet.note, owner: this.wallet };
    this.#ahead = ahead;
    this.#beside = beside;
  }

  /** Height of the block with its last transfer; null while one is under way, -1 when it has none. */
  height(): number | null {
    if (this.#transfers.some(({ height }) => height === null)) return null;
    return this.#transfers.at(-1)?.height ?? -1;
  }

  /** The next transfer, signed: the whole of the latest note, to its owner unless another is given. */
  next(start: { readonly n: number; readonly intended: number }, to?: KeyedWallet): Transfer {
    const recipient = to ?? this.#latest().owner;
    const { signed, ready, tx, note } = this.#signed(recipient);
    const transfer: Transfer = {
      lane: this,
      owner: recipient,
      n: start.n,
      intended: start.intended,
      signed,
      ready,
      tx,
      note,
      height: null,
      accepted: false,
      node: undefined,
      offering: false,
      offeredAt: 0,
    };
    this.#transfers.push(transfer);
    this.#length++;
    return transfer;
  }

  #signed(recipient: KeyedWallet): Pick<Transfer, "signed" | "ready" | "tx" | "note"> {
    const ahead = this.#ahead?.(this.#length);
    if (ahead) return { signed: ahead.signed, ready: undefined, tx: ahead.tx, note: ahead.note };
    const { note, owner } = this.#latest();
    const outputs = [{ value: this.#value, pk: recipient.pk }];
    if (this.#beside) {
      const { signed, done } = signTransferBeside(owner, [note], outputs);
      return { signed, ready: done, tx: txHash(signed.tx), note: noteOf(signed) };
    }
    const signed = signTransfer(owner, [note], outputs);
    return { signed, ready: undefined, tx: txHash(signed.tx), note: noteOf(signed) };
  }

  /** What transactions that must not pass are made of. */
  material(): Material {
    const spent = this.#spent && { ...this.#spent, height: this.#spentAt };
    const { note, owner } = this.#latest();
    return { note, owner, value: this.#value, spent };
  }

  #latest(): OwnedNote {
    return this.#transfers.at(-1) ?? this.#base;
  }

  /** Takes back a transfer that every node refused; the note it was to spend is the latest again. */
  withdraw(transfer: Transfer): void {
    if (this.#transfers.at(-1) !== transfer) return;
    this.#transfers.pop();
    this.#length--;
  }

  /** Forgets transfers in blocks at or below `height`, which no reorganisation reaches any more. */
  forget(height: number): readonly Transfer[] {
    const forgotten: Transfer[] = [];
    for (
      let first = this.#transfers[0];
      first && first.height !== null && first.height <= height;
      first = this.#transfers[0]
    ) {
      this.#spent = this.#base;
      this.#spentAt = first.height;
      this.#base = { note: first.note, owner: first.owner };
      forgotten.push(first);
      this.#transfers.shift();
    }
    return forgotten;
  }
}

function noteOf(signed: SignedTx): NoteId {
  return must(outputNotes(signed.tx.ledger)[0], "the note of a self transfer").id;
}
