import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "../../lib/deployers/simulation/virtual-clock.ts";
import { createSharedMemo, type SharedMemo } from "../../lib/devnet/machine/shared-memo.ts";
import type { Spawner } from "../../lib/model/spawner.ts";
import type { WrittenPlan } from "../../lib/plan/written.ts";
import { type ConductedRun, conductRun } from "./conduct-run.ts";
import { type Tampering, virtualDeployer } from "./virtual-cluster.ts";

/** Whole days of virtual time never go by unless a test hangs. */
const LIMIT_MS = 24 * 3_600_000;

/** Runs a scenario from reserve to judgement on embedded nodes in virtual time. */
export async function runVirtually(
  written: WrittenPlan,
  options: { seed: string; profile?: "default" | "fast"; tampering?: Tampering; memo?: SharedMemo },
): Promise<ConductedRun> {
  const clock = new VirtualClock();
  const deployer = virtualDeployer(clock, options.memo ?? createSharedMemo(), options.tampering);
  const spawner: Spawner = {
    spawn: () => Promise.reject(new Error("no process is started")),
    signal: async () => false,
    atEnd: async () => undefined,
  };
  const folder = mkdtempSync(join(tmpdir(), "nomos-run-virtual-"));
  try {
    const run = conductRun(written, {
      ...options,
      runId: "virtual",
      folder,
      clock,
      wallAtStart: 0,
      deployer,
      spawner,
    });
    return await clock.drive(run, LIMIT_MS);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
