import { CodedError } from "../core/errors.ts";
import type { Verdict } from "../model/verdict.ts";

/** How the program ends. */
export const EXIT = {
  passed: 0,
  /** An expectation is false. */
  failed: 1,
  /** The evidence can't decide. */
  inconclusive: 2,
  /** The world failed us: engine, disk, port, a fault of ours. */
  error: 3,
  /** Refused before the start because of what the user wrote; EX_USAGE of sysexits.h. */
  refused: 64,
} as const;

/** Signals that end a run in order, with the shell's exit code for each: 128 and the signal's number. */
export const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
export type EndSignal = keyof typeof SIGNAL_EXIT;

/** The exit code of a verdict; of an interrupted run, that of the signal that interrupted it. */
export function verdictExit(verdict: Verdict, signal: EndSignal | null): number {
  return verdict === "interrupted" ? SIGNAL_EXIT[signal ?? "SIGINT"] : EXIT[verdict];
}

/** The exit code of an error that ended the program. */
export function errorExit(thrown: unknown, signal: EndSignal | null): number {
  if (signal) return SIGNAL_EXIT[signal];
  return thrown instanceof CodedError && thrown.class === "refused" ? EXIT.refused : EXIT.error;
}
