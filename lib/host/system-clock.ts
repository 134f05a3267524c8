import type { Clock } from "../core/clock.ts";

/** The longest delay that a timer takes (2^31 - 1 ms); longer sleeps are made of several. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's monotonic clock. Its origin is the start of this process. */
export const systemClock: Clock = {
  now: () => performance.now(),

  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const due = performance.now() + ms;
      let timer: ReturnType<typeof setTimeout>;
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const arm = () => {
        const left = due - performance.now();
        if (left > 0) {
          // Timers count whole milliseconds of a truncated loop time and may fire early.
          timer = setTimeout(arm, Math.min(Math.ceil(left), LONGEST_TIMER_MS));
          return;
        }
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      if (ms > 0) arm();
      else timer = setTimeout(arm, 0);
    });
  },
};

/** Wall time in ms since 1970. It may jump: only for what people or other machines read, never for measuring. */
export function wallNow(): number {
  return Date.now();
}
