import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import type { Schedule } from "./schedule.ts";

/** One start of a schedule. */
export interface PlannedStart {
  /** From 0. */
  readonly n: number;
  /** The time that the schedule gives it, ms on the run's clock. */
  readonly intended: number;
}

export interface OpenLoopOptions {
  readonly clock: Clock;
  /** Time of start 0. */
  readonly from: number;
  /** No start is intended at this time or later. */
  readonly until: number;
  /** When each start is intended, counted from `from`. */
  readonly schedule: Schedule;
  /** A start that can't be made within this time of its intended one is given up. */
  readonly patienceMs: number;
  /** Told of each start at its time. */
  plan(start: PlannedStart): void;
  /** Makes a start. @returns null when it was made, else what it has to wait for */
  begin(start: PlannedStart): string | null;
  /** Told of each start that was given up. */
  miss(start: PlannedStart, why: string): void;
}

/**
 * A load generator that keeps its schedule whatever the system under test does: starts are intended at fixed times, one
 * that can't be made waits for at most `patienceMs`, and none is put off because an earlier one was slow (an open loop;
 * a closed one would slow down with the system and hide its worst latencies).
 */
export class OpenLoop {
  readonly #options: OpenLoopOptions;
  readonly #waiting: { readonly start: PlannedStart; lacks: string | null }[] = [];

  constructor(options: OpenLoopOptions) {
    this.#options = options;
  }

  /** Goes through the schedule, and returns when it is over. Rejects with the signal's reason when that aborts first. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, from, until, schedule, plan } = this.#options;
    for (let n = 0, intended = from + schedule(0); intended < until; intended = from + schedule(++n)) {
      const start = { n, intended };
      const early = start.intended - clock.now();
      if (early > 0) await clock.sleep(early, signal);
      plan(start);
      this.#waiting.push({ start, lacks: null });
      this.dispatch();
    }
    const left = until - clock.now();
    if (left > 0) await clock.sleep(left, signal);
    this.dispatch();
  }

  /** Makes the starts that wait, oldest first, as far as they can be made now. To be called when something became free. */
  dispatch(): void {
    const { clock, patienceMs, begin, miss } = this.#options;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const lateMs = clock.now() - next.start.intended;
      if (lateMs > patienceMs) {
        miss(next.start, next.lacks ?? `the generator itself came ${formatDuration(lateMs)} late`);
      } else {
        next.lacks = begin(next.start);
        if (next.lacks !== null) return;
      }
      this.#waiting.shift();
    }
  }
}
