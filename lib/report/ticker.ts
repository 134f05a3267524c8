import type { Clock } from "../core/clock.ts";

/** Calls `act` every `intervalMs` until the returned function is called. */
export function every(clock: Clock, intervalMs: number, act: () => void): () => void {
  const stop = new AbortController();
  const loop = async () => {
    for (;;) {
      await clock.sleep(intervalMs, stop.signal);
      act();
    }
  };
  loop().catch((thrown: unknown) => {
    // The sleep rejects when the ticker is stopped, which is how it ends; anything else is a fault of `act`.
    if (!stop.signal.aborted) throw thrown;
  });
  return () => stop.abort();
}
