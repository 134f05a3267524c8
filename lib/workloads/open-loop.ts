import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import type { Schedule } from "./schedule.ts";

/** Starts that a loop which came late makes up for before answers and blocks that came meanwhile are looked at. */
const MOST_IN_A_ROW = 32;

/** One start of a schedule. */
export interface PlannedStart {
  /** From 0, or from where an earlier schedule ended. */
  readonly n: number;
  /** The time that the schedule gives it, ms on the run's clock. */
  readonly intended: number;
}

export interface OpenLoopOptions {
  readonly clock: Clock;
  /** Time of start 0. */
  readonly from: number;
  /** Number of start 0, where numbers go on from an earlier schedule; 0 by default. */
  readonly first?: number;
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
  /** Told of each start that was given up. `byGenerator` when it lacked nothing but the generator's own time. */
  miss(start: PlannedStart, why: string, byGenerator: boolean): void;
}

/**
 * A load generator that keeps its schedule whatever the system under test does: starts are intended at fixed times, one
 * that can't be made waits for at most `patienceMs`, and none is put off because an earlier one was slow (an open loop;
 * a closed one would slow down with the system and hide its worst latencies).
 */
export class OpenLoop {
  readonly #options: OpenLoopOptions;
  readonly #waiting: PlannedStart[] = [];
  /** What the first that waits lacks, and so all behind it; null when nothing waits for anything. */
  #lacks: string | null = null;
  #intended = 0;

  constructor(options: OpenLoopOptions) {
    this.#options = options;
  }

  /** How many starts were intended so far. */
  get intended(): number {
    return this.#intended;
  }

  /**
   * Goes through the schedule, and returns when it is over; starts that still wait then are given up. Rejects with the
   * signal's reason when that aborts first.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, from, until, schedule, plan, first = 0 } = this.#options;
    try {
      let inARow = 0;
      for (let at = from + schedule(0); at < until; at = from + schedule(this.#intended)) {
        const early = at - clock.now();
        if (early > 0 || ++inARow >= MOST_IN_A_ROW) {
          await clock.sleep(Math.max(0, early), signal);
          inARow = 0;
        }
        const start = { n: first + this.#intended++, intended: at };
        plan(start);
        this.#waiting.push(start);
        this.dispatch();
      }
      const left = until - clock.now();
      if (left > 0) await clock.sleep(left, signal);
      this.dispatch();
    } finally {
      for (const start of this.#waiting.splice(0)) this.#miss(start, "its time was over");
    }
  }

  /** Makes the starts that wait, oldest first, as far as they can be made now. To be called when something became free. */
  dispatch(): void {
    const { clock, patienceMs, begin } = this.#options;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const lateMs = clock.now() - next.intended;
      if (lateMs > patienceMs) {
        this.#miss(next, `the generator itself came ${formatDuration(lateMs)} late`);
      } else {
        this.#lacks = begin(next);
        if (this.#lacks !== null) return;
      }
      this.#waiting.shift();
    }
    this.#lacks = null;
  }

  /** @param otherwise why, where it lacked nothing */
  #miss(start: PlannedStart, otherwise: string): void {
    this.#options.miss(start, this.#lacks ?? otherwise, this.#lacks === null);
  }
}
