import { formatDuration } from "../../core/duration.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import { type Look, waitFor } from "../../core/wait.ts";
import type { RunContext } from "../../model/run-context.ts";

/** How long an observer may look for a new process after the call that restarted the node returned, ms. */
const EFFECT_TIMEOUT_MS = 10_000;
/** How long one question to a node that comes back may take. */
const CALL_TIMEOUT_MS = 2_000;

/** Where a restart stands. */
type Phase = "planned" | "started" | "effective" | "over";

/**
 * One restart, from the call to the node's recovery. What the call says counts for nothing: that it took effect is read
 * from the process and the node's own answers, that it healed from the feed's view of the node's chain.
 */
export class RestartFault {
  readonly fault: string;
  readonly target: string;
  #phase: Phase = "planned";
  /** Identity of the process that is to be replaced. */
  #before: string | null = null;
  /** Canonical height that the node must pass. */
  #height = 0;
  #startedAt = 0;

  constructor(fault: string, target: string) {
    this.fault = fault;
    this.target = target;
  }

  /** Whether it was started and has not come to an end. */
  get isOpen(): boolean {
    return this.#phase === "started" || this.#phase === "effective";
  }

  /** Restarts the node and sees it through. @throws CodedError what the control call threw, after recording it */
  async run(ctx: RunContext): Promise<void> {
    const { cluster, clock, events, signal } = ctx;
    this.#phase = "started";
    this.#startedAt = clock.now();
    events.emit("fault.started", { fault: this.fault, kind: "restart", target: this.target });
    this.#before = (await cluster.observe(this.target)).identity;
    try {
      await cluster.control.restart(this.target, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      await this.#giveUp(ctx, errorText(thrown));
      throw thrown;
    }
    await this.seeThrough(ctx);
  }

  /** Waits for what has not been seen of an open fault, and records it. Rejects only when the signal aborts. */
  async seeThrough(ctx: RunContext): Promise<void> {
    try {
      if (this.#phase === "started") await this.#awaitEffect(ctx);
      if (this.#phase === "effective") await this.#awaitHealing(ctx);
    } catch (thrown) {
      ctx.signal.throwIfAborted();
      if (!(thrown instanceof CodedError)) throw thrown;
      await this.#giveUp(ctx, thrown.message);
    }
  }

  async #awaitEffect(ctx: RunContext): Promise<void> {
    const { clock, events, feed, plan, signal } = ctx;
    const { slotMs } = plan.consensus;
    const seen = await waitFor({
      clock,
      what: `a new process of ${this.target} that answers`,
      timeoutMs: EFFECT_TIMEOUT_MS + 5 * slotMs,
      intervalMs: Math.min(100, slotMs / 4),
      signal,
      look: () => this.#lookForEffect(ctx),
    });
    this.#height = feed.head().height;
    this.#phase = "effective";
    events.emit("fault.effective", { fault: this.fault, seen });
  }

  async #lookForEffect({ cluster, signal }: RunContext): Promise<Look<string>> {
    const { alive, identity } = await cluster.observe(this.target);
    if (!alive) return { done: false, seen: "there is no process" };
    if (identity === this.#before) return { done: false, seen: `the process is the old one, ${identity}` };
    const replaced = `${identity} in place of ${this.#before ?? "none"}`;
    const node = cluster.node(this.target);
    if (node.state === "stopped") return { done: false, seen: `${replaced}, which has ended` };
    try {
      const { height } = await node.client.info({ timeoutMs: CALL_TIMEOUT_MS, signal });
      return { done: true, value: `${replaced}; it answers at height ${height}` };
    } catch (thrown) {
      signal.throwIfAborted();
      return { done: false, seen: `${replaced}; ${errorText(thrown)}` };
    }
  }

  async #awaitHealing(ctx: RunContext): Promise<void> {
    const { clock, events, feed, plan, signal } = ctx;
    const { slotMs } = plan.consensus;
    const height = await waitFor<number>({
      clock,
      what: `${this.target} to move past height ${this.#height}`,
      timeoutMs: 30_000 + 20 * slotMs,
      intervalMs: slotMs / 10,
      signal,
      look: () => {
        const view = feed.views().find(({ node }) => node === this.target);
        if (view && view.height > this.#height) return { done: true, value: view.height };
        return { done: false, seen: view ? `it is at height ${view.height}` : "it shows no chain" };
      },
    });
    this.#phase = "over";
    const took = formatDuration(Math.round(clock.now() - this.#startedAt));
    events.emit("fault.healed", {
      fault: this.fault,
      seen: `its chain moved to height ${height}, ${took} after the restart began`,
    });
  }

  /** Records a fault that did not come to a good end: without effect if the old process is still there. */
  async #giveUp({ cluster, events }: RunContext, why: string): Promise<void> {
    const { alive, identity } = await cluster.observe(this.target);
    const untouched = this.#phase === "started" && alive && identity === this.#before;
    if (untouched) {
      events.emit("fault.ineffective", { fault: this.fault, seen: why });
    } else {
      if (this.#phase === "started") {
        const seen = alive
          ? `${identity} in place of ${this.#before ?? "none"}`
          : `${this.#before ?? "the process"} is gone`;
        events.emit("fault.effective", { fault: this.fault, seen });
      }
      events.emit("fault.unhealed", { fault: this.fault, seen: why });
    }
    this.#phase = "over";
  }
}
