import type { Clock } from "../../core/clock.ts";

/** One of many deadlines. */
export interface Deadline {
  /** On the clock, ms. */
  readonly due: number;
  /** Told once, when the time has come. */
  late(): void;
}

/**
 * Deadlines of many exchanges with one timer for all of them: a timer and signals for each cost a tenth of what the
 * exchange does.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #pending = new Set<Deadline>();
  #wakesAt = Number.POSITIVE_INFINITY;
  #sleep = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param deadline told when it is due, unless `end` was called before */
  begin(deadline: Deadline): void {
    this.#pending.add(deadline);
    if (deadline.due < this.#wakesAt) this.#wakeAt(deadline.due);
  }

  /** The deadline was met. */
  end(deadline: Deadline): void {
    this.#pending.delete(deadline);
  }

  /** Forgets all of them and lets go of the timer. */
  stop(): void {
    this.#pending.clear();
    this.#wakesAt = Number.POSITIVE_INFINITY;
    this.#sleep.abort();
  }

  #wakeAt(due: number): void {
    this.#sleep.abort();
    this.#sleep = new AbortController();
    this.#wakesAt = due;
    this.#clock.sleep(Math.max(0, due - this.#clock.now()), this.#sleep.signal).then(
      () => this.#tell(),
      // Stopped, or replaced by an earlier one.
      () => undefined,
    );
  }

  #tell(): void {
    const now = this.#clock.now();
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const late = [...this.#pending].filter(({ due }) => due <= now);
    for (const deadline of late) {
      this.#pending.delete(deadline);
      deadline.late();
    }
    if (this.#pending.size > 0) this.#wakeAt(Math.min(...[...this.#pending].map(({ due }) => due)));
  }
}
