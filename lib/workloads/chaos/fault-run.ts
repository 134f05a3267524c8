import { formatDuration } from "../../core/duration.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import { type Look, waitFor } from "../../core/wait.ts";
import type { Service } from "../../model/node-kind.ts";
import type { RunContext } from "../../model/run-context.ts";
import { heldMs } from "../../plan/checks/faults.ts";
import type { PlannedFault } from "../../plan/faults/schedule.ts";
import { lookAtServices } from "../service-look.ts";
import type { Act } from "./act.ts";

/** How long an observer may look for the effect of an act that lasts no time, ms; five slots are added. */
const EFFECT_TIMEOUT_MS = 10_000;

/** How long nodes that make no blockchain may take to be well again, and the pause between two looks, ms. */
const SERVICE_TIMEOUT_MS = 60_000;
const SERVICE_LOOK_MS = 100;

/** What is on record of a fault that no observer had seen when the drive ended: what is seen after its end is not its effect. */
const NOT_IN_TIME = "the drive ended before any effect was seen";

/** Where a fault stands. */
type Phase = "planned" | "begun" | "ended" | "over";

/**
 * One fault, from the call that makes it to the network's recovery. What the call says counts for nothing: that it took
 * effect is read from the world and the nodes' own answers, that it healed from the feed's view of the nodes' chains.
 */
export class FaultRun {
  readonly planned: PlannedFault;
  readonly targets: readonly string[];
  /** Resolves when it is over, whatever came of it. */
  readonly over: Promise<void>;
  readonly #act: Act;
  readonly #finish: () => void;
  readonly #heldByOthers: () => ReadonlySet<string>;
  #phase: Phase = "planned";
  #effective = false;
  /** Whether it is on record that an effect was not seen. */
  #missed = false;
  #startedAt = 0;
  /** Canonical height that the nodes must pass. */
  #height = 0;
  /** What each node's own chain had come to: what it must pass where chains are to differ. */
  #ownHeights: ReadonlyMap<string, number> = new Map();

  /** @param heldByOthers nodes that other faults hold now: a chain that stands still is theirs then */
  constructor(
    planned: PlannedFault,
    targets: readonly string[],
    act: Act,
    heldByOthers: () => ReadonlySet<string> = () => new Set(),
  ) {
    this.planned = planned;
    this.targets = targets;
    this.#act = act;
    this.#heldByOthers = heldByOthers;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#finish = resolve;
  }

  /** Whether it was started and has not come to an end. */
  get isOpen(): boolean {
    return this.#phase === "begun" || this.#phase === "ended";
  }

  /** Nodes that it holds now: none before it has begun, and after it has ended. */
  held(ctx: RunContext): readonly string[] {
    return this.#phase === "begun" ? this.#act.affected(ctx) : [];
  }

  /** Makes the fault and sees it through. @throws CodedError what a control call threw, after recording it */
  async run(ctx: RunContext): Promise<void> {
    const { clock, events, signal } = ctx;
    this.#phase = "begun";
    this.#startedAt = clock.now();
    events.emit("fault.started", {
      fault: this.planned.fault,
      kind: this.planned.kind,
      target: this.targets.join(", "),
    });
    try {
      await this.#act.begin(ctx);
      await this.#hold(ctx);
      await this.#act.end?.(ctx);
      this.#ended(ctx);
    } catch (thrown) {
      signal.throwIfAborted();
      await this.#giveUp(ctx, errorText(thrown));
      throw thrown;
    }
    await this.#seeAfterwards(ctx);
  }

  /** Sees through what the end of the drive left open; what held was ended by the run. Rejects only when the signal aborts. */
  async seeThrough(ctx: RunContext): Promise<void> {
    if (this.#phase === "begun") this.#ended(ctx);
    await this.#seeAfterwards(ctx);
  }

  /** Waits until its time is over, and looks for its effect meanwhile. */
  async #hold(ctx: RunContext): Promise<void> {
    const { clock, plan, signal } = ctx;
    const held = this.planned.options ? heldMs(this.planned.options) : 0;
    const until = clock.now() + held;
    if (!this.#act.showsAfterEnd) await this.#awaitEffect(ctx, held || EFFECT_TIMEOUT_MS + 5 * plan.consensus.slotMs);
    await clock.sleep(Math.max(0, until - clock.now()), signal);
  }

  #ended({ events, feed }: RunContext): void {
    this.#phase = "ended";
    this.#height = feed.head().height;
    this.#ownHeights = new Map(feed.views().map(({ node, height }) => [node, height]));
    events.emit("fault.ended", { fault: this.planned.fault });
  }

  async #seeAfterwards(ctx: RunContext): Promise<void> {
    const { plan, signal } = ctx;
    if (this.#phase !== "ended") return;
    try {
      if (this.#act.showsAfterEnd && !this.#effective) {
        await this.#awaitEffect(ctx, EFFECT_TIMEOUT_MS + 5 * plan.consensus.slotMs);
      }
      if (this.#effective) await this.#awaitHealing(ctx);
      else if (!this.#missed) ctx.events.emit("fault.ineffective", { fault: this.planned.fault, seen: NOT_IN_TIME });
      this.#close();
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof CodedError)) throw thrown;
      await this.#giveUp(ctx, thrown.message);
    }
  }

