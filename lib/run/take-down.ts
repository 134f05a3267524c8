import { readFileSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../core/errors.ts";
import { isListening } from "../deployers/local/listeners.ts";
import { writeFileAtomically } from "../host/atomic-files.ts";
import { lookAt } from "../host/processes.ts";
import { cleanRun } from "../host/runs.ts";
import { systemClock, wallNow } from "../host/system-clock.ts";
import type { InventoryItem } from "../model/inventory.ts";
import { type RunReport, readReport } from "./run-report.ts";

/** What taking a run down found. */
export interface TakenDown {
  /** Processes that were there and are gone. */
  readonly removed: number;
  /** Processes that are still there, by the command that removes them. */
  readonly left: readonly { readonly pid: number; readonly command: string }[];
  /** The run's report with what is in the world now; null when its folder holds none. */
  readonly report: RunReport | null;
}

/**
 * Removes what a run has on this machine, in order, and writes into its `run.json` what a look at the world then finds.
 * @param folder the run's folder; null when it isn't known
 */
export async function takeDown(runId: string, folder: string | null): Promise<TakenDown> {
  const { removed, left } = await cleanRun({ runId, clock: systemClock });
  const report = folder === null ? null : await recordRemoval(join(folder, "run.json"));
  return { removed: removed.length, left, report };
}

async function recordRemoval(path: string): Promise<RunReport | null> {
  const report = recordedReport(path);
  if (!report) return null;
  const items = report.inventory.items.map((item) => ({ ...item, removed: item.removed || isGone(item) }));
  const removed = items.filter((item) => item.removed).length;
  if (removed === report.inventory.removed) return report;
  const now: RunReport = {
    ...report,
    inventory: { created: items.length, removed, items },
    takenDownAt: new Date(wallNow()).toISOString(),
  };
  await writeFileAtomically(path, `${JSON.stringify(now, null, 2)}\n`);
  return now;
}

function recordedReport(path: string): RunReport | null {
  try {
    return readReport(JSON.parse(readFileSync(path, "utf8")), path);
  } catch (thrown) {
    // A run that was killed while it booted has no report.
    if (systemCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

/** Whether a look at this machine doesn't find it any more; false for what can't be looked for here. */
function isGone({ kind, id }: InventoryItem): boolean {
  const [, pid, startTicks] = /^pid (\d+) @ (\d+)$/.exec(id) ?? [];
  if (kind === "process" && pid !== undefined) {
    return lookAt({ pid: Number(pid), startTicks: Number(startTicks) }) === null;
  }
  const [, host, port] = /^tcp (\S+):(\d+)$/.exec(id) ?? [];
  return kind === "socket" && host !== undefined && !isListening({ host, port: Number(port) });
}
