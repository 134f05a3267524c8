import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import { waitFor } from "../../core/wait.ts";
import type { Engine } from "../../host/docker/engine.ts";
import { type EngineSweep, sweepEngine } from "../../host/docker/sweep.ts";
import { removalOf, shortId } from "../../host/docker/things.ts";
import type { Leftover } from "../../model/deployer.ts";
import type { ManagedNode } from "../managed/managed-node.ts";

/** Time that nodes have to end in order, from SIGTERM to SIGKILL. */
const GRACE_MS = 5_000;
/** Time that the engine has to tell of ends that its lists already show. */
const NOTICE_MS = 2_000;
/** An engine that is restarted is back within this time, or won't come back. */
const ENGINE_BACK_MS = 25_000;
const ENGINE_LOOK_MS = 250;

/** Removes everything of the run from its engine: in order, or at once when `signal` aborts. Waits for an engine that restarts. */
export async function sweepRun(
  run: {
    readonly engine: Engine;
    readonly runId: string;
    readonly clock: Clock;
    readonly nodes: readonly ManagedNode[];
    /** Settles when nothing is being made any more, beside what nodes are at. */
    readonly made: Promise<unknown>;
  },
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  const { engine, runId, clock, nodes, made } = run;
  for (const node of nodes) node.expectEnd();
  // A stage that is interrupted isn't waited for: its requests are still under way.
  const inFlight = Promise.allSettled([made, ...nodes.map((node) => node.idle())]);
  const { left } = await waitFor<EngineSweep>({
    clock,
    what: `the Docker Engine at ${engine.address.url} to remove run ${runId}`,
    timeoutMs: ENGINE_BACK_MS,
    intervalMs: ENGINE_LOOK_MS,
    look: async () => {
      try {
        return {
          done: true,
          value: await sweepEngine(engine, { runId, clock, graceMs: signal.aborted ? 0 : GRACE_MS, inFlight }),
        };
      } catch (thrown) {
        return { done: false, seen: errorText(thrown) };
      }
    },
  });
  await Promise.all(nodes.map((node) => node.endNoticed(NOTICE_MS)));
  return left.map((thing) => ({
    kind: thing.kind,
    id: `${shortId(thing.id)} (${thing.name})`,
    remove: removalOf(thing),
  }));
}
