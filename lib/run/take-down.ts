import { readFileSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../core/errors.ts";
import { isListening } from "../deployers/local/listeners.ts";
import { writeFileAtomically } from "../host/atomic-files.ts";
import type { Engine } from "../host/docker/engine.ts";
import { isGone as isGoneFrom, readItemId } from "../host/docker/things.ts";
import { type Removal, removeRun } from "../host/present-runs.ts";
import { lookAt } from "../host/processes.ts";
import { systemClock, wallNow } from "../host/system-clock.ts";
import type { InventoryItem } from "../model/inventory.ts";
import { type RunReport, readReport } from "./run-report.ts";

/** What taking a run down found. */
export interface TakenDown {
  readonly removal: Removal;
  /** The run's report with what is in the world now; null when its folder holds none. */
  readonly report: RunReport | null;
}

/**
 * Removes what a run has on this machine and in its Docker Engine, in order, and writes into its `run.json` what a look at
 * the world then finds.
 * @param folder the run's folder; null when it isn't known
 * @param env says which engine, where the run's report doesn't
 */
export async function takeDown(
  runId: string,
  folder: string | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<TakenDown> {
  const path = folder === null ? null : join(folder, "run.json");
  const report = path === null ? null : recordedReport(path);
  const engine = await engineOf(report, env);
  const removal = await removeRun(runId, engine, systemClock, report?.kept);
  if (!report || path === null) return { removal, report };
  return { removal, report: await recordRemoval(path, report, engine) };
}

/** The engine that the run's things are in: that which its inventory names, else the usual one. */
async function engineOf(
  report: RunReport | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Engine | null> {
  if (report && report.deployer !== "compose") return null;
  const { presentEngine } = await import("../host/docker/present-engine.ts");
  const named = report?.inventory.items.map(({ id }) => readItemId(id)?.url).find((url) => url !== undefined);
  return await presentEngine(named === undefined ? env : { ...env, DOCKER_HOST: named }, systemClock);
}

async function recordRemoval(path: string, report: RunReport, engine: Engine | null): Promise<RunReport> {
  const items = await Promise.all(
    report.inventory.items.map(async (item) => ({ ...item, removed: item.removed || (await isGone(item, engine)) })),
  );
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

/** Whether a look at the world doesn't find it any more; false for what can't be looked for here. */
async function isGone({ kind, id }: InventoryItem, engine: Engine | null): Promise<boolean> {
  const [, pid, startTicks] = /^pid (\d+) @ (\d+)$/.exec(id) ?? [];
  if (kind === "process" && pid !== undefined) {
    return lookAt({ pid: Number(pid), startTicks: Number(startTicks) }) === null;
  }
  const inEngine = readItemId(id);
  if (engine && inEngine && (kind === "container" || kind === "network" || kind === "volume")) {
    return await isGoneFrom(engine, { kind, id: inEngine.id });
  }
  const [, host, port] = /^tcp (\S+):(\d+)$/.exec(id) ?? [];
  return kind === "socket" && host !== undefined && !isListening({ host, port: Number(port) });
}
