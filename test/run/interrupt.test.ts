import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { awaitEvent, latestRun, readEvents, readReport, scenario, scratch, start } from "../support/program.ts";
import { markedProcesses } from "../support/world.ts";

test("Ctrl-C to the process group ends the run in order, with logs and run.json whole", async (t) => {
  const cwd = scratch(t);
  const run = start(t, [scenario("chaos"), "--profile", "fast", "--seed", "interrupt"], { cwd, ownGroup: true });
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
  assert.equal(events.at(-1)?.type, "run.ended");
  assert.deepEqual(
    events.filter((event) => event.type === "node.ended" && !event.expected),
    [],
  );
  const logs = readdirSync(join(folder, "logs"));
  for (const { name } of [{ name: "validator-0" }, { name: "executor-1" }]) {
    assert.ok(logs.includes(`${name}.log`));
    assert.ok(readFileSync(join(folder, "logs", `${name}.log`), "utf8").endsWith("\n"));
  }
  assert.deepEqual(markedProcesses(report.runId), []);
});

test("SIGTERM ends the run with exit code 143", async (t) => {
  const cwd = scratch(t);
  const run = start(t, [scenario("smoke"), "--profile", "fast"], { cwd });
  await awaitEvent(cwd, "a started node", (event) => event.type === "node.started");
  process.kill(run.pid, "SIGTERM");
  const { code, stderr } = await run.finished;
  assert.equal(code, 143, stderr);
  assert.equal(readReport(latestRun(cwd)).verdict, "interrupted");
});
