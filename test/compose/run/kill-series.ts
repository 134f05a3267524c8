import assert from "node:assert/strict";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { randomStream } from "../../../lib/core/random.ts";
import { waitFor } from "../../../lib/core/wait.ts";
import { systemClock } from "../../../lib/host/system-clock.ts";
import { EXECUTABLE, nomosRun, scenario, scratch, start } from "../../support/program.ts";
import { markedProcesses } from "../../support/world.ts";
import { OwnEngine } from "../second-engine.ts";
import { nothingLeft, system, thingsInEngine } from "./engine-world.ts";

/** Longest life of a run before it is killed: networks, containers, readiness, and the first restarts. */
const LONGEST_LIFE_MS = 8_000;
/** How long the guardian may take to remove what its runner left. */
const SWEEP_MS = 30_000;

const COMMAND = [scenario("chaos"), "--deployer", "compose", "--profile", "fast", "--seed"];

/**
 * Starts a run, and kills its runner at a random moment, the making of networks included; nothing of it is left 30 s later.
 * @returns its id, so that it can be looked for again; undefined when it was killed before it had one
 */
export async function killRunner(t: TestContext, n: number): Promise<string | undefined> {
  const cwd = scratch(t);
  const run = start(t, [...COMMAND, `kill-${n}`], { cwd });
  await systemClock.sleep(randomStream("kill-compose", n).int(500, LONGEST_LIFE_MS));
  run.child.kill("SIGKILL");
  await run.finished;
  const id = runIdBelow(cwd);
  if (id === undefined) return undefined;
  const there = await thingsInEngine(id);
  t.diagnostic(`${there.length} things in the engine when it was killed`);
  await nothingLeft(id, SWEEP_MS);
  return id;
}

/** Kills the runner in the moment in which the engine has its first thing of this kind. */
export async function killWhenThereIs(t: TestContext, kind: "network" | "container"): Promise<void> {
  const cwd = scratch(t);
  const run = start(t, [...COMMAND, `kill-${kind}`], { cwd });
  const id = await waitFor({
    clock: systemClock,
    what: `a ${kind}`,
    timeoutMs: 30_000,
    intervalMs: 5,
    look: async () => {
      const runId = runIdBelow(cwd);
      const things = runId === undefined ? [] : await thingsInEngine(runId);
      const isThere = things.some((thing) => thing.startsWith(kind) && !thing.includes("_tools_"));
      return runId !== undefined && isThere ? { done: true, value: runId } : { done: false, seen: things.join("; ") };
    },
  });
  run.child.kill("SIGKILL");
  await run.finished;
  await nothingLeft(id, SWEEP_MS);
}

/**
 * Kills the runner while the image of its nodes is being made in an engine that has none: nothing of the run is left, no
 * half of an image either, and the next one makes it.
 */
export async function killWhileImageIsMade(t: TestContext): Promise<void> {
  const engine = new OwnEngine(t);
  await engine.start();
  const cwd = scratch(t);
  const env = { DOCKER_HOST: engine.url };
  const program = [...engine.inside, EXECUTABLE] as const;
  const run = start(t, [...COMMAND, "kill-image"], { cwd, env, program });
  const id = await waitFor({
    clock: systemClock,
    what: "a layer that is being written",
    timeoutMs: 30_000,
    intervalMs: 5,
    look: () => {
      const runId = runIdBelow(cwd);
      const layers = join(engine.dataRoot, "overlay2");
      const isWritten = existsSync(layers) && readdirSync(layers).some((name) => /^[0-9a-f]{64}$/.test(name));
      return runId !== undefined && isWritten ? { done: true, value: runId } : { done: false, seen: runId ?? "no run" };
    },
  });
  run.child.kill("SIGKILL");
  await run.finished;
  await nothingLeft(id, SWEEP_MS, env);
  assert.equal(await system("docker", ["images", "--all", "--quiet", "--filter", "reference=nomos-run-node"], env), "");
  assert.equal(await system("docker", ["images", "--all", "--quiet", "--filter", "dangling=true"], env), "");
  const built = await nomosRun(t, ["task", "build-image"], { cwd, env, program });
  assert.equal(built.code, 0, built.stdout + built.stderr);
}

/** Starts a run, kills its guardian and then its runner: `ps` lists what is left in the engine and `clean` removes it. */
export async function killGuardianFirst(t: TestContext, n: number): Promise<void> {
  const cwd = scratch(t);
  const run = start(t, [...COMMAND, `orphan-${n}`], { cwd });
  const { id, guardian } = await waitFor({
    clock: systemClock,
    what: "a container",
    timeoutMs: 30_000,
    intervalMs: 50,
    look: async () => {
      const runId = runIdBelow(cwd);
      if (runId === undefined) return { done: false, seen: "no run" };
      const pid = markedProcesses(runId).find((line) => line.includes(" guardian "));
      const containers = (await thingsInEngine(runId)).filter((thing) => /_(validator|executor)-/.test(thing));
      return pid !== undefined && containers.length > 0
        ? { done: true, value: { id: runId, guardian: Number.parseInt(pid, 10) } }
        : { done: false, seen: containers.join("; ") };
    },
  });
  await systemClock.sleep(randomStream("kill-compose-guardian", n).int(0, 3_000));
  process.kill(guardian, "SIGKILL");
  run.child.kill("SIGKILL");
  await run.finished;
  assert.deepEqual(markedProcesses(id), []);
  const left = await thingsInEngine(id);
  assert.ok(left.length > 2, left.join("; "));

  const listed = await nomosRun(t, ["ps"], { cwd });
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, new RegExp(`${id}.*leftover`));
  const cleaned = await nomosRun(t, ["clean", id], { cwd });
  assert.equal(cleaned.code, 0, cleaned.stderr);
  assert.deepEqual(await thingsInEngine(id), []);
  assert.doesNotMatch((await nomosRun(t, ["ps"], { cwd })).stdout, new RegExp(id));
}

function runIdBelow(cwd: string): string | undefined {
  try {
    return readdirSync(realpathSync(join(cwd, ".nomos-run/runs")))[0];
  } catch {
    // Killed before it made its folder.
    return undefined;
  }
}
