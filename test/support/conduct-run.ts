import type { Clock } from "../../lib/core/clock.ts";
import { BUILT_IN_EXPECTATIONS } from "../../lib/expectations/built-in.ts";
import { StreamDigest } from "../../lib/host/stream-digest.ts";
import type { Deployer } from "../../lib/model/deployer.ts";
import type { RunEvent } from "../../lib/model/events.ts";
import type { Plan } from "../../lib/model/plan.ts";
import type { Registry } from "../../lib/model/registry.ts";
import type { Spawner } from "../../lib/model/spawner.ts";
import { referenceKind } from "../../lib/nodes/reference/kind.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import type { WrittenPlan } from "../../lib/plan/written.ts";
import { type Conducted, conduct } from "../../lib/run/conduct.ts";
import { InventoryBook } from "../../lib/run/inventory.ts";
import { Recorder } from "../../lib/run/recorder.ts";
import { StageRunner } from "../../lib/run/stage-runner.ts";
import { TeardownStack } from "../../lib/run/teardown.ts";
import { BUILT_IN_WORKLOADS } from "../../lib/workloads/built-in.ts";

/** What the stages made of a scenario, and the stream that they judged. */
export interface ConductedRun extends Conducted {
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
}

export interface ConductOptions {
  readonly runId: string;
  readonly folder: string;
  readonly seed: string;
  readonly profile?: "default" | "fast";
  readonly clock: Clock;
  /** Wall time in ms at the clock's 0. */
  readonly wallAtStart: number;
  readonly deployer: Deployer;
  readonly spawner: Spawner;
}

/** Takes a scenario from reserve to judgement with the run's own stages, and tears it down. */
export async function conductRun(written: WrittenPlan, options: ConductOptions): Promise<ConductedRun> {
  const { clock, deployer, seed, profile } = options;
  const registry: Registry = {
    nodeKinds: new Map([[referenceKind.name, referenceKind]]),
    deployers: new Map([[deployer.name, deployer]]),
    workloads: BUILT_IN_WORKLOADS,
    expectations: BUILT_IN_EXPECTATIONS,
    tasks: new Map(),
  };
  const { plan, forecast, customs } = resolve(
    written,
    { seed, drawnSeed: "", deployer: deployer.name, profile },
    registry,
  );
  const recorder = new Recorder({
    clock,
    writer: { append: () => undefined, close: async () => undefined },
    digest: new StreamDigest(),
    listeners: [],
  });
  const teardown = new TeardownStack(clock);
  try {
    const conducted = await conduct({
      ...options,
      plan,
      forecast,
      customs,
      registry,
      nodeKind: referenceKind,
      recorder,
      stages: new StageRunner(clock, recorder),
      teardown,
      inventory: new InventoryBook(recorder),
      writeJson: async () => undefined,
      shell: () => {
        throw new Error("no piece of these runs has a use for a shell");
      },
      signal: new AbortController().signal,
      lost: (error) => {
        throw error;
      },
    });
    return { ...conducted, plan, events: recorder.events };
  } finally {
    await teardown.run(60_000);
  }
}
