import assert from "node:assert/strict";
import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { randomStream } from "../../lib/core/random.ts";
import { waitFor } from "../../lib/core/wait.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { nomosRun, type StartOptions, scenario, scratch, start } from "../support/program.ts";
import { markedProcesses } from "../support/world.ts";

/** Longest life of a run before it is killed: boot and the first seconds of the drive. */
const LONGEST_LIFE_MS = 3_500;
/** How long the guardian may take to remove what its runner left. */
const SWEEP_MS = 5_000;

type Program = Pick<StartOptions, "env" | "program">;

/** Starts a run, and kills its runner at a random moment, boot included; nothing of it is left 5 s later. */
export async function killRunner(t: TestContext, n: number, program: Program = {}): Promise<void> {
  const cwd = scratch(t);
  const run = start(t, [scenario("chaos"), "--profile", "fast", "--seed", `kill-${n}`], { cwd, ...program });
  await systemClock.sleep(randomStream("kill-runner", n).int(0, LONGEST_LIFE_MS));
  run.child.kill("SIGKILL");
  await run.finished;
  const id = runIdBelow(cwd);
  if (id === undefined) return;
  await waitFor({
    clock: systemClock,
    what: `the guardian to remove run ${id}`,
    timeoutMs: SWEEP_MS,
    intervalMs: 50,
    look: () => {
      const left = markedProcesses(id);
      return left.length === 0 ? { done: true, value: undefined } : { done: false, seen: left.join("; ") };
    },
  });
}

/** Starts a run, kills its guardian and then its runner: `ps` lists what is left and `clean` removes it. */
export async function killGuardianFirst(t: TestContext, n: number, program: Program = {}): Promise<void> {
  const cwd = scratch(t);
  const run = start(t, [scenario("chaos"), "--profile", "fast", "--seed", `orphan-${n}`], { cwd, ...program });
  const guardian = await waitFor({
    clock: systemClock,
    what: "the guardian and some nodes",
    timeoutMs: 20_000,
    intervalMs: 10,
    look: () => {
      const marked = markedProcesses(runIdBelow(cwd) ?? "none");
      const found = marked.find((line) => line.includes(" guardian "));
      const nodes = marked.filter((line) => line.includes(" node ")).length;
      return found && nodes > 0 ? { done: true, value: found } : { done: false, seen: marked.join("; ") };
    },
  });
  await systemClock.sleep(randomStream("kill-guardian", n).int(0, LONGEST_LIFE_MS));
  process.kill(Number.parseInt(guardian, 10), "SIGKILL");
  run.child.kill("SIGKILL");
  await run.finished;
  const id = runIdBelow(cwd) ?? "";
  assert.notDeepEqual(markedProcesses(id), [], "nodes are left without their guardian");

  const listed = await nomosRun(t, ["ps"], { cwd, ...program });
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, new RegExp(id));
  const cleaned = await nomosRun(t, ["clean", id], { cwd, ...program });
  assert.equal(cleaned.code, 0, cleaned.stderr);
  assert.deepEqual(markedProcesses(id), []);
  assert.doesNotMatch((await nomosRun(t, ["ps"], { cwd, ...program })).stdout, new RegExp(id));
}

function runIdBelow(cwd: string): string | undefined {
  try {
    return readdirSync(realpathSync(join(cwd, ".nomos-run/runs")))[0];
  } catch {
    // Killed before it made its folder.
    return undefined;
  }
}
