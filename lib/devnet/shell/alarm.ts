import type { Clock } from "../../core/clock.ts";

/** One wake-up call at a time: setting it again replaces it. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #due = Number.POSITIVE_INFINITY;
  #armed: { readonly at: number; readonly cancel: AbortController } | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings once, `ms` from now. A timer that is armed for an earlier time is kept and then armed anew. */
  set(ms: number): void {
    this.#due = this.#clock.now() + ms;
    if (this.#armed && this.#armed.at <= this.#due) return;
    this.stop();
    this.#due = this.#clock.now() + ms;
    void this.#arm();
  }

  stop(): void {
    this.#armed?.cancel.abort();
    this.#armed = null;
    this.#due = Number.POSITIVE_INFINITY;
  }

  async #arm(): Promise<void> {
    const armed = { at: this.#due, cancel: new AbortController() };
    this.#armed = armed;
    try {
      await this.#clock.sleep(armed.at - this.#clock.now(), armed.cancel.signal);
    } catch {
      // The only rejection is our own: another alarm replaced this one, or none is wanted.
      return;
    }
    this.#armed = null;
    if (this.#due <= this.#clock.now()) this.#ring();
    else if (Number.isFinite(this.#due)) void this.#arm();
  }
}
