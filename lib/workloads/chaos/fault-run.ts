import { formatDuration } from "../../core/duration.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import { waitFor } from "../../core/wait.ts";
import type { RunContext } from "../../model/run-context.ts";
import { heldMs } from "../../plan/checks/faults.ts";
import type { PlannedFault } from "../../plan/faults/schedule.ts";
import type { Act } from "./act.ts";

/** How long an observer may look for the effect of an act that lasts no time, ms; five slots are added. */
const EFFECT_TIMEOUT_MS = 10_000;

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
  #phase: Phase = "planned";
  #effective = false;
  #startedAt = 0;
  /** Canonical height that the nodes must pass. */
  #height = 0;

  constructor(planned: PlannedFault, targets: readonly string[], act: Act) {
    this.planned = planned;
    this.targets = targets;
    this.#act = act;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#finish = resolve;
  }

  /** Whether it was started and has not come to an end. */
  get isOpen(): boolean {
    return this.#phase === "begun" || this.#phase === "ended";
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
      events.emit("fault.ineffective", { fault, seen: thrown.message });
    }
  }

  /** Every node that it touched shows a chain above the height at which it ended, and the same as the others. */
  async #awaitHealing(ctx: RunContext): Promise<void> {
    const { clock, events, feed, plan, signal } = ctx;
    const { slotMs } = plan.consensus;
    const diverges = plan.expectations.some(({ kind }) => kind === "divergence");
    const affected = this.#act.affected(ctx);
    const height = await waitFor<number>({
      clock,
      what: `${affected.join(", ")} to move past height ${this.#height}${diverges ? "" : " on one chain"}`,
      timeoutMs: 30_000 + 20 * slotMs + (this.#act.backlogMs ?? 0),
      intervalMs: slotMs / 10,
      signal,
      look: () => {
        const views = new Map(feed.views().map((view) => [view.node, view]));
        const behind = affected.flatMap((name) => {
          const view = views.get(name);
          if (!view) return [`${name} shows no chain`];
          if (view.height <= this.#height) return [`${name} is at height ${view.height}`];
          return diverges || feed.isCanonical(view.tip) ? [] : [`${name} is on a branch of its own at ${view.height}`];
        });
        if (behind.length > 0) return { done: false, seen: behind.join("; ") };
        return { done: true, value: Math.min(...affected.map((name) => views.get(name)?.height ?? 0)) };
      },
    });
    const took = formatDuration(Math.round(clock.now() - this.#startedAt));
    const who = affected.length === 1 ? "its chain" : "their chain";
    events.emit("fault.healed", {
      fault: this.planned.fault,
      seen: `${who} moved to height ${height}, ${took} after the ${this.planned.kind} began`,
    });
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
