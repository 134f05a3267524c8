import type { Clock } from "../../core/clock.ts";
import type { Engine } from "./engine.ts";
import { type ListedThing, thingsOf } from "./engine-runs.ts";
import { statusOf } from "./errors.ts";
import type { EngineThing } from "./things.ts";

/** Pause between two looks at the engine. */
const LOOK_INTERVAL_MS = 100;
/** When to give up, counted from the end of the grace. */
const TIMEOUT_MS = 20_000;

/** What a sweep of an engine did. */
export interface EngineSweep {
  readonly removed: readonly ListedThing[];
  readonly left: readonly ListedThing[];
}

/**
 * How long an engine may take to make what it was asked for by somebody who died meanwhile: nobody is told when it is there.
 * A network takes a quarter of a second, several times that on a machine with much to do.
 */
export const LANDING_MS = 2_000;

/**
 * Removes everything of a run from an engine, until two looks in a row find nothing: what was being created during the
 * first look is found by the second. What can't be removed is named, not thrown.
 * @param options.graceMs time from SIGTERM to SIGKILL; 0 kills at once
 * @param options.inFlight work that may still make something: looks count only when it has settled
 * @throws CodedError NR-DOCKER-* when the engine can't even be asked
 */
export async function sweepEngine(
  engine: Engine,
  options: {
    readonly runId: string;
    readonly clock: Clock;
    readonly graceMs: number;
    readonly inFlight?: Promise<unknown>;
  },
): Promise<EngineSweep> {
  const { runId, clock, graceMs } = options;
  let isMaking = options.inFlight !== undefined;
  const made = () => {
    isMaking = false;
  };
  options.inFlight?.then(made, made);
  const deadline = clock.now() + graceMs + TIMEOUT_MS;
  const seen = new Map<string, ListedThing>();
  let left: readonly ListedThing[] = [];
  for (let emptyLooks = 0; emptyLooks < 2; ) {
    const wasMaking = isMaking;
    left = await thingsOf(engine, runId);
    for (const thing of left) seen.set(thing.id, thing);
    emptyLooks = left.length === 0 && !wasMaking ? emptyLooks + 1 : 0;
    if (emptyLooks === 0 && clock.now() >= deadline) break;
    const containers = left.filter(({ kind }) => kind === "container");
    await Promise.all(containers.map((thing) => removeContainer(engine, thing.id, graceMs)));
    const others = left.filter(({ kind }) => kind !== "container");
    await Promise.all(others.map((thing) => removeOther(engine, thing)));
    if (emptyLooks < 2) await clock.sleep(LOOK_INTERVAL_MS);
  }
  const remaining = new Set(left.map(({ id }) => id));
  return { removed: [...seen.values()].filter(({ id }) => !remaining.has(id)), left };
}

async function removeContainer(engine: Engine, id: string, graceMs: number): Promise<void> {
  const container = engine.docker.getContainer(id);
  // The engine neither stops nor kills what is paused.
  await trying(container.inspect().then(({ State }) => State.Paused && container.unpause()));
  if (graceMs > 0) await trying(container.stop({ t: Math.ceil(graceMs / 1_000) }));
  await trying(container.remove({ force: true, v: true }));
}

async function removeOther(engine: Engine, { kind, id }: EngineThing): Promise<void> {
  await trying(kind === "network" ? engine.docker.getNetwork(id).remove() : engine.docker.getVolume(id).remove());
}

/** The engine's refusals show in the next look; that it is not there any more must be known. */
async function trying(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (statusOf(thrown) === undefined) throw thrown;
  }
}
