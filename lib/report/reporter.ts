import type { RunEvent } from "../model/events.ts";
import type { Plan } from "../model/plan.ts";
import type { RunReport } from "../run/run-report.ts";

/** What a reporter knows before the first event. */
export interface RunHeader {
  readonly runId: string;
  readonly plan: Plan;
  /** Absolute path of the run folder. */
  readonly folder: string;
  /** Who asked for an expectation: `file:line` of the scenario, a flag or a variable, where that is known. */
  siteOf?(expectation: string): string | undefined;
}

/** A consumer of a run's event stream. */
export interface Reporter {
  /** Called for each event, in order. Must not throw. */
  event(event: RunEvent): void;
  /** Something that is not of the run, but whoever watches it should know now: that a key was heard. */
  note(text: string): void;
  /** Called once, after the last event, with what `run.json` holds. */
  end(report: RunReport): void;
  /** Called instead of `end` when there will be no report. */
  abandon(): void;
}
