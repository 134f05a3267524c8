/**
 * What to tell when a signal aborts, with one listener for all that wait for it: a signal looks through its listeners
 * whenever one comes or goes, and a run's has one for each of thousands of requests.
 */
export class Interruptions {
  readonly #waiting = new Map<AbortSignal, Set<() => void>>();

  /** @param tell called once when the signal aborts, unless `end` was called before */
  begin(signal: AbortSignal, tell: () => void): void {
    const waiting = this.#waiting.get(signal) ?? this.#listen(signal);
    waiting.add(tell);
  }

  end(signal: AbortSignal, tell: () => void): void {
    const waiting = this.#waiting.get(signal);
    waiting?.delete(tell);
    if (waiting?.size !== 0) return;
    this.#waiting.delete(signal);
    signal.removeEventListener("abort", this.#aborted);
  }

  #listen(signal: AbortSignal): Set<() => void> {
    const waiting = new Set<() => void>();
    this.#waiting.set(signal, waiting);
    signal.addEventListener("abort", this.#aborted, { once: true });
    return waiting;
  }

  readonly #aborted = (event: Event): void => {
    const signal = event.currentTarget as AbortSignal;
    const waiting = this.#waiting.get(signal) ?? [];
    this.#waiting.delete(signal);
    for (const tell of waiting) tell();
  };
}