  /** Records whether the effect was seen; one that was not is no error, for it is evidence. */
  async #awaitEffect(ctx: RunContext, timeoutMs: number): Promise<void> {
    const { clock, events, plan, signal } = ctx;
    const { fault, kind } = this.planned;
    try {
      const seen = await waitFor({
        clock,
        what: `an effect of the ${kind} of ${this.targets.join(", ")}`,
        timeoutMs,
        intervalMs: Math.min(100, plan.consensus.slotMs / 4),
        signal,
        look: () => this.#act.look(ctx),
      });
      this.#effective = true;
      events.emit("fault.effective", { fault, seen });
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof CodedError)) throw thrown;
      this.#missed = true;
      events.emit("fault.ineffective", { fault, seen: thrown.message });
    }
  }

  /**
   * Every node that it touched shows a chain above the height at which it ended, and the same as the others. Where there
   * is no chain, it is well again.
   */
  async #awaitHealing(ctx: RunContext): Promise<void> {
    const { clock, events, feed, nodeKind, plan, signal } = ctx;
    if (nodeKind.service) return this.#awaitService(ctx, nodeKind.service);
    const { slotMs } = plan.consensus;
    const diverges = plan.expectations.some(({ kind }) => kind === "divergence");
    // Nodes that were never started can't recover from anything: they are the business of the fault that has them join.
    const affected = this.#act.affected(ctx).filter((name) => wasStarted(ctx, name));
    const least = (name: string) => (diverges ? (this.#ownHeights.get(name) ?? -1) : this.#height);
    const height = await this.#unlessHeld(
      affected,
      (look: () => Look<number>) =>
        waitFor<number>({
          clock,
          what: `${affected.join(", ")} to move past height ${this.#height}${diverges ? "" : " on one chain"}`,
          timeoutMs: 30_000 + 20 * slotMs + (this.#act.backlogMs ?? 0),
          intervalMs: slotMs / 10,
          signal,
          look,
        }),
      () => {
        const views = new Map(feed.views().map((view) => [view.node, view]));
        const behind = affected.flatMap((name) => {
          const view = views.get(name);
          if (!view) return [`${name} shows no chain`];
          if (view.height <= least(name)) return [`${name} is at height ${view.height}`];
          return diverges || feed.isCanonical(view.tip) ? [] : [`${name} is on a branch of its own at ${view.height}`];
        });
        if (behind.length > 0) return { done: false, seen: behind.join("; ") };
        return { done: true, value: Math.min(...affected.map((name) => views.get(name)?.height ?? 0)) };
      },
    );
    const took = formatDuration(Math.round(clock.now() - this.#startedAt));
    const who = affected.length === 1 ? "its chain" : "their chain";
    events.emit("fault.healed", {
      fault: this.planned.fault,
      seen: `${who} moved to height ${height}, ${took} after the ${this.planned.kind} began`,
    });
  }

  /** Waits; begins a wait anew that came to nothing while another fault held one of the nodes. */
  async #unlessHeld<T>(
    affected: readonly string[],
    wait: (look: () => Look<T>) => Promise<T>,
    look: () => Look<T>,
  ): Promise<T> {
    for (;;) {
      let held = false;
      try {
        return await wait(() => {
          const others = this.#heldByOthers();
          held ||= affected.some((name) => others.has(name));
          return look();
        });
      } catch (thrown) {
        if (!held || !(thrown instanceof CodedError) || thrown.code !== "NR-CORE-DEADLINE") throw thrown;
      }
    }
  }

  async #awaitService(ctx: RunContext, service: Service): Promise<void> {
    const { clock, events, cluster, signal } = ctx;
    const affected = this.#act.affected(ctx);
    const seen = await waitFor({
      clock,
      what: `${affected.join(", ")} to be well again`,
      timeoutMs: SERVICE_TIMEOUT_MS,
      intervalMs: SERVICE_LOOK_MS,
      signal,
      look: () => lookAtServices({ service, cluster }, affected, signal),
    });
    const took = formatDuration(Math.round(clock.now() - this.#startedAt));
    const healed = `${seen}, ${took} after the ${this.planned.kind} began`;
    events.emit("fault.healed", { fault: this.planned.fault, seen: healed });
  }

  /** Records a fault that did not come to a good end: without effect if nothing of it can be seen. */
  async #giveUp(ctx: RunContext, why: string): Promise<void> {
    const { events } = ctx;
    const { fault } = this.planned;
    if (!this.#effective) {
      const look = await this.#act.look(ctx);
      if (look.done) events.emit("fault.effective", { fault, seen: look.value });
      this.#effective = look.done;
    }
    if (this.#effective) events.emit("fault.unhealed", { fault, seen: why });
    else events.emit("fault.ineffective", { fault, seen: why });
    this.#close();
  }

  #close(): void {
    this.#phase = "over";
    this.#finish();
  }
}

function wasStarted({ cluster }: RunContext, name: string): boolean {
  const node = cluster.node(name);
  return node.state === "running" || node.why !== undefined;
}
