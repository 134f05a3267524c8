import type { Clock } from "../core/clock.ts";
import { CodedError, errorText } from "../core/errors.ts";
import { withDeadline } from "../core/wait.ts";
import type { EventSink } from "../model/events.ts";

/** The stages of a run, in order. */
export const STAGES = [
  "preflight",
  "tasks",
  "reserve",
  "deploy",
  "ready",
  "baseline",
  "drive",
  "heal",
  "settle",
  "judge",
  "collect",
  "tear down",
] as const;
export type Stage = (typeof STAGES)[number];

export interface StageTiming {
  readonly stage: Stage;
  readonly outcome: "done" | "failed" | "late" | "cancelled";
  /** On the run's clock. */
  readonly startedAt: number;
  readonly ms: number;
}

/** Runs stages one after the other, each with a deadline and its events. */
export class StageRunner {
  readonly #clock: Clock;
  readonly #events: EventSink;
  readonly #timings: StageTiming[] = [];
  #current: Stage = "preflight";

  constructor(clock: Clock, events: EventSink) {
    this.#clock = clock;
    this.#events = events;
  }

  get timings(): readonly StageTiming[] {
    return this.#timings;
  }

  /** The stage that runs now, or ran last. */
  get current(): Stage {
    return this.#current;
  }

  /**
   * Runs one stage.
   * @throws CodedError what the work threw, or NR-RUN-STAGE at the deadline; the signal's reason when it aborts
   */
  async run<T>(
    stage: Stage,
    options: { deadlineMs: number; signal: AbortSignal },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { deadlineMs, signal } = options;
    this.#current = stage;
    const startedAt = this.#clock.now();
    this.#events.emit("stage.started", { stage, deadlineMs });
    let outcome: StageTiming["outcome"] = "done";
    try {
      signal.throwIfAborted();
      return await raceAbort(
        signal,
        withDeadline(
          { clock: this.#clock, what: `stage ${stage}`, timeoutMs: deadlineMs, signal, code: "NR-RUN-STAGE" },
          work,
        ),
      );
    } catch (thrown) {
      outcome = signal.aborted ? "cancelled" : isLate(thrown) ? "late" : "failed";
      throw asCoded(thrown, stage);
    } finally {
      const ms = this.#clock.now() - startedAt;
      this.#timings.push({ stage, outcome, startedAt, ms });
      this.#events.emit("stage.ended", { stage, outcome, ms });
    }
  }

  /** As {@link run}, but a missed deadline is evidence: it is recorded and returned, not thrown. */
  async runForEvidence(
    stage: Stage,
    options: { deadlineMs: number; signal: AbortSignal },
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<CodedError | null> {
    try {
      await this.run(stage, options, work);
      return null;
    } catch (thrown) {
      if (options.signal.aborted || !isLate(thrown)) throw thrown;
      const late = asCoded(thrown, stage);
      this.#events.emit("warning", { text: late.message });
      return late;
    }
  }
}

function isLate(thrown: unknown): boolean {
  return thrown instanceof CodedError && (thrown.code === "NR-RUN-STAGE" || thrown.code === "NR-CORE-DEADLINE");
}

function asCoded(thrown: unknown, stage: Stage): CodedError {
  if (thrown instanceof CodedError) return thrown;
  return new CodedError("NR-RUN-STAGE", `stage ${stage} failed: ${errorText(thrown)}`, { cause: thrown });
}

/** Rejects with the signal's reason as soon as it aborts; the work has the same signal and winds down by itself. */
async function raceAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
