/**
 * The only source of time and of waiting. Code that waits takes a clock; the system's is in `lib/host`, the
 * simulation's is virtual.
 */
export interface Clock {
  /** Milliseconds on this clock; monotonic, with an origin of the clock's choosing. */
  now(): number;
  /**
   * Resolves after `ms`. Rejects with the signal's reason when `signal` aborts first.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
