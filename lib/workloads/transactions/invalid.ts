import { outputNotes } from "../../chain/ledger.ts";
import type { NoteId, SignedTx } from "../../chain/types.ts";
import { signSelfTransfer, signTransfer, type Wallet, walletOf } from "../../chain/wallet.ts";
import { must } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import type { InvalidKind } from "../../plan/transactions-options.ts";

/** A note with its owner. */
export interface OwnedNote {
  readonly note: NoteId;
  readonly owner: Wallet;
}

/** What a wallet's row of notes gives for transactions that must not pass. */
export interface Material extends OwnedNote {
  readonly value: bigint;
  /** A note that a final block has spent, and that block's height; null while there is none. */
  readonly spent: (OwnedNote & { readonly height: number }) | null;
}

/** The LIB's height from which on a node must refuse it, 0 where every node must; null where the state decides. */
export function refusedFrom(kind: InvalidKind, { spent }: Material): number | null {
  if (kind === "wrong-signature") return 0;
  return kind === "double-spend" ? (spent?.height ?? 0) : null;
}

/**
 * A transaction that no honest node may put into a block. It pays a key that nobody else has, so its id is no other
 * transaction's.
 */
export function invalidTransaction(kind: InvalidKind, material: Material, random: Random): SignedTx {
  const { note, owner, value, spent } = material;
  const stranger = walletOf(random.bytes(32));
  const paid = [{ value, pk: stranger.pk }];
  switch (kind) {
    case "wrong-signature":
      return withSpoiltSignature(signTransfer(owner, [note], paid));
    case "overspend":
      return signTransfer(owner, [note], [{ value: value + 1n, pk: stranger.pk }]);
    case "double-spend":
      // What is final stays spent. Before anything is, the same note twice in one transaction.
      return spent ? signTransfer(spent.owner, [spent.note], paid) : signTransfer(owner, [note, note], paid);
    case "unknown-note":
      return signTransfer(owner, [noteOfNobody(stranger, note, value)], paid);
  }
}

function withSpoiltSignature(signed: SignedTx): SignedTx {
  const ledgerProof = Uint8Array.from(signed.ledgerProof);
  // Byte 40 is in the signature: the key's 32 bytes come before it.
  ledgerProof[40] = (ledgerProof[40] ?? 0) ^ 1;
  return { ...signed, ledgerProof };
}

/** The note of a transfer that is never sent. */
function noteOfNobody(stranger: Wallet, note: NoteId, value: bigint): NoteId {
  return must(outputNotes(signSelfTransfer(stranger, note, value).tx.ledger)[0], "the note of a self transfer").id;
}
