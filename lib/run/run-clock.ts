import type { Clock } from "../core/clock.ts";

/** The same clock with its origin moved to now: the run's clock, 0 at the start of the run. */
export function startRunClock(clock: Clock): Clock {
  const origin = clock.now();
  return { now: () => clock.now() - origin, sleep: (ms, signal) => clock.sleep(ms, signal) };
}
