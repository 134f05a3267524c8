import type { Clock } from "../core/clock.ts";

/**
 * The same clock with its origin moved to now: the run's clock, 0 at the start of the run. A clock that shows 0 is given
 * back as it is.
 */
export function startRunClock(clock: Clock): Clock {
  const origin = clock.now();
  if (origin === 0) return clock;
  return { now: () => clock.now() - origin, sleep: (ms, signal) => clock.sleep(ms, signal) };
}
