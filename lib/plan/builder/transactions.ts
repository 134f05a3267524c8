import type { Json } from "../../model/plan.ts";
import { callSite } from "../call-site.ts";
import { MAX_WALLETS } from "../limits.ts";
import { shown } from "../shown.ts";
import type { Draft, DraftPiece, Site } from "./draft.ts";
import { type Read, readPositive, readWhole } from "./read.ts";
import type { ScenarioBuilder } from "./scenario.ts";

/** Transfers between wallets, one in flight for each, at a rate that follows the chain's clock and not its answers. */
export class TransactionsBuilder {
  readonly #draft: Draft;
  readonly #piece: DraftPiece;
  readonly #scenario: ScenarioBuilder;

  /** @internal */
  constructor(draft: Draft, piece: DraftPiece, scenario: ScenarioBuilder) {
    this.#draft = draft;
    this.#piece = piece;
    this.#scenario = scenario;
  }

  /**
   * Transactions per block over the whole network, spread evenly over time.
   * @param perBlock above 0, fractions are fine; 1 by default. More than the wallets can carry is refused: a wallet
   *   sends again once its last transaction is two blocks deep, so `users / 3` a block is the most.
   */
  rate(perBlock: number): this {
    return this.#option("rate", callSite(this.rate), readPositive(`rate(${shown(perBlock)})`, perBlock));
  }

  /**
   * How many of the wallets take part, from the first on.
   * @param count a whole number from 1, at most the number of wallets; all of them by default
   */
  users(count: number): this {
    return this.#option("users", callSite(this.users), readWhole(`users(${shown(count)})`, count, 1, MAX_WALLETS));
  }

  /** Back to the scenario. Accepted, never needed. */
  apply(): ScenarioBuilder {
    return this.#scenario;
  }

  #option(key: string, at: Site, read: Read<Json>): this {
    this.#draft.take(`workloads.transactions.options.${key}`, at, read, (value) => {
      this.#piece.options[key] = value;
    });
    return this;
  }
}
