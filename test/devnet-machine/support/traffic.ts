import { genesisNoteOf } from "../../../lib/chain/genesis.ts";
import { outputNotes } from "../../../lib/chain/ledger.ts";
import type { Note, NoteId, SignedTx } from "../../../lib/chain/types.ts";
import { signTransfer } from "../../../lib/chain/wallet.ts";
import { type Random } from "../../../lib/core/random.ts";
import { WALLET_VALUE, type World } from "./network.ts";

interface Coin {
  readonly owner: number;
  readonly id: NoteId;
  readonly value: bigint;
}

/** Makes transfers between a world's wallets: chains of them, as a client would who trusts that each is included. */
export class Traffic {
  readonly #world: World;
  readonly #random: Random;
  #coins: Coin[];

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#coins = world.wallets.flatMap(({ pk }, owner) => {
      const note = genesisNoteOf(world.genesis, pk);
      return note ? [{ owner, id: note.id, value: WALLET_VALUE }] : [];
    });
  }

  /** A transfer of one coin, in whole or split, to random wallets. */
  transfer(): SignedTx {
    const coin = this.#random.pick(this.#coins);
    const signed = this.#spend(coin);
    this.#coins = this.#coins.filter((other) => other !== coin);
    outputNotes(signed.tx.ledger).forEach(({ id, note }) => {
      const owner = this.#world.wallets.findIndex((wallet) => wallet.pk === note.pk);
      this.#coins.push({ owner, id, value: note.value });
    });
    return signed;
  }

  /** Two transfers of one coin: at most one can ever be included. What comes of the coin is not used again. */
  doubleSpend(): [SignedTx, SignedTx] {
    const coin = this.#random.pick(this.#coins);
    this.#coins = this.#coins.filter((other) => other !== coin);
    return [this.#spend(coin), this.#spend(coin)];
  }

  #spend(coin: Coin): SignedTx {
    const wallet = this.#world.wallets[coin.owner];
    if (!wallet) throw new Error(`no wallet ${coin.owner}`);
    const split = coin.value > 1n && this.#random.float() < 0.5 ? coin.value / 2n : 0n;
    const values = split > 0n ? [split, coin.value - split] : [coin.value];
    const outputs = values.map((value): Note => ({ value, pk: this.#random.pick(this.#world.wallets).pk }));
    return signTransfer(wallet, [coin.id], outputs);
  }
}
