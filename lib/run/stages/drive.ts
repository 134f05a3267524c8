import type { Clock } from "../../core/clock.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import type { EventSink } from "../../model/events.ts";
import type { RunContext } from "../../model/run-context.ts";
import type { Workload } from "../../model/workload.ts";

/** How long workloads may take to stop after the drive ended. */
export const WORKLOAD_STOP_MS = 30_000;

/** Why the drive's signal aborts when its time is over; workloads end on it without an error. */
export class DriveEnded extends CodedError {
  constructor() {
    super("NR-CORE-INTERRUPTED", "the driven part of the run is over");
  }
}

/**
 * Runs all workloads for the planned time; the time is honoured when they finish early. A workload that rejects ends
 * the drive, for what it was to show can't be shown any more.
 * @returns one line for each workload that failed
 * @throws CodedError what a workload rejected with, when it is coded: the world failed, not the network under test
 */
export async function drive(options: {
  workloads: readonly Workload[];
  context: (workload: string, signal: AbortSignal) => RunContext;
  clock: Clock;
  driveEnds: number;
  events: EventSink;
  signal: AbortSignal;
}): Promise<readonly string[]> {
  const { clock, events, signal } = options;
  const over = new AbortController();
  const driving = AbortSignal.any([signal, over.signal]);
  const failures: string[] = [];
  let broken: CodedError | undefined;

  const work = options.workloads.map(async (workload) => {
    try {
      await workload.start(options.context(workload.name, driving));
      events.emit("workload.ended", { workload: workload.name, outcome: "done", why: "", figures: {} });
    } catch (thrown) {
      if (driving.aborted && thrown === driving.reason) {
        events.emit("workload.ended", {
          workload: workload.name,
          outcome: "done",
          why: "the drive ended",
          figures: {},
        });
        return;
      }
      const why = errorText(thrown);
      if (thrown instanceof CodedError) broken ??= thrown;
      failures.push(`workload ${workload.name} failed: ${why}`);
      events.emit("workload.ended", { workload: workload.name, outcome: "failed", why, figures: {} });
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
  if (broken) throw broken;
  return failures;
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
