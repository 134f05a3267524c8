import type { Random } from "../../core/random.ts";
import { waitFor } from "../../core/wait.ts";
import type { HeadChange } from "../../model/feed.ts";
import type { RunContext } from "../../model/run-context.ts";
import type { Workload } from "../../model/workload.ts";
import { loadStages } from "../../plan/load.ts";
import type { TransactionsOptions } from "../../plan/transactions-options.ts";
import { blockIntervalMs } from "../cadence.ts";
import { acceptance, offerTx } from "../offer.ts";
import { OpenLoop, type PlannedStart } from "../open-loop.ts";
import { staged, steady } from "../schedule.ts";
import { TaskSet } from "../task-set.ts";
import { Content } from "./content.ts";
import type { Transfer } from "./lane.ts";
import { Lanes } from "./lanes.ts";
import { LimitDriver, type Stretch } from "./limit-driver.ts";
import { Probe } from "./probe.ts";
import { signingAhead, signsBeside, whileSigning } from "./signing.ts";

/** Transfers of wallets' notes, at a steady rate or by stages. */
export class TransactionsWorkload implements Workload {
  readonly name: string;
  readonly #options: TransactionsOptions;
  #lanes: Lanes | undefined;

  constructor(name: string, options: TransactionsOptions) {
    this.name = name;
    this.#options = options;
  }

