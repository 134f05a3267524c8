import type { Clock } from "../core/clock.ts";
import { CodedError, errorText } from "../core/errors.ts";
import { withDeadline } from "../core/wait.ts";

interface Step {
  readonly title: string;
  readonly undo: (signal: AbortSignal) => Promise<void>;
  readonly isWork: boolean;
  readonly handOver?: () => Promise<void>;
}

/** A teardown step that failed; the others ran all the same. */
export interface TeardownFailure {
  readonly title: string;
  readonly error: CodedError;
}

/**
 * What has to be undone, latest first. A step is pushed before the thing that it undoes is made, so nothing exists
 * that isn't on the stack.
 */
export class TeardownStack {
  readonly #clock: Clock;
  readonly #steps: Step[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param handOver what is done instead when the thing is to stay */
  push(title: string, undo: (signal: AbortSignal) => Promise<void>, handOver?: () => Promise<void>): void {
    this.#steps.push({ title, undo, isWork: false, ...(handOver && { handOver }) });
  }

  /** A step that ends work of this process, and removes nothing from the world. */
  pushWork(title: string, end: () => Promise<void>): void {
    this.#steps.push({ title, undo: end, isWork: true });
  }

  /** Forgets what removes the run's things, which are to stay; what this process is at ends all the same. */
  async abandon(): Promise<void> {
    const steps = this.#steps.splice(0);
    this.#steps.push(...steps.filter(({ isWork }) => isWork));
    for (const { handOver } of steps) await handOver?.();
  }

  /**
   * Undoes everything, each step with its own share of the deadline, whatever the others did.
   * @returns the steps that failed or were late
   */
  async run(stepTimeoutMs: number): Promise<TeardownFailure[]> {
    const failures: TeardownFailure[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      const { title, undo } = step;
      try {
        await withDeadline(
          { clock: this.#clock, what: title, timeoutMs: stepTimeoutMs, code: "NR-RUN-TEARDOWN" },
          undo,
        );
      } catch (thrown) {
        const error =
          thrown instanceof CodedError
            ? thrown
            : new CodedError("NR-RUN-TEARDOWN", `${title} failed: ${errorText(thrown)}`, { cause: thrown });
        failures.push({ title, error });
      }
    }
    return failures;
  }
}
