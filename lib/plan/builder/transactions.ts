import type { Duration } from "../../core/duration.ts";
import type { Json } from "../../model/plan.ts";
import { callSite } from "../call-site.ts";
import { LimitOptionsSchema } from "../limit-options.ts";
import { MAX_WALLETS } from "../limits.ts";
import { optionFindings } from "../option-findings.ts";
import { shown } from "../shown.ts";
import { INVALID_KINDS, type InvalidKind, RATE_UNIT, type RateUnit } from "../transactions-options.ts";
import type { Draft, DraftPiece, Site } from "./draft.ts";
import { setExpectation } from "./expectations.ts";
import { readOptions } from "./options-object.ts";
import { type Read, readDuration, readNotNegative, readPositive, readWhole } from "./read.ts";
import type { ScenarioBuilder } from "./scenario.ts";

/** A part of the drive with a rate of its own. Exactly one of `rate` and `ratePerSecond` is given. */
export interface Stage {
  /** How long it lasts. */
  readonly for: Duration;
  /** Transactions per block at its beginning, from 0 on. */
  readonly rate?: number;
  /** The same, per second. */
  readonly ratePerSecond?: number;
  /** The rate that it climbs or falls to, evenly, until its end. Left out, the rate stays. */
  readonly to?: number;
}

/** Where transfers go, in percent. */
export interface TransferShares {
  readonly self?: number;
  readonly others?: number;
}

/** How many transactions must not pass, and why they must not. */
export interface InvalidShare {
  readonly percent: number;
  readonly kinds?: readonly InvalidKind[];
}

/** What `findLimit` searches for. */
export interface LimitOfRate {
  /** Share of the transactions that must be included in time, in percent: 1 to 99.9. */
  readonly percentile: number;
  /** The time, counted from the moment at which each was intended. */
  readonly within: Duration;
  /** Lowest rate that is tried, transactions per block (or per second). */
  readonly from: number;
  /** Highest rate that is tried. */
  readonly to: number;
  /** What the rates count by; `"block"` by default. */
  readonly per?: RateUnit;
  /** How near the ends of the answer must be, as a part of the lower one, 0.01 to 1; 0.1 by default. */
  readonly precision?: number;
  /** Probability that the limit lies between them, 0.5 to 0.999; 0.95 by default. */
  readonly confidence?: number;
  /** How long a rate is kept before its transactions count; `within / precision` by default. */
  readonly warmUp?: Duration;
  /** Fails the run when the limit is below this rate. Left out, any limit that was found passes. */
  readonly atLeast?: number;
}

const LIMIT_KEYS = [
  "percentile",
  "within",
  "from",
  "to",
  "per",
  "precision",
  "confidence",
  "warmUp",
  "atLeast",
] as const;
const STAGE_KEYS = ["for", "rate", "ratePerSecond", "to"] as const;

/** Transfers between wallets, one in flight for each, at a rate that follows the chain's clock and not its answers. */
export class TransactionsBuilder {
  readonly #draft: Draft;
  readonly #piece: DraftPiece;
  readonly #scenario: ScenarioBuilder;
  /** The call that said how much is sent when. */
  #load: { readonly by: string; readonly at: Site } | undefined;

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
    const at = callSite(this.rate);
    if (!this.#isTheLoad("rate", at)) return this;
    return this.#option("rate", at, readPositive(`rate(${shown(perBlock)})`, perBlock));
  }

