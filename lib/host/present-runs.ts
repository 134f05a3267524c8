import { hostname } from "node:os";
import type { Clock } from "../core/clock.ts";
import { CodedError } from "../core/errors.ts";
import type { Engine } from "./docker/engine.ts";
import type { EngineRun, ListedThing } from "./docker/engine-runs.ts";
import { removalOf } from "./docker/things.ts";
import { cleanRun, listRuns, type RunOnMachine } from "./runs.ts";

/** A run that is somewhere in the world: as processes of this machine, or in its Docker Engine. */
export interface PresentRun extends Omit<RunOnMachine, "state"> {
  /** As of a {@link RunOnMachine}; `elsewhere` when it belongs to another machine that uses the same engine. */
  readonly state: RunOnMachine["state"] | "elsewhere";
  /** What it has in the engine. */
  readonly things: readonly ListedThing[];
  /** The machine of its runner, where that isn't this one. */
  readonly from?: string;
}

/** Every run that can be found, and the engine that was looked into. */
export interface PresentRuns {
  readonly runs: readonly PresentRun[];
  /** Null where there is none. */
  readonly engine: Engine | null;
  /** Why an engine that should be there couldn't be asked. */
  readonly unreachable?: CodedError;
}

/** Time that nodes in an engine have to end in order. */
const GRACE_MS = 5_000;

/** Every run that has something on this machine or in its Docker Engine, oldest first; found by marks and labels, not from any file. */
export async function presentRuns(
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Promise<PresentRuns> {
  const local = listRuns();
  const { engine, found, unreachable } = await lookIntoEngine(env, clock);
  const byId = new Map(found.map((run) => [run.runId, run]));
  const onMachine = local.map((run): PresentRun => ({ ...run, things: byId.get(run.runId)?.things ?? [] }));
  const known = new Set(local.map(({ runId }) => runId));
  const inEngine = found
    .filter(({ runId }) => !known.has(runId))
    .map(({ runId, from, things }): PresentRun => {
      const here = from === hostname();
      const nobody = { runner: null, guardian: null, processes: [] };
      return { runId, state: here ? "leftover" : "elsewhere", ...nobody, things, ...(!here && { from }) };
    });
  const runs = [...onMachine, ...inEngine].sort((a, b) => (a.runId < b.runId ? -1 : 1));
  return { runs, engine, ...(unreachable && { unreachable }) };
}

async function lookIntoEngine(
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Promise<{ engine: Engine | null; found: readonly EngineRun[]; unreachable?: CodedError }> {
  try {
    const { presentEngine } = await import("./docker/present-engine.ts");
    const engine = await presentEngine(env, clock);
    if (!engine) return { engine, found: [] };
    const { engineRuns } = await import("./docker/engine-runs.ts");
    return { engine, found: await engineRuns(engine) };
  } catch (thrown) {
    if (thrown instanceof CodedError) return { engine: null, found: [], unreachable: thrown };
    throw thrown;
  }
}

/** What became of things of one sort. */
export interface Removed {
  readonly removed: number;
  /** Those that are still there: what they are, and the command that removes them. */
  readonly left: readonly { readonly what: string; readonly remove: string }[];
}

/** What was found when a run was removed. */
export interface Removal {
  readonly processes: Removed;
  /** Of its engine. */
  readonly things: Removed;
}

/**
 * Removes everything of a run, in order: what it has in this engine, then its processes.
 * @param isSettled its runner ended in order, so that nothing is being made for it any more
 */
export async function removeRun(
  runId: string,
  engine: Engine | null,
  clock: Clock,
  isSettled = false,
): Promise<Removal> {
  const things = engine ? await removeThings(runId, engine, clock, isSettled) : { removed: 0, left: [] };
  const { removed, left } = await cleanRun({ runId, clock });
  const processes = {
    removed: removed.length,
    left: left.map(({ pid, command }) => ({ what: `pid ${pid} (${command})`, remove: `kill -9 ${pid}` })),
  };
  return { processes, things };
}

async function removeThings(runId: string, engine: Engine, clock: Clock, isSettled: boolean): Promise<Removed> {
  const { LANDING_MS, sweepEngine } = await import("./docker/sweep.ts");
  const inFlight = isSettled ? Promise.resolve() : clock.sleep(LANDING_MS);
  const { removed, left } = await sweepEngine(engine, { runId, clock, graceMs: GRACE_MS, inFlight });
  return {
    removed: removed.length,
    left: left.map((thing) => ({ what: `${thing.kind} ${thing.name}`, remove: removalOf(thing) })),
  };
}

/** Everything that is still there after a removal. */
export function leftOf({ processes, things }: Removal): Removed["left"] {
  return [...things.left, ...processes.left];
}

/** `removed 4 of 4 processes and 7 of 7 containers and networks`; null when there was nothing. */
export function removalText({ processes, things }: Removal): string | null {
  const parts = [
    [processes, "processes"],
    [things, "containers and networks"],
  ] as const;
  const texts = parts.flatMap(([{ removed, left }, noun]) => {
    const all = removed + left.length;
    return all === 0 ? [] : [`${removed} of ${all} ${noun}`];
  });
  return texts.length === 0 ? null : `removed ${texts.join(" and ")}`;
}
