import type { Clock } from "../../../core/clock.ts";

/** The pause after the first failed attempt; it doubles up to the longest. */
const SHORTEST_MS = 100;
const LONGEST_MS = 2_000;

/** When to dial a peer again after it couldn't be reached. */
export class Redial {
  readonly #clock: Clock;
  readonly #closed: AbortSignal;
  readonly #dial: (peer: string) => void;
  readonly #pause = new Map<string, number>();
  /** Counts what was decided about a peer, so that a plan that was overtaken is dropped. */
  readonly #plan = new Map<string, number>();

  constructor(clock: Clock, closed: AbortSignal, dial: (peer: string) => void) {
    this.#clock = clock;
    this.#closed = closed;
    this.#dial = dial;
  }

  /**
   * Plans the next attempt where the peer is to be kept connected.
   * @returns whether this is the first failure since the pauses were short
   */
  failed(peer: string, keep: boolean): boolean {
    const last = this.#pause.get(peer);
    const pause = last === undefined ? SHORTEST_MS : Math.min(2 * last, LONGEST_MS);
    if (keep) {
      this.#pause.set(peer, pause);
      void this.#later(peer, pause);
    }
    return last === undefined;
  }

  /** Drops the plan to dial. The pauses go on where they were until {@link now}: a success may be a short one. */
  succeeded(peer: string): void {
    this.#newPlan(peer);
  }

  /** Dials at once and starts over with short pauses. */
  now(peer: string): void {
    this.#newPlan(peer);
    this.#pause.delete(peer);
    this.#dial(peer);
  }

  #newPlan(peer: string): number {
    const plan = (this.#plan.get(peer) ?? 0) + 1;
    this.#plan.set(peer, plan);
    return plan;
  }

  async #later(peer: string, ms: number): Promise<void> {
    const plan = this.#newPlan(peer);
    try {
      await this.#clock.sleep(ms, this.#closed);
    } catch {
      // The transport was closed: nobody is to be dialled any more.
      return;
    }
    if (this.#plan.get(peer) === plan) this.#dial(peer);
  }
}