  /**
   * Transactions per second of the run's clock over the whole network, instead of `rate`. A profile that shortens slots
   * leaves it as it is.
   * @param perSecond above 0, fractions are fine. More than the wallets can carry is refused, as for `rate`.
   */
  ratePerSecond(perSecond: number): this {
    const at = callSite(this.ratePerSecond);
    if (!this.#isTheLoad("ratePerSecond", at)) return this;
    this.#piece.options["per"] = "second";
    return this.#option("rate", at, readPositive(`ratePerSecond(${shown(perSecond)})`, perSecond));
  }

  /**
   * Rates for one part of the drive after another, instead of `rate`. A stage keeps its rate, or changes it evenly `to`
   * another; the next one begins with its own. After the last, nothing more is sent. Stages that last longer than the
   * drive, and a stage with more than the wallets can carry, are refused.
   * @example txs.stages([{ for: "30s", rate: 1 }, { for: "60s", rate: 1, to: 10 }, { for: "30s", rate: 10 }])
   */
  stages(list: readonly Stage[]): this {
    const at = callSite(this.stages);
    if (!this.#isTheLoad("stages", at)) return this;
    const path = "workloads.transactions.options.stages";
    if (!Array.isArray(list) || list.length === 0) {
      const given = Array.isArray(list) ? "an empty list" : shown(list);
      const hint = 'Give it a list, such as [{ for: "30s", rate: 1 }, { for: "30s", rate: 10 }].';
      this.#draft.refuse(path, at, "NR-PLAN-VALUE", `stages(...) was given ${given}`, hint);
      return this;
    }
    this.#draft.wrote(path, at);
    this.#piece.options["stages"] = list.flatMap((stage, i) => this.#stage(`${path}.${i}`, i, stage, at) ?? []);
    return this;
  }

  /**
   * Searches the highest rate at which that percentile of the transactions is included in time, instead of sending at
   * one rate. Rates are tried one after another, each on a network that has got over the one before; the answer is an
   * interval, judged by the expectation `transaction-limit`. `plan` says how long the search may take. A range that the
   * wallets can't carry is refused, and so is a drive that is too short.
   * @example txs.users(250).findLimit({ percentile: 95, within: "10s", from: 1, to: 30, precision: 0.1 })
   */
  findLimit(limit: LimitOfRate): this {
    const at = callSite(this.findLimit);
    if (!this.#isTheLoad("findLimit", at)) return this;
    const path = "workloads.transactions.options.limit";
    const given = readOptions(this.#draft, path, "findLimit(...)", at, limit, LIMIT_KEYS);
    if (this.#draft.anyRefused([path])) return this;
    const { per = "block", atLeast, within, warmUp, ...plain } = given;
    const read: Record<string, Json> = Object.fromEntries(
      Object.entries(plain).filter(([, value]) => value !== undefined),
    );
    this.#draft.take(`${path}.withinMs`, at, readDuration("findLimit(...), within", within), (ms) => {
      read["withinMs"] = ms;
    });
    if (warmUp !== undefined) {
      this.#draft.take(`${path}.warmUpMs`, at, readDuration("findLimit(...), warmUp", warmUp), (ms) => {
        read["warmUpMs"] = ms;
      });
    }
    if (this.#draft.anyRefused([path])) return this;
    const findings = [...optionFindings(LimitOptionsSchema, read, path), ...optionFindings(RATE_UNIT, { per }, path)];
    for (const { code, message, hint, ...finding } of findings) {
      this.#draft.refuse(finding.path, at, code, `findLimit(...): ${message}`, hint);
    }
    if (findings.length > 0) return this;
    if (atLeast !== undefined) {
      const least = readPositive("findLimit(...), atLeast", atLeast);
      this.#draft.take(`${path}.atLeast`, at, least, (value) =>
        setExpectation(this.#draft, "transaction-limit", { atLeast: value }, at),
      );
    }
    this.#piece.options["per"] = per;
    return this.#option("limit", at, { value: read });
  }

  /**
   * How many of the wallets take part, from the first on.
   * @param count a whole number from 1, at most the number of wallets; all of them by default
   */
  users(count: number): this {
    return this.#option("users", callSite(this.users), readWhole(`users(${shown(count)})`, count, 1, MAX_WALLETS));
  }

  /**
   * Where transfers go: back to their wallet, or to another of the wallets that take part, drawn by chance.
   * @param shares in percent, together 100; `{ self: 100, others: 0 }` by default
   */
  mix(shares: TransferShares): this {
    const at = callSite(this.mix);
    const path = "workloads.transactions.options.othersPercent";
    const { self = 0, others = 0 } = readOptions(this.#draft, path, "mix(...)", at, shares, ["self", "others"]);
    if (!isPercent(self) || !isPercent(others) || Math.abs(self + others - 100) > 1e-9) {
      const message = `mix(...): self ${shown(self)} and others ${shown(others)} are not two shares that make 100 percent`;
      this.#draft.refuse(path, at, "NR-PLAN-VALUE", message, "Write shares such as { self: 80, others: 20 }.");
      return this;
    }
    return this.#option("othersPercent", at, { value: others });
  }

  /**
   * Transactions that must not pass, among the others. Each is offered to every running node, and has to be refused or
   * never included; one that a block holds fails `transaction-inclusion`.
   * @param options `percent` of the starts; `kinds` of invalid ones, which take turns: all of them by default
   */
  invalid(options: InvalidShare): this {
    const at = callSite(this.invalid);
    const path = "workloads.transactions.options.invalid";
    const given = readOptions(this.#draft, path, "invalid(...)", at, options, ["percent", "kinds"]);
    const { percent, kinds = [...INVALID_KINDS] } = given;
    if (!isPercent(percent)) {
      const message = `invalid(...): ${shown(percent)} is not a percentage from 0 to 100`;
      this.#draft.refuse(path, at, "NR-PLAN-VALUE", message, "Write invalid({ percent: 5 }).");
      return this;
    }
    const unknown = Array.isArray(kinds) ? kinds.filter((kind) => !INVALID_KINDS.includes(kind)) : [kinds];
    if (unknown.length > 0 || kinds.length === 0) {
      const named = unknown.length > 0 ? `there is no invalid kind ${shown(unknown[0])}` : "kinds is an empty list";
      const hint = `There are ${INVALID_KINDS.join(", ")}.`;
      this.#draft.refuse(path, at, "NR-PLAN-VALUE", `invalid(...): ${named}`, hint);
      return this;
    }
    return this.#option("invalid", at, { value: { percent, kinds: [...kinds] } });
  }

  /** Back to the scenario. Accepted, never needed. */
  apply(): ScenarioBuilder {
    return this.#scenario;
  }

  /** Whether no other call has said how much is sent when; else that is refused. */
  #isTheLoad(by: string, at: Site): boolean {
    const first = this.#load;
    this.#load ??= { by, at };
    if (!first || first.by === by) return true;
    this.#draft.refuse(
      "workloads.transactions.options.rate",
      at,
      "NR-PLAN-DUPLICATE",
      `${by}(...) says how much is sent when, and so does ${first.by}(...)`,
      "Leave one of them out.",
    );
    return false;
  }

  #stage(path: string, i: number, stage: Stage, at: Site): Json | undefined {
    const call = `stages(...), stage ${i + 1}`;
    const given = readOptions(this.#draft, path, call, at, stage, STAGE_KEYS);
    if ((given.rate === undefined) === (given.ratePerSecond === undefined)) {
      const has = given.rate === undefined ? "neither rate nor ratePerSecond" : "both rate and ratePerSecond";
      this.#draft.refuse(path, at, "NR-PLAN-VALUE", `${call} has ${has}`, "Give it one of them.");
      return undefined;
    }
    const per = given.rate === undefined ? "second" : "block";
    const read: Record<string, Json> = { per };
    const take = (key: string, value: Read<number>) =>
      this.#draft.take(`${path}.${key}`, at, value, (number) => {
        read[key] = number;
      });
    const rate = given.rate ?? given.ratePerSecond;
    take("forMs", readDuration(`${call}, for`, given.for));
    take("rate", readNotNegative(`${call}, ${per === "block" ? "rate" : "ratePerSecond"}`, rate));
    if (given.to !== undefined) take("to", readNotNegative(`${call}, to`, given.to));
    return this.#draft.anyRefused([path]) ? undefined : read;
  }

  #option(key: string, at: Site, read: Read<Json>): this {
    this.#draft.take(`workloads.transactions.options.${key}`, at, read, (value) => {
      this.#piece.options[key] = value;
    });
    return this;
  }
}

function isPercent(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 100;
}
