import assert from "node:assert/strict";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import {
  awaitEvent,
  EXECUTABLE,
  latestRun,
  readEvents,
  readReport,
  scenario,
  scratch,
  start,
} from "../../support/program.ts";
import { OwnEngine } from "../second-engine.ts";
import { docker, nothingLeft, projectOf, system } from "./engine-world.ts";

const SMOKE = [scenario("smoke"), "--deployer", "compose", "--profile", "fast", "--seed", "foreign"];
/** From somebody's act to the end of the program. */
const SOON_MS = 15_000;

/** A run that is in its drive. */
async function driven(t: TestContext, engine?: OwnEngine) {
  const cwd = scratch(t);
  const own = engine && { env: { DOCKER_HOST: engine.url }, program: [...engine.inside, EXECUTABLE] as const };
  const run = start(t, SMOKE, { cwd, ...own });
  const isDriven = awaitEvent(
    cwd,
    "the drive",
    ({ type, ...e }) => type === "stage.started" && "stage" in e && e.stage === "drive",
    90_000,
  );
  await Promise.race([isDriven, run.finished.then(({ stdout, stderr }) => Promise.reject(new Error(stdout + stderr)))]);
  const folder = latestRun(cwd);
  return { run, folder, runId: folder.split("/").at(-1) ?? "" };
}

test("somebody's compose down in mid-run is an error that names what went, and nothing is left", async (t) => {
  const { run, folder, runId } = await driven(t);
  const file = join(folder, "docker-compose.yml");
  const from = performance.now();
  await system("docker-compose", ["-p", projectOf(runId), "-f", file, "down", "-t", "0"]);
  const { code, stdout, stderr } = await run.finished;
  t.diagnostic(`${Math.round(performance.now() - from)} ms from the act to the end`);
  assert.ok(performance.now() - from < SOON_MS);
  assert.equal(code, 3, stdout + stderr);
  assert.match(stdout, /NR-DOCKER-REMOVED/);
  const report = readReport(folder);
  assert.equal(report.verdict, "error");
  assert.equal(report.errors[0]?.code, "NR-DOCKER-REMOVED");
  assert.ok(report.inventory.items.some(({ kind, removedBy }) => kind === "container" && removedBy === "foreign"));
  assert.equal(report.inventory.created, report.inventory.removed);
  await nothingLeft(runId, 1_000);
});

test("a container that somebody removes in mid-run is an error at once, and the only thing of theirs", async (t) => {
  const { run, folder, runId } = await driven(t);
  const from = performance.now();
  const name = `${projectOf(runId)}_validator-1_1`;
  await docker("rm", "-f", name);
  const { code, stdout, stderr } = await run.finished;
  assert.ok(performance.now() - from < SOON_MS);
  assert.equal(code, 3, stdout + stderr);
  const report = readReport(folder);
  assert.equal(report.errors[0]?.code, "NR-DOCKER-REMOVED");
  assert.match(report.errors[0]?.message ?? "", /validator-1/);
  const foreign = report.inventory.items.filter(({ removedBy }) => removedBy === "foreign");
  assert.deepEqual(
    foreign.map((item) => item.name),
    [name],
  );
  assert.ok(readEvents(folder).some((event) => event.type === "inventory.removed" && event.by === "foreign"));
  assert.equal(report.inventory.created, report.inventory.removed);
  await nothingLeft(runId, 1_000);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  test(`an engine that is restarted in mid-run (${signal}) is an error, and nothing is left once it is back`, async (t) => {
    const engine = new OwnEngine(t);
    await engine.start();
    const env = { DOCKER_HOST: engine.url };
    const { run, folder, runId } = await driven(t, engine);
    await engine.end(signal);
    await engine.start();
    const { code, stdout, stderr } = await run.finished;
    assert.equal(code, 3, stdout + stderr);
    const report = readReport(folder);
    assert.equal(report.verdict, "error");
    assert.equal(report.errors[0]?.code, "NR-DOCKER-ENDED", JSON.stringify(report.errors));
    assert.equal(report.inventory.created, report.inventory.removed);
    await nothingLeft(runId, 1_000, env);
  });
}

test("an engine that doesn't come back is an error, and the report is whole and names what is left", async (t) => {
  const engine = new OwnEngine(t);
  await engine.start();
  const env = { DOCKER_HOST: engine.url };
  const { run, folder, runId } = await driven(t, engine);
  await engine.end("SIGKILL");
  const { code, stdout, stderr } = await run.finished;
  assert.equal(code, 3, stdout + stderr);
  const report = readReport(folder);
  assert.equal(report.errors[0]?.code, "NR-DOCKER-ENDED", JSON.stringify(report.errors));
  assert.equal(report.inventory.removed, 0);
  assert.ok(report.inventory.created > 0);
  await engine.start();
  await system(EXECUTABLE, ["clean", runId], env);
  await nothingLeft(runId, 1_000, env);
});
