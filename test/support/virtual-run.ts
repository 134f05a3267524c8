import { VirtualClock } from "../../lib/deployers/simulation/virtual-clock.ts";
import { createSharedMemo, type SharedMemo } from "../../lib/devnet/machine/shared-memo.ts";
import { BUILT_IN_EXPECTATIONS } from "../../lib/expectations/built-in.ts";
import { StreamDigest } from "../../lib/host/stream-digest.ts";
import type { RunEvent } from "../../lib/model/events.ts";
import type { Plan } from "../../lib/model/plan.ts";
import type { Registry } from "../../lib/model/registry.ts";
import { referenceKind } from "../../lib/nodes/reference/kind.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import type { WrittenPlan } from "../../lib/plan/written.ts";
import { type Conducted, conduct } from "../../lib/run/conduct.ts";
import { InventoryBook } from "../../lib/run/inventory.ts";
import { Recorder } from "../../lib/run/recorder.ts";
import { StageRunner } from "../../lib/run/stage-runner.ts";
import { TeardownStack } from "../../lib/run/teardown.ts";
import { BUILT_IN_WORKLOADS } from "../../lib/workloads/built-in.ts";
import { type Tampering, virtualDeployer } from "./virtual-cluster.ts";

/** Whole days of virtual time never go by unless a test hangs. */
const LIMIT_MS = 24 * 3_600_000;

export interface VirtualRun extends Conducted {
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
}

/** Runs a scenario from reserve to judgement on embedded nodes in virtual time. */
export async function runVirtually(
  written: WrittenPlan,
  options: { seed: string; profile?: "default" | "fast"; tampering?: Tampering; memo?: SharedMemo },
): Promise<VirtualRun> {
  const clock = new VirtualClock();
  const deployer = virtualDeployer(clock, options.memo ?? createSharedMemo(), options.tampering);
  const registry: Registry = {
    nodeKinds: new Map([[referenceKind.name, referenceKind]]),
    deployers: new Map([[deployer.name, deployer]]),
    workloads: BUILT_IN_WORKLOADS,
    expectations: BUILT_IN_EXPECTATIONS,
  };
  const { plan, forecast } = resolve(
    written,
    { seed: options.seed, drawnSeed: "", deployer: "virtual", profile: options.profile },
    registry,
  );
  const recorder = new Recorder({
    clock,
    writer: { append: () => undefined, close: async () => undefined },
    digest: new StreamDigest(),
    listeners: [],
  });
  const teardown = new TeardownStack(clock);
  const interrupt = new AbortController();
  const run = async () => {
    try {
      return await conduct({
        runId: "virtual",
        plan,
        forecast,
        customs: { workloads: new Map(), expectations: new Map() },
        registry,
        nodeKind: referenceKind,
        deployer,
        folder: "/",
        spawner: { spawn: () => Promise.reject(new Error("no process is started")), signal: async () => false },
        clock,
        wallAtStart: 0,
        recorder,
        stages: new StageRunner(clock, recorder),
        teardown,
        inventory: new InventoryBook(recorder),
        writeJson: async () => undefined,
        signal: interrupt.signal,
      });
    } finally {
      await teardown.run(60_000);
    }
  };
  const conducted = await clock.drive(run(), LIMIT_MS);
  return { ...conducted, plan, events: recorder.events };
}
