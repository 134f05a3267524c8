import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { waitFor } from "../../../lib/core/wait.ts";
import { systemClock } from "../../../lib/host/system-clock.ts";
import {
  awaitEvent,
  latestRun,
  readEvents,
  readReport,
  type Started,
  scenario,
  scratch,
  start,
} from "../../support/program.ts";
import { nothingLeft, thingsInEngine } from "./engine-world.ts";

function startChaos(t: TestContext, cwd: string): Started {
  const args = [scenario("chaos"), "--deployer", "compose", "--profile", "fast", "--seed", "interrupt"];
  return start(t, args, { cwd, ownGroup: true });
}

test("Ctrl-C ends a run in containers in order, with logs and run.json whole", async (t) => {
  const cwd = scratch(t);
  const run = startChaos(t, cwd);
  await awaitEvent(cwd, "the drive", (event) => event.type === "stage.started" && event.stage === "drive");
  process.kill(-run.pid, "SIGINT");
  const { code, stderr } = await run.finished;
  assert.equal(code, 130, stderr);
  const folder = latestRun(cwd);
  const report = readReport(folder);
  assert.equal(report.verdict, "interrupted");
  assert.equal(report.inventory.created, report.inventory.removed);
  assert.deepEqual(report.errors, []);
  const events = readEvents(folder);
  assert.deepEqual(
    events.filter((event) => event.type === "node.ended" && !event.expected),
    [],
  );
  // Each was asked to end, and its last words are in its log.
  for (const name of readdirSync(join(folder, "logs")).filter((file) => /^(validator|executor)/.test(file))) {
    assert.ok(readFileSync(join(folder, "logs", name), "utf8").endsWith("\n"), name);
  }
  await nothingLeft(report.runId, 1_000);
});

test("a second Ctrl-C leaves the removal to the guardian, which makes it whole", async (t) => {
  const cwd = scratch(t);
  const run = startChaos(t, cwd);
  await awaitEvent(cwd, "the drive", (event) => event.type === "stage.started" && event.stage === "drive");
  process.kill(-run.pid, "SIGINT");
  await awaitEvent(cwd, "the teardown", (event) => event.type === "stage.started" && event.stage === "tear down");
  process.kill(-run.pid, "SIGINT");
  assert.equal((await run.finished).code, 130);
  await nothingLeft(latestRun(cwd).split("/").at(-1) ?? "", 30_000);
});

for (const what of ["network", "container"] as const) {
  test(`Ctrl-C when the first ${what} is there, with more under way, leaves nothing`, async (t) => {
    const cwd = scratch(t);
    const run = startChaos(t, cwd);
    const started = await awaitEvent(cwd, "the run", (event) => event.type === "run.started");
    assert.ok(started.type === "run.started");
    await waitFor({
      clock: systemClock,
      what: `the first ${what}`,
      timeoutMs: 30_000,
      intervalMs: 5,
      look: async () => {
        const things = (await thingsInEngine(started.runId)).filter((thing) => !thing.includes("_tools_"));
        return things.some((thing) => thing.startsWith(what))
          ? { done: true, value: undefined }
          : { done: false, seen: things.join("; ") };
      },
    });
    process.kill(-run.pid, "SIGINT");
    const { code, stderr } = await run.finished;
    assert.equal(code, 130, stderr);
    assert.deepEqual(await thingsInEngine(started.runId), []);
    const report = readReport(latestRun(cwd));
    assert.equal(report.verdict, "interrupted");
    assert.equal(report.inventory.created, report.inventory.removed);
    assert.deepEqual(report.errors, []);
  });
}
