import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import type { EventData, EventSink } from "../../model/events.ts";
import type { RunContext } from "../../model/run-context.ts";
import type { Workload } from "../../model/workload.ts";

/** How long workloads may take to stop after the drive ended. */
const WORKLOAD_STOP_MS = 30_000;

/** What became of the workloads, one line for each that did not end well. */
export interface Driven {
  readonly failures: readonly string[];
  /** Those that were still at it when they had been told to stop long enough. What they did since is not known. */
  readonly abandoned: readonly string[];
}

/** Why the drive's signal aborts when its time is over; workloads end on it without an error. */
export class DriveEnded extends CodedError {
  constructor() {
    super("NR-CORE-INTERRUPTED", "the driven part of the run is over");
  }
}

/**
 * Runs all workloads for the planned time; the time is honoured when they finish early. A workload that rejects ends
 * the drive, for what it was to show can't be shown any more.
 * @throws CodedError what a workload rejected with, when it is coded: the world failed, not the network under test
 */
export async function drive(options: {
  workloads: readonly Workload[];
  context: (workload: string, signal: AbortSignal) => RunContext;
  clock: Clock;
  driveEnds: number;
  events: EventSink;
  signal: AbortSignal;
}): Promise<Driven> {
  const { clock, events, signal } = options;
  const over = new AbortController();
  const driving = AbortSignal.any([signal, over.signal]);
  const failures: string[] = [];
  let broken: CodedError | undefined;

  const atIt = new Set(options.workloads.map(({ name }) => name));
  const end = (workload: string, outcome: EventData<"workload.ended">["outcome"], why: string) => {
    // What an abandoned one does later is not the run's any more.
    if (atIt.delete(workload)) events.emit("workload.ended", { workload, outcome, why, figures: {} });
  };

  const work = options.workloads.map(async (workload) => {
    const { name } = workload;
    try {
      await workload.start(options.context(name, driving));
      end(name, "done", "");
    } catch (thrown) {
      if (driving.aborted && thrown === driving.reason) return end(name, "done", "the drive ended");
      if (!atIt.has(name)) return;
      const why = errorText(thrown);
      if (thrown instanceof CodedError) broken ??= thrown;
      failures.push(`workload ${name} failed: ${why}`);
      end(name, "failed", why);
      over.abort(new DriveEnded());
    }
  });

  try {
    await clock.sleep(Math.max(0, options.driveEnds - clock.now()), driving);
  } catch (thrown) {
    if (signal.aborted) throw thrown;
  }
  over.abort(new DriveEnded());
  await settleWithin(clock, WORKLOAD_STOP_MS, Promise.all(work), signal);
  const abandoned = [...atIt].map((name) => abandonedText(name, ABANDONED));
  for (const name of atIt) end(name, "cancelled", ABANDONED);
  if (broken) throw broken;
  return { failures, abandoned };
}

const ABANDONED = `it did not stop within ${formatDuration(WORKLOAD_STOP_MS)} of the end of the drive, whatever its signal said`;

/** One line for a workload that was left behind. */
export function abandonedText(workload: string, why: string): string {
  return `workload ${workload} was abandoned: ${why}`;
}

/** Waits for work that was told to stop; whatever still runs then is abandoned, and its signal stays aborted. */
async function settleWithin(clock: Clock, ms: number, work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  try {
    await Promise.race([work, clock.sleep(ms, AbortSignal.any([done.signal, signal]))]);
  } finally {
    done.abort();
  }
}
