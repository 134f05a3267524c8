import type { RunEvent } from "../model/events.ts";
import type { Plan } from "../model/plan.ts";
import type { RunReport } from "../run/run-report.ts";

/** What a reporter knows before the first event. */
export interface RunHeader {
  readonly runId: string;
  readonly plan: Plan;
  /** Absolute path of the run folder. */
  readonly folder: string;
}

/** A consumer of a run's event stream. */
export interface Reporter {
  /** Called for each event, in order. Must not throw. */
  event(event: RunEvent): void;
  /** Called once, after the last event, with what `run.json` holds. */
  end(report: RunReport): void;
}
