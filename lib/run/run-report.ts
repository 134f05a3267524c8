import type { EventData } from "../model/events.ts";
import type { InventorySummary } from "../model/inventory.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Forecast } from "../model/workload.ts";
import type { StageTiming } from "./stage-runner.ts";
import type { JudgedExpectation } from "./stages/judge.ts";

/** An error that ended a run, or one of its teardown. */
export interface ReportedError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly stage: string;
}

/** The document `run.json`. */
export interface RunReport {
  readonly v: 1;
  readonly runId: string;
  readonly name: string;
  readonly verdict: Verdict;
  /** One sentence on the verdict. */
  readonly why: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly seed: string;
  readonly deployer: string;
  readonly nodeKind: string;
  readonly profile: string;
  readonly planDigest: string;
  readonly build: string;
  readonly forecast: Forecast;
  readonly expectations: readonly JudgedExpectation[];
  readonly stages: readonly StageTiming[];
  readonly inventory: InventorySummary;
  /** The nodes were left up on request. */
  readonly kept: boolean;
  readonly errors: readonly ReportedError[];
  /** What seals `events.ndjson`. */
  readonly events: EventData<"run.ended">;
}
