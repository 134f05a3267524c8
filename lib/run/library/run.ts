import type { WrittenPlan } from "../../plan/written.ts";
import type { RunReport } from "../run-report.ts";
import { startRun } from "../start.ts";
import type { LibraryParts } from "./deploy.ts";
import { type LibraryOptions, readOptions } from "./options.ts";

/**
 * Runs a plan from boot to teardown.
 * @throws CodedError NR-LIB-PLAN, NR-LIB-OPTION, RefusedPlan, NR-HOST-* before anything is started; whatever goes wrong
 *   later is the report's verdict
 */
export async function runPlan(parts: LibraryParts, written: WrittenPlan, options: LibraryOptions): Promise<RunReport> {
  const { out, resolved, onEvent, interrupt, release } = readOptions(written, options, parts.registry);
  try {
    const run = await startRun({
      parts,
      resolved,
      scenarioDigest: null,
      out,
      build: parts.build,
      interrupt,
      keep: "never",
      onStart: () => onEvent,
    });
    return await run.report;
  } finally {
    release();
  }
}
