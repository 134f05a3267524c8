import { CodedError } from "../../core/errors.ts";
import { waitFor } from "../../core/wait.ts";
import { nextRate, type Probed, samplesNeeded } from "../../evidence/judgement/limit-search.ts";
import type { HeadChange } from "../../model/feed.ts";
import type { RunContext } from "../../model/run-context.ts";
import type { LimitOptions } from "../../plan/limit-options.ts";
import { countedMs, drainMs, warmUpOf } from "../../plan/limit-times.ts";
import { ratePerMs } from "../../plan/load.ts";
import type { RateUnit } from "../../plan/transactions-options.ts";
import type { PlannedStart } from "../open-loop.ts";
import { type Schedule, steady } from "../schedule.ts";
import type { Lanes } from "./lanes.ts";
import { ProbeWatch } from "./probe-watch.ts";

/** A stretch of the generator's schedule. */
export interface Stretch {
  /** Number of its first start. */
  readonly first: number;
  readonly from: number;
  readonly until: number;
  readonly schedule: Schedule;
}

export interface LimitDriverOptions {
  readonly workload: string;
  readonly ctx: RunContext;
  readonly limit: LimitOptions;
  readonly per: RateUnit;
  readonly blockIntervalMs: number;
  readonly lanes: Lanes;
  /** Sends what a stretch intends, until it is over or the signal aborts. @returns how many starts it intended */
  send(stretch: Stretch, signal: AbortSignal): Promise<number>;
}

/**
 * Tries one rate after another: keeps it until the network would have fallen behind, counts, waits until the chain has
 * all that was sent, and goes on with the rate that the outcome asks for.
 */
export class LimitDriver {
  readonly #options: LimitDriverOptions;
  #watch: ProbeWatch | undefined;
  #stop = new AbortController();
  #samples = 0;

  constructor(options: LimitDriverOptions) {
    this.#options = options;
    this.#samples = samplesNeeded(options.limit);
  }

  planned(start: PlannedStart): void {
    this.#watch?.planned(start);
  }

  /** The start sends something that must not be included. */
  forget({ n }: PlannedStart): void {
    this.#watch?.forget(n);
  }

  /** The canonical chain moved. */
  moved({ added }: HeadChange): void {
    const { ctx, lanes } = this.#options;
    const watch = this.#watch;
    if (!watch) return;
    const now = ctx.clock.now();
    for (const { txs } of added) {
      for (const tx of txs) {
        const n = lanes.transfer(tx)?.n;
        if (n !== undefined) watch.included(n, now);
      }
    }
    if (watch.isLost(now, this.#samples)) this.#stop.abort(new TooMuch());
  }

  /** Searches until there is an answer, there can be none, or the drive leaves no time for another rate. */
  async run(): Promise<void> {
    const { limit } = this.#options;
    const done: Probed[] = [];
    let first = 0;
    for (let probe = 0; ; probe++) {
      const rate = nextRate(limit, done);
      if (rate === null) return;
      const tried = await this.#try(probe, rate, first);
      if (tried === null) return;
      done.push({ rate, outcome: tried.outcome });
      first += tried.starts;
      if (!tried.drained) return;
    }
  }

  /** @returns null when the drive leaves no time for it */
  async #try(probe: number, rate: number, first: number) {
    const { ctx, limit, per, workload } = this.#options;
    const { slotMs } = ctx.plan.consensus;
    const { chainStart } = ctx;
    const from = ctx.clock.now();
    const countFrom = from + warmUpOf(limit);
    const distance = 1 / ratePerMs(rate, per, this.#options.blockIntervalMs);
    const until = countFrom + countedMs(limit, 1 / distance, slotMs);
    if (until + limit.withinMs > ctx.driveEnds) return null;
    const watch = new ProbeWatch(limit, { chainStart, slotMs }, countFrom);
    this.#watch = watch;
    this.#stop = new AbortController();
    const signal = AbortSignal.any([ctx.signal, this.#stop.signal]);
    const starts = await this.#options.send({ first, from, until, schedule: steady(distance) }, signal);
    ctx.signal.throwIfAborted();
    // Of what was stopped, only starts count that had all of their time before the load went away.
    const countUntil = this.#stop.signal.aborted ? ctx.clock.now() - limit.withinMs : until;
    const drained = await this.#drained();
    ctx.events.emit("limit.probe", { workload, probe, rate, per, from, countFrom, countUntil, drained });
    this.#watch = undefined;
    return { outcome: watch.outcome(countUntil), drained, starts };
  }

  /** Whether the chain gets over what was sent, in the time that it may take. */
  async #drained(): Promise<boolean> {
    const { ctx, limit, lanes } = this.#options;
    const { slotMs } = ctx.plan.consensus;
    try {
      await waitFor({
        clock: ctx.clock,
        what: "the chain to have what was sent",
        timeoutMs: drainMs(limit, slotMs),
        intervalMs: slotMs / 4,
        signal: ctx.signal,
        look() {
          const left = lanes.underWay().length;
          return left === 0 ? { done: true, value: undefined } : { done: false, seen: `${left} are not` };
        },
      });
      return true;
    } catch (thrown) {
      if (thrown instanceof CodedError && thrown.code === "NR-CORE-DEADLINE") return false;
      throw thrown;
    }
  }
}

/** Why a stretch is cut short: the rate is known to be too much. */
class TooMuch extends CodedError {
  constructor() {
    super("NR-CORE-INTERRUPTED", "the rate is known to be too much");
  }
}
