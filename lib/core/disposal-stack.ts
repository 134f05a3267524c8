/**
 * What is to be undone when a scope ends, last first: what `AsyncDisposableStack` is, which Node 22 doesn't have.
 * For `await using`.
 */
export class DisposalStack implements AsyncDisposable {
  readonly #steps: (() => void | Promise<void>)[] = [];

  /** Adds a step. */
  defer(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  /** Runs all steps, also after one that fails. @throws what the only failing step threw, or an AggregateError of all */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "several steps of a teardown failed");
  }
}
