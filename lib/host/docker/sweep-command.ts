import { parseArgs } from "node:util";
import { errorText } from "../../core/errors.ts";
import { waitFor } from "../../core/wait.ts";
import { systemClock } from "../system-clock.ts";
import type { EngineAddress } from "./address.ts";
import { connectEngine } from "./engine.ts";
import { LANDING_MS, sweepEngine } from "./sweep.ts";
import { shortId } from "./things.ts";

/** What Docker's way to an engine takes from the environment: ssh and its agent. */
const VARIABLES = ["PATH", "HOME", "USER", "SSH_AUTH_SOCK"];
/** An engine that is restarted is back within this time, or won't come back. */
const ENGINE_BACK_MS = 60_000;
const LOOK_MS = 500;

/** Arguments with which this program removes a run from an engine: what its guardian starts when the runner is gone. */
export function sweepArguments(runId: string, { url, certificates }: EngineAddress): readonly string[] {
  const secure = certificates === undefined ? [] : ["--certificates", certificates];
  return ["sweep-engine", "--run", runId, "--engine", url, ...secure];
}

/** The environment that {@link sweepArguments} need. */
export function sweepEnvironment(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/**
 * Removes a run from an engine and says what it found.
 * @returns the exit code: 0 when nothing is left
 */
export async function runSweep(args: readonly string[], say: (line: string) => void): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { run: { type: "string" }, engine: { type: "string" }, certificates: { type: "string" } },
  });
  const { run: runId = "", engine: url = "", certificates } = values;
  const address: EngineAddress = { url, from: "the run", ...(certificates !== undefined && { certificates }) };
  const { removed, left } = await waitFor({
    clock: systemClock,
    what: `the Docker Engine at ${url} to remove run ${runId}`,
    timeoutMs: ENGINE_BACK_MS,
    intervalMs: LOOK_MS,
    look: async () => {
      try {
        const engine = await connectEngine(address, systemClock);
        const inFlight = systemClock.sleep(LANDING_MS);
        return { done: true, value: await sweepEngine(engine, { runId, clock: systemClock, graceMs: 0, inFlight }) };
      } catch (thrown) {
        return { done: false, seen: errorText(thrown) };
      }
    },
  });
  say(`removed ${removed.length} things of run ${runId} from ${url}`);
  for (const { kind, id, name } of left) say(`could not remove ${kind} ${shortId(id)} (${name})`);
  return left.length === 0 ? 0 : 1;
}
