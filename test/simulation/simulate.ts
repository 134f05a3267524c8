import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulationDeployer, type SimulationOptions } from "../../lib/deployers/simulation/simulation.ts";
import { BUILT_IN_EXPECTATIONS } from "../../lib/expectations/built-in.ts";
import { systemClock, wallNow } from "../../lib/host/system-clock.ts";
import type { Deployer } from "../../lib/model/deployer.ts";
import type { RunEvent } from "../../lib/model/events.ts";
import type { Plan } from "../../lib/model/plan.ts";
import type { Registry } from "../../lib/model/registry.ts";
import { referenceKind } from "../../lib/nodes/reference/kind.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import type { WrittenPlan } from "../../lib/plan/written.ts";
import { executeRun } from "../../lib/run/execute.ts";
import type { RunReport } from "../../lib/run/run-report.ts";
import { BUILT_IN_WORKLOADS } from "../../lib/workloads/built-in.ts";

/** What a simulated run left. */
export interface SimulatedRun {
  readonly plan: Plan;
  readonly report: RunReport;
  readonly events: readonly RunEvent[];
  /** `events.ndjson`, byte for byte. */
  readonly stream: string;
}

interface Options extends SimulationOptions {
  readonly seed: string;
  readonly profile?: "default" | "fast";
  /** Where logs go; a folder that is removed again by default. */
  readonly folder?: string;
  readonly interrupt?: AbortSignal;
  readonly listener?: (event: RunEvent) => void;
}

/** The product's own pieces on these backends. */
export function registryOf(deployers: readonly Deployer[]): Registry {
  return {
    nodeKinds: new Map([[referenceKind.name, referenceKind]]),
    deployers: new Map(deployers.map((deployer) => [deployer.name, deployer])),
    workloads: BUILT_IN_WORKLOADS,
    expectations: BUILT_IN_EXPECTATIONS,
    tasks: new Map(),
  };
}

/** Runs a scenario on the simulated backend, the whole of it, without the command line. */
export async function simulate(written: WrittenPlan, options: Options): Promise<SimulatedRun> {
  const { seed, profile, interrupt, listener } = options;
  const deployer = createSimulationDeployer(options);
  const registry = registryOf([deployer]);
  const { plan, digest, forecast, customs } = resolve(
    written,
    { seed, drawnSeed: "", deployer: "sim", profile },
    registry,
  );
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "nomos-run-sim-"));
  const lines: string[] = [];
  const events: RunEvent[] = [];
  try {
    const report = await executeRun({
      runId: "sim-test",
      plan,
      planDigest: digest,
      forecast,
      warnings: [],
      customs,
      registry,
      nodeKind: referenceKind,
      deployer,
      build: "test",
      folder: {
        path: folder,
        writeJson: async () => undefined,
        events: { append: (line) => void lines.push(line), close: async () => undefined },
      },
      clock: systemClock,
      wallNow,
      startGuardian: () => Promise.reject(new Error("a simulated run started a guardian")),
      listeners: [(event) => void events.push(event), ...(listener ? [listener] : [])],
      interrupt: interrupt ?? new AbortController().signal,
      shell: () => {
        throw new Error("a simulated run opened a shell");
      },
      keep: "never",
    });
    return { plan, report, events, stream: lines.join("") };
  } finally {
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}
