import * as v from "valibot";
import { CodedError } from "../core/errors.ts";
import { RESTORE } from "../evidence/stream/event-reader.ts";
import type { EventData } from "../model/events.ts";
import type { InventorySummary } from "../model/inventory.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Forecast } from "../model/workload.ts";
import { STAGES, type StageTiming } from "./stage-runner.ts";
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
  /** ISO 8601; when nodes that were left up were removed by `down`, which then counts in `inventory`. */
  readonly takenDownAt?: string | undefined;
  readonly errors: readonly ReportedError[];
  /** What seals `events.ndjson`. */
  readonly events: EventData<"run.ended">;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.string();
const figures = v.record(text, v.union([text, v.number(), v.boolean(), v.null()]));
const outcome = v.picklist(["passed", "failed", "inconclusive"]);

const forecast = v.object({
  p: v.number(),
  blockIntervalMs: v.number(),
  windowSlots: v.number(),
  driveSlots: v.number(),
  settleSlots: v.number(),
  expectedBlocks: v.number(),
  minimumBlocks: v.number(),
  powerAtHalfSpeed: v.number(),
  shortestWindowSlots: v.number(),
  naturalConflict: v.number(),
});

const inventoryItem = v.object({
  kind: v.picklist(["process", "container", "network", "volume", "kubernetes", "filter", "socket", "file"]),
  id: text,
  name: text,
  by: v.picklist(["run", "fault", "guardian", "foreign"]),
  removed: v.boolean(),
  removedBy: v.exactOptional(v.literal("foreign")),
});

/** The schema of `run.json`: recorded runs are read with it, and it is published. */
export const RunReportSchema = v.object({
  v: v.literal(1),
  runId: text,
  name: text,
  verdict: v.picklist(["passed", "failed", "inconclusive", "error", "interrupted"]),
  why: text,
  startedAt: text,
  endedAt: text,
  seed: text,
  deployer: text,
  nodeKind: text,
  profile: text,
  planDigest: text,
  build: text,
  forecast,
  expectations: v.array(
    v.object({
      expectation: text,
      kind: text,
      outcome,
      summary: text,
      figures,
      limits: figures,
      findings: v.array(text),
    }),
  ),
  stages: v.array(
    v.object({
      stage: v.picklist(STAGES),
      outcome: v.picklist(["done", "failed", "late", "cancelled"]),
      startedAt: v.number(),
      ms: v.number(),
    }),
  ),
  inventory: v.object({ created: count, removed: count, items: v.array(inventoryItem) }),
  kept: v.boolean(),
  takenDownAt: v.optional(text),
  errors: v.array(v.object({ code: text, message: text, hint: v.nullable(text), stage: text })),
  events: v.object({ count, sha256: text }),
}) satisfies v.GenericSchema<unknown, RunReport>;

/**
 * Reads a `run.json` back.
 * @param value the parsed JSON
 * @param at the file, for messages
 * @throws CodedError NR-EVIDENCE-ALTERED when it is none that this version reads
 */
export function readReport(value: unknown, at: string): RunReport {
  const report = v.safeParse(RunReportSchema, value);
  if (report.success) return report.output;
  const [issue] = report.issues;
  const message = `${v.getDotPath(issue) ?? "it"} is ${issue.received}, not ${issue.expected}`;
  throw new CodedError("NR-EVIDENCE-ALTERED", message, { at, hint: RESTORE });
}
