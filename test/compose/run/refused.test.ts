import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import {
  awaitEvent,
  EXECUTABLE,
  type Finished,
  latestRun,
  nomosRun,
  readReport,
  scenario,
  scratch,
  start,
} from "../../support/program.ts";
import { OwnEngine } from "../second-engine.ts";
import { docker, nothingLeft, thingsInEngine } from "./engine-world.ts";

const SMOKE = [scenario("smoke"), "--deployer", "compose", "--profile", "fast", "--seed", "refused"];
/** From the start of reserve to the error. */
const AT_ONCE_MS = 1_000;

/** The run is an error of this code, said at once, and nothing was made. */
function saidAtOnce(cwd: string, { code, stdout, stderr }: Finished, expected: string): void {
  assert.equal(code, 3, stdout + stderr);
  const folder = latestRun(cwd);
  const report = readReport(folder);
  assert.equal(report.errors[0]?.code, expected, JSON.stringify(report.errors));
  assert.equal(report.inventory.created, 0);
  const reserve = report.stages.find(({ stage }) => stage === "reserve");
  assert.ok((reserve?.ms ?? Number.POSITIVE_INFINITY) < AT_ONCE_MS, `${reserve?.ms} ms`);
}

test("no engine: said at once, and nothing is made", async (t) => {
  const cwd = scratch(t);
  const env = { DOCKER_HOST: `unix://${join(cwd, "nobody.sock")}` };
  saidAtOnce(cwd, await nomosRun(t, SMOKE, { cwd, env }), "NR-DOCKER-ABSENT");
});

test("a socket that is only root's: said at once to another user, and nothing is made", async (t) => {
  const cwd = scratch(t);
  chmodSync(cwd, 0o777);
  const socket = join(cwd, "root.sock");
  const engine = createServer().listen(socket);
  await once(engine, "listening");
  chmodSync(socket, 0o600);
  const program = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", EXECUTABLE] as const;
  const env = { DOCKER_HOST: `unix://${socket}`, HOME: cwd };
  const finished = await nomosRun(t, SMOKE, { cwd, env, program });
  engine.close();
  saidAtOnce(cwd, finished, "NR-DOCKER-RIGHTS");
});

/** An engine whose disk has so much room. */
async function smallEngine(t: TestContext, megabytes: number): Promise<OwnEngine> {
  const engine = new OwnEngine(t);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", engine.dataRoot]);
  await engine.start();
  return engine;
}

test("an engine whose disk is full is told by its name, and nothing is left", async (t) => {
  // Less than the node's image takes.
  const engine = await smallEngine(t, 60);
  const cwd = scratch(t);
  const env = { DOCKER_HOST: engine.url };
  const { code, stdout, stderr } = await nomosRun(t, SMOKE, { cwd, env, program: [...engine.inside, EXECUTABLE] });
  assert.equal(code, 3, stdout + stderr);
  const report = readReport(latestRun(cwd));
  assert.equal(report.errors[0]?.code, "NR-DOCKER-DISK-FULL", JSON.stringify(report.errors));
  assert.equal(report.inventory.created, report.inventory.removed);
  await nothingLeft(report.runId, 1_000, env);
});

test("a published port that somebody takes between reserve and start is told with its number", async (t) => {
  const cwd = scratch(t);
  const run = start(t, SMOKE, { cwd });
  const isPeers = (name: string) => name.endsWith("_peers");
  const made = await awaitEvent(cwd, "a network", (event) => event.type === "inventory.created" && isPeers(event.name));
  assert.ok(made.type === "inventory.created");
  const subnet = await docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", made.name);
  // 512 ports for each pair of networks, of which the peers' is the even one.
  const port = 20_096 + 256 * Number(/^198\.19\.(\d+)\.0\/24$/.exec(subnet)?.[1]);
  const stranger = createServer().listen(port, "127.0.0.1");
  await once(stranger, "listening");
  const { code, stdout, stderr } = await run.finished;
  stranger.close();
  assert.equal(code, 3, stdout + stderr);
  const report = readReport(latestRun(cwd));
  assert.equal(report.errors[0]?.code, "NR-DOCKER-PORT", JSON.stringify(report.errors));
  assert.match(report.errors[0]?.message ?? "", new RegExp(String(port)));
  assert.equal(report.inventory.created, report.inventory.removed);
  await nothingLeft(report.runId, 1_000);
});

test("two runs at once with one engine have nothing of one another", async (t) => {
  const cwd = scratch(t);
  const ends = await Promise.all([nomosRun(t, SMOKE, { cwd }), nomosRun(t, SMOKE, { cwd })]);
  // Two at once on a small machine may miss their pace, which makes them inconclusive and is not the point here.
  for (const { code, stdout, stderr } of ends) assert.ok(code === 0 || code === 2, stdout + stderr);
  const runs = readdirSync(join(cwd, ".nomos-run/runs"));
  assert.equal(runs.length, 2);
  for (const id of runs) {
    const { inventory } = readReport(join(cwd, ".nomos-run/runs", id));
    assert.equal(inventory.created, inventory.removed);
    assert.deepEqual(await thingsInEngine(id), []);
  }
});

test("a full disk below the run folder is a coded error, and all is removed", async (t) => {
  const cwd = scratch(t);
  const small = join(cwd, "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=400k", "tmpfs", small]);
  try {
    const args = [scenario("transactions"), ...SMOKE.slice(1), "--out", small];
    const { code, stdout, stderr } = await nomosRun(t, args, { cwd });
    assert.equal(code, 3, stdout + stderr);
    assert.match(stdout + stderr, /NR-HOST-DISK-FULL/);
    const [id = ""] = readdirSync(join(small, "runs"));
    await nothingLeft(id, 1_000);
  } finally {
    execFileSync("umount", [small]);
  }
});
