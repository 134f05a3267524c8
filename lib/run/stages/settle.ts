import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { EventSink } from "../../model/events.ts";
import type { Expectation } from "../../model/expectation.ts";
import type { RunContext } from "../../model/run-context.ts";
import type { Workload } from "../../model/workload.ts";

/**
 * Lasts at least as long as the plan says that finality takes, and until each workload calls what it sent settled;
 * then lets expectations read back what only living nodes can show.
 */
export async function settle(options: {
  workloads: readonly Workload[];
  expectations: readonly Expectation[];
  context: (piece: string, signal: AbortSignal) => RunContext;
  clock: Clock;
  leastMs: number;
  events: EventSink;
  signal: AbortSignal;
}): Promise<void> {
  const { clock, events, signal } = options;
  await Promise.all([
    clock.sleep(options.leastMs, signal),
    ...options.workloads.map(async (workload) => {
      try {
        await workload.settle?.(options.context(workload.name, signal));
      } catch (thrown) {
        signal.throwIfAborted();
        events.emit("warning", { text: `workload ${workload.name} did not settle: ${errorText(thrown)}` });
      }
    }),
  ]);
  await Promise.all(
    options.expectations.map(async (expectation) => {
      try {
        await expectation.collect?.(options.context(expectation.name, signal));
      } catch (thrown) {
        signal.throwIfAborted();
        events.emit("warning", { text: `expectation ${expectation.name} could not collect: ${errorText(thrown)}` });
      }
    }),
  );
}
