import type { Clock } from "./clock.ts";
import { formatDuration } from "./duration.ts";
import type { ErrorCode } from "./error-codes.ts";
import { CodedError, type ErrorFacets } from "./errors.ts";

/** What one look at a condition found. */
export type Look<T> = { readonly done: true; readonly value: T } | { readonly done: false; readonly seen: string };

export interface WaitOptions<T> {
  readonly clock: Clock;
  /** What is waited for, as it reads after "waiting for". */
  readonly what: string;
  readonly timeoutMs: number;
  /** Pause between looks. */
  readonly intervalMs: number;
  readonly signal?: AbortSignal;
  /** Looks once. A look that throws ends the wait with that error. */
  look(): Promise<Look<T>> | Look<T>;
  /** The error's code when the deadline passes; NR-CORE-DEADLINE by default. */
  readonly code?: ErrorCode;
  readonly facets?: ErrorFacets;
}

/**
 * Waits for a condition by looking at it, never by sleeping a guess.
 * @throws CodedError at the deadline, with what was last seen.
 */
export async function waitFor<T>(options: WaitOptions<T>): Promise<T> {
  const { clock, timeoutMs, intervalMs, signal } = options;
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const look = await options.look();
    if (look.done) return look.value;
    const left = deadline - clock.now();
    if (left <= 0) {
      throw new CodedError(
        options.code ?? "NR-CORE-DEADLINE",
        `gave up waiting for ${options.what} after ${formatDuration(timeoutMs)}; last seen: ${look.seen}`,
        options.facets,
      );
    }
    await clock.sleep(Math.min(intervalMs, left), signal);
  }
}

/** Why the deadline's own wait is cancelled. A constant, since an abort without a reason makes an error with a stack each time. */
const OVER = "the work ended before its deadline";

/**
 * Runs `work` with a signal that aborts at the deadline or with the outer signal.
 * @throws CodedError with `code` when the deadline passes first; the work is given the abort and abandoned.
 */
export async function withDeadline<T>(
  options: {
    clock: Clock;
    what: string;
    timeoutMs: number;
    signal?: AbortSignal;
    code?: ErrorCode;
    seen?: () => string;
  },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const cancel = new AbortController();
  const late = new AbortController();
  const signals = options.signal ? [options.signal, late.signal] : [late.signal];
  const combined = AbortSignal.any(signals);
  const deadline = options.clock.sleep(options.timeoutMs, cancel.signal).then(
    () => {
      const seen = options.seen ? `; last seen: ${options.seen()}` : "";
      const error = new CodedError(
        options.code ?? "NR-CORE-DEADLINE",
        `${options.what} took longer than ${formatDuration(options.timeoutMs)}${seen}`,
      );
      late.abort(error);
      throw error;
    },
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([work(combined), deadline]);
  } finally {
    cancel.abort(OVER);
  }
}
