import type { SignedTx } from "../../chain/types.ts";
import type { Wallet } from "../../chain/wallet.ts";
import type { Random } from "../../core/random.ts";
import type { RunContext } from "../../model/run-context.ts";
import type { InvalidKind, TransactionsOptions } from "../../plan/transactions-options.ts";
import { invalidTransaction, refusedFrom } from "./invalid.ts";
import type { Lane } from "./lane.ts";
import type { Lanes } from "./lanes.ts";

/** A transaction that must not pass, and why. */
export interface Forgery {
  readonly kind: InvalidKind;
  /** See the event `tx.invalid`; null where a node need not know. */
  readonly refusedFrom: number | null;
  readonly signed: SignedTx;
}

/** Draws what each start sends. Which starts are invalid follows from the seed alone. */
export class Content {
  readonly #options: TransactionsOptions;
  readonly #lanes: Lanes;
  readonly #ctx: Pick<RunContext, "random">;
  readonly #recipients: Random;
  #forged = 0;

  constructor(options: TransactionsOptions, lanes: Lanes, ctx: Pick<RunContext, "random">) {
    this.#options = options;
    this.#lanes = lanes;
    this.#ctx = ctx;
    this.#recipients = ctx.random("recipients");
  }

  /** What start `n` sends instead of a transfer; null when it sends one. */
  invalid(n: number): Forgery | null {
    const { percent, kinds } = this.#options.invalid;
    if (percent === 0) return null;
    const random = this.#ctx.random(`invalid ${n}`);
    if (random.float() * 100 >= percent) return null;
    const kind = kinds[this.#forged++ % kinds.length] as InvalidKind;
    const material = this.#lanes.material(random);
    return {
      kind,
      refusedFrom: refusedFrom(kind, material),
      signed: invalidTransaction(kind, material, random),
    };
  }

  /** Who gets a transfer; undefined when it goes back to its owner. */
  recipient(lane: Lane): Wallet | undefined {
    const { othersPercent } = this.#options;
    if (othersPercent === 0 || this.#recipients.float() * 100 >= othersPercent) return undefined;
    const { owner } = lane.material();
    return this.#recipients.pick(this.#lanes.wallets().filter(({ pk }) => pk !== owner.pk));
  }
}
