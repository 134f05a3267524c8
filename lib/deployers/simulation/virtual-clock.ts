import { setImmediate as macrotask } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import { CodedError } from "../../core/errors.ts";
import { EventQueue } from "./event-queue.ts";

/**
 * Time that only moves when it is told to. Events happen in the order of their time, and of two at one moment the
 * earlier scheduled first, so equal programs see equal histories.
 */
export class VirtualClock implements Clock {
  readonly #events = new EventQueue<() => void>();
  #now: number;
  #woken = false;

  /** @param start what the clock shows at first, in ms */
  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Runs `event` when the clock shows `time`, or next if that is past. */
  at(time: number, event: () => void): void {
    this.#events.push(Math.max(time, this.#now), event);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const aborted = () => reject(signal?.reason);
    signal?.addEventListener("abort", aborted, { once: true });
    this.at(this.#now + ms, () => {
      signal?.removeEventListener("abort", aborted);
      this.#woken = true;
      resolve();
    });
    return promise;
  }

  /** Says that an event settled a promise: code that awaits it runs before time moves on. For those who schedule events. */
  wake(): void {
    this.#woken = true;
  }

  /** Runs all events up to and at `time` without yielding: code that awaits a sleep goes on only after this returns. */
  runUntil(time: number): void {
    while (this.#events.nextTime() <= time) this.#step();
    this.#now = Math.max(this.#now, time);
  }

  /**
   * Moves time on until `work` has settled, letting asynchronous code run after each event that woke some.
   * @param limit latest time to go on to, in ms
   * @throws CodedError NR-CORE-DEADLINE when `work` is not settled by then or nothing is left that could settle it
   */
  async drive<T>(work: Promise<T>, limit: number): Promise<T> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    work.then(done, done);
    await macrotask();
    while (!settled && this.#events.nextTime() <= limit) {
      this.#step();
      if (this.#woken) await macrotask();
      this.#woken = false;
    }
    if (!settled) {
      const waits = this.#events.size === 0 ? "nothing is scheduled" : `${this.#events.size} events are scheduled`;
      throw new CodedError(
        "NR-CORE-DEADLINE",
        `asynchronous work was not done by ${formatDuration(limit)} of virtual time; last seen: ${waits} at ${formatDuration(this.#now)}`,
      );
    }
    return work;
  }

  #step(): void {
    this.#now = Math.max(this.#now, this.#events.nextTime());
    this.#events.pop()?.();
  }
}
