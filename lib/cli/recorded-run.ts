import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError, systemCode } from "../core/errors.ts";
import { RESTORE } from "../evidence/stream/event-reader.ts";
import { readEventFile } from "../host/event-file.ts";
import type { RunEvent } from "../model/events.ts";
import { type PlanLock, readLock } from "../plan/lock.ts";
import { type RunReport, readReport } from "../run/run-report.ts";

/** A run as its folder has it, whole and consistent. */
export interface RecordedRun {
  readonly lock: PlanLock;
  readonly report: RunReport;
  readonly events: readonly RunEvent[];
}

/**
 * Reads the evidence of a run and checks that its three documents are of one run and as it wrote them.
 * @throws CodedError NR-EVIDENCE-*, NR-PLAN-LOCK-*
 */
export function readRecordedRun(folder: string): RecordedRun {
  const { lock, report } = readRunDocuments(folder);
  const { events, ended } = readEventFile(join(folder, "events.ndjson"));
  const at = join(folder, "run.json");
  const disagree = (what: string, documents: unknown, stream: unknown) => {
    if (documents === stream) return;
    const message = `${what} is ${String(stream)} in the event stream, and ${String(documents)} in run.json`;
    throw new CodedError("NR-EVIDENCE-ALTERED", message, { at, hint: RESTORE });
  };
  const started = events.find((event) => event.type === "run.started");
  const recorded = events.findLast((event) => event.type === "run.verdict");
  disagree("the SHA-256", report.events.sha256, ended.sha256);
  disagree("the number of lines", report.events.count, ended.count);
  disagree("the run's id", report.runId, started?.runId);
  disagree("the plan's digest", report.planDigest, started?.plan);
  disagree("the verdict", report.verdict, recorded?.verdict);
  if (lock.digest !== report.planDigest) {
    const message = `the plan has the digest ${lock.digest}, and the run was of the plan ${report.planDigest}`;
    throw new CodedError("NR-EVIDENCE-ALTERED", message, { at: join(folder, "plan.lock.json"), hint: RESTORE });
  }
  return { lock, report, events };
}

/**
 * Reads what a run folder says of its run, without the stream.
 * @throws CodedError NR-EVIDENCE-CUT, NR-EVIDENCE-ALTERED, NR-PLAN-LOCK-*
 */
export function readRunDocuments(folder: string): Pick<RecordedRun, "lock" | "report"> {
  const lockPath = join(folder, "plan.lock.json");
  const lock = readLock(readJson(lockPath), lockPath);
  const at = join(folder, "run.json");
  return { lock, report: readReport(readJson(at), at) };
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT") throw cause;
    throw new CodedError("NR-EVIDENCE-CUT", "there is no such file: the run did not come to its end, or has not yet", {
      at: path,
      hint: "Only a run that has ended can be read; nomos-run ps shows those that have not.",
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new CodedError("NR-EVIDENCE-ALTERED", "the file is not JSON", { at: path, hint: RESTORE, cause });
  }
}
