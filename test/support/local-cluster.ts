import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalDeployer } from "../../lib/deployers/local/local.ts";
import { startGuardian } from "../../lib/host/guardian-client.ts";
import { systemClock, wallNow } from "../../lib/host/system-clock.ts";
import { createUndiciTransport } from "../../lib/nodes/client/undici-transport.ts";
import type { WrittenPlan } from "../../lib/plan/written.ts";
import { startRunClock } from "../../lib/run/run-clock.ts";
import { type ConductedRun, conductRun } from "./conduct-run.ts";

let runs = 0;

/** Runs a scenario from reserve to judgement on embedded nodes that are processes of this machine. */
export async function runLocally(
  written: WrittenPlan,
  options: { seed: string; profile?: "default" | "fast" },
): Promise<ConductedRun> {
  const runId = `workloads-${process.pid}-${runs++}`;
  const folder = await mkdtemp(join(tmpdir(), `nomos-run-${runId}-`));
  const guardian = await startGuardian({
    runId,
    clock: systemClock,
    logFile: join(folder, "guardian.log"),
    cwd: folder,
  });
  try {
    return await conductRun(written, {
      ...options,
      runId,
      folder,
      clock: startRunClock(systemClock),
      wallAtStart: wallNow(),
      deployer: createLocalDeployer({ openTransport: (node) => createUndiciTransport(node, systemClock) }),
      spawner: guardian,
    });
  } finally {
    await guardian.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
