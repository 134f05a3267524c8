import { setImmediate as macrotask } from "node:timers/promises";
import { formatDuration } from "../../core/duration.ts";
import { CodedError } from "../../core/errors.ts";
import { systemClock } from "../../host/system-clock.ts";
import type { SimulatedTime } from "../../model/deployer.ts";
import { EventQueue } from "./event-queue.ts";

/** Real time that work is given when no virtual time can settle it. */
const GRACE_MS = 2_000;

/**
 * Time that only moves when it is told to. Events happen in the order of their time, and of two at one moment the
 * earlier scheduled first, so equal programs see equal histories.
 */
export class VirtualClock implements SimulatedTime {
  readonly #events = new EventQueue<() => void>();
  #now: number;
  #woken = false;
  /** Work that real time is given for while virtual time stands still. */
  readonly #outside = new Set<Promise<unknown>>();

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
    let over = false;
    const aborted = () => {
      over = true;
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", aborted, { once: true });
    this.at(this.#now + ms, () => {
      if (over) return;
      signal?.removeEventListener("abort", aborted);
      this.#woken = true;
      resolve();
    });
    return promise;
  }

  /** Lets work with the real world, such as a file's writing, come to its end without any time passing. */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    const settled = running.then(
      () => undefined,
      () => undefined, // Whoever awaits the work is told.
    );
    this.#outside.add(settled);
    try {
      return await running;
    } finally {
      this.#outside.delete(settled);
    }
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
   * @throws CodedError NR-CORE-DEADLINE when `work` is not settled by then, or NR-SIM-OUTSIDE when nothing is scheduled
   *   that could settle it and real time did not either
   */
  async drive<T>(work: Promise<T>, limit = Number.POSITIVE_INFINITY): Promise<T> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    work.then(done, done);
    await this.#quiet();
    while (!settled && this.#events.nextTime() <= limit) {
      if (this.#events.size === 0) await this.#grace(work);
      else {
        this.#step();
        if (this.#woken) await this.#quiet();
      }
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

  /** Lets asynchronous code run until it waits for time again. */
  async #quiet(): Promise<void> {
    await macrotask();
    while (this.#outside.size > 0) {
      await Promise.all(this.#outside);
      await macrotask();
    }
    this.#woken = false;
  }

  /** With nothing scheduled only the real world can settle the work: it is given real time to do so. */
  async #grace(work: Promise<unknown>): Promise<void> {
    const cancel = new AbortController();
    const late = systemClock.sleep(GRACE_MS, cancel.signal).then(
      () => true,
      () => false, // Cancelled below, when the work was first.
    );
    const expired = await Promise.race([
      late,
      work.then(
        () => false,
        () => false,
      ),
    ]);
    cancel.abort();
    if (!expired || this.#events.size > 0) return;
    throw new CodedError(
      "NR-SIM-OUTSIDE",
      `nothing is left to happen at ${formatDuration(this.#now)} of virtual time, and work still waits`,
      { hint: "In a simulation everything waits by ctx.clock: real timers, sockets and files don't move its time." },
    );
  }

  #step(): void {
    this.#now = Math.max(this.#now, this.#events.nextTime());
    this.#events.pop()?.();
  }
}
