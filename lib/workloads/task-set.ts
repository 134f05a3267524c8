/**
 * Work that goes on beside the main line of a workload. A piece that ends because the set's signal aborted ends quietly;
 * one that rejects for another reason ends the whole workload.
 */
export class TaskSet {
  readonly #signal: AbortSignal;
  readonly #tasks = new Set<Promise<void>>();
  readonly #failure = Promise.withResolvers<never>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    // Whoever awaits `within` is told; without one there is nobody to tell.
    this.#failure.promise.catch(() => undefined);
  }

  add(work: Promise<void>): void {
    const task = work
      .catch((thrown: unknown) => {
        if (!this.#signal.aborted) this.#failure.reject(thrown);
      })
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  /**
   * Waits for the main line and then for every piece of work beside it.
   * @throws what the first of them to fail threw; nothing when they ended because of the signal
   */
  async within(main: Promise<void>): Promise<void> {
    try {
      await Promise.race([main, this.#failure.promise]);
    } catch (thrown) {
      if (!this.#signal.aborted) throw thrown;
    }
    while (this.#tasks.size > 0) await Promise.race([Promise.all(this.#tasks), this.#failure.promise]);
  }
}
