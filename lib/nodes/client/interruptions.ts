/** What an abort ends. */
export interface Interruptible {
  interrupted(): void;
}

/**
 * What to tell when a signal aborts, with one listener for all that wait for it: a signal looks through its listeners
 * whenever one comes or goes, and a run's has one for each of thousands of requests.
 */
export class Interruptions {
  readonly #waiting = new Map<AbortSignal, Set<Interruptible>>();

  /** @param one told once when the signal aborts, unless `end` was called before */
  begin(signal: AbortSignal, one: Interruptible): void {
    const waiting = this.#waiting.get(signal) ?? this.#listen(signal);
    waiting.add(one);
  }

  end(signal: AbortSignal, one: Interruptible): void {
    const waiting = this.#waiting.get(signal);
    waiting?.delete(one);
    if (waiting?.size !== 0) return;
    this.#waiting.delete(signal);
    signal.removeEventListener("abort", this.#aborted);
  }

  #listen(signal: AbortSignal): Set<Interruptible> {
    const waiting = new Set<Interruptible>();
    this.#waiting.set(signal, waiting);
    signal.addEventListener("abort", this.#aborted, { once: true });
    return waiting;
  }

  readonly #aborted = (event: Event): void => {
    const signal = event.currentTarget as AbortSignal;
    const waiting = this.#waiting.get(signal) ?? [];
    this.#waiting.delete(signal);
    for (const one of waiting) one.interrupted();
  };
}