  async start(ctx: RunContext): Promise<void> {
    const { users, rate, per, stages, limit } = this.#options;
    const interval = blockIntervalMs(ctx.plan, ctx.nodeKind);
    const wallets = ctx.wallets.slice(0, users ?? ctx.wallets.length);
    const ahead = await signingAhead(this.#options, ctx, wallets, interval);
    const lanes = new Lanes(wallets, ctx.plan.consensus.k, ahead, signsBeside(this.#options, ctx, interval));
    this.#lanes = lanes;
    const sender = new Sender(this.name, ctx, lanes);
    const content = new Content(this.#options, lanes, ctx);
    const probe = new Probe(this.name, ctx);
    const loopOver = (stretch: Stretch, search?: LimitDriver) =>
      new OpenLoop({
        clock: ctx.clock,
        ...stretch,
        patienceMs: ctx.plan.consensus.slotMs,
        plan: (start) => {
          ctx.events.emit("tx.planned", { workload: this.name, ...start });
          search?.planned(start);
        },
        begin: (start) => {
          const invalid = content.invalid(start.n);
          if (invalid !== null) {
            sender.beside(probe.send(start, invalid));
            search?.forget(start);
          } else if (!sender.begin(start, content)) {
            return `no wallet is free: all ${wallets.length} have a transaction outside the chain`;
          }
          return null;
        },
        miss: (start, why, generator) =>
          ctx.events.emit("tx.missed", { workload: this.name, ...start, why, ...(generator && { generator }) }),
      });
    if (limit !== null) {
      let loop: OpenLoop | undefined;
      const search: LimitDriver = new LimitDriver({
        workload: this.name,
        ctx,
        limit,
        per,
        blockIntervalMs: interval,
        lanes,
        async send(stretch, signal) {
          loop = loopOver(stretch, search);
          try {
            await loop.run(signal);
          } catch (thrown) {
            if (!signal.aborted) throw thrown;
          }
          return loop.intended;
        },
      });
      await sender.during(
        () => whileSigning(ahead, () => search.run()),
        (change) => {
          loop?.dispatch();
          search.moved(change);
        },
      );
      return;
    }
    const loop = loopOver({
      first: 0,
      from: ctx.clock.now(),
      until: ctx.driveEnds,
      schedule:
        stages.length > 0
          ? staged(loadStages(this.#options), interval)
          : steady((per === "block" ? interval : 1_000) / rate),
    });
    await sender.during(
      () => whileSigning(ahead, () => loop.run(ctx.signal)),
      () => loop.dispatch(),
    );
  }

  /** Sends again what got lost, until the chain has all that was sent. */
  async settle(ctx: RunContext): Promise<void> {
    const lanes = this.#lanes;
    if (!lanes) return;
    const sender = new Sender(this.name, ctx, lanes);
    await sender.during(
      async () => {
        lanes.resync(ctx.feed);
        for (const transfer of lanes.underWay()) if (!transfer.accepted) sender.send(transfer);
        const { slotMs, k } = ctx.plan.consensus;
        await waitFor({
          clock: ctx.clock,
          what: "every transaction to be in the chain",
          // The stage's own deadline is the one that counts; this one is only never to wait for ever.
          timeoutMs: 120_000 + 20 * k * slotMs,
          intervalMs: slotMs / 4,
          signal: ctx.signal,
          look() {
            const left = lanes.underWay();
            if (left.length === 0) return { done: true, value: undefined };
            return { done: false, seen: `${left.length} are not, the first of them ${left[0]?.tx}` };
          },
        });
      },
      () => undefined,
    );
  }
}

/** Offers transfers to nodes, and again when the chain or a node's memory lost them. */
class Sender {
  readonly #workload: string;
  readonly #ctx: RunContext;
  readonly #lanes: Lanes;
  readonly #random: Random;
  readonly #tasks: TaskSet;

  constructor(workload: string, ctx: RunContext, lanes: Lanes) {
    this.#workload = workload;
    this.#ctx = ctx;
    this.#lanes = lanes;
    this.#random = ctx.random("nodes");
    this.#tasks = new TaskSet(ctx.signal);
  }

  /** Follows the chain while `main` runs. `moved` is told after each move of the chain. */
  async during(main: () => Promise<void>, moved: (change: HeadChange) => void): Promise<void> {
    const unsubscribe = this.#ctx.feed.subscribe((change) => {
      this.#follow(change);
      moved(change);
    });
    try {
      await this.#tasks.within(main());
    } finally {
      unsubscribe();
    }
  }

  /** Starts a transaction if a wallet is free for it. */
  begin(start: PlannedStart, content: Content): boolean {
    const free = this.#lanes.take(this.#ctx.feed.head().height);
    if (!free) return false;
    this.send(this.#lanes.open(free.lane, start, content.recipient(free.lane)));
    return true;
  }

  /** Goes on beside the transfers until the stage ends. */
  beside(work: Promise<void>): void {
    this.#tasks.add(work);
  }

  #follow(change: HeadChange): void {
    for (const transfer of this.#lanes.follow(change)) this.send(transfer);
    for (const transfer of this.#lanes.overdue(this.#ctx.feed.head().height)) this.send(transfer);
  }

  /** Offers a transfer to nodes in the background, unless that is being done. */
  send(transfer: Transfer): void {
    if (transfer.offering) return;
    transfer.offering = true;
    this.#tasks.add(this.#offer(transfer));
  }

  async #offer(transfer: Transfer): Promise<void> {
    const { events, feed, signal } = this.#ctx;
    const { tx, n, intended } = transfer;
    let asked = 0;
    try {
      if (transfer.ready) await transfer.ready;
      const taken = await offerTx(
        this.#ctx,
        this.#random,
        {
          tx: transfer.signed,
          avoid: transfer.node,
          submitting: (name) => {
            asked++;
            events.emit("tx.submitted", { workload: this.#workload, n, tx, node: name, intended });
          },
          refused: (name, reason, final) => events.emit("tx.refused", { tx, node: name, reason, final }),
        },
        signal,
      );
      if (taken) {
        events.emit("tx.accepted", acceptance(tx, taken.node, taken.duplicate));
        transfer.accepted = true;
        transfer.node = taken.node;
      } else if (!transfer.accepted && transfer.height === null) {
        this.#lanes.withdraw(transfer);
        const why = "no node was running to take it";
        if (asked === 0) events.emit("tx.missed", { workload: this.#workload, n, intended, why });
      }
      transfer.offeredAt = feed.head().height;
    } finally {
      transfer.offering = false;
    }
  }
}
