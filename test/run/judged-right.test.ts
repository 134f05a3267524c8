import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import {
  awaitEvent,
  latestRun,
  nomosRun,
  readEvents,
  readReport,
  scenario,
  scratch,
  start,
} from "../support/program.ts";
import { undisturbed } from "../support/undisturbed.ts";
import { markedProcesses } from "../support/world.ts";

const FAST = ["--profile", "fast", "--seed", "judged-right"];

test("a node killed by hand fails the run, and is named", async (t) => {
  const cwd = scratch(t);
  const run = start(t, [scenario("smoke"), ...FAST], { cwd });
  const started = await awaitEvent(
    cwd,
    "a node",
    (event) => event.type === "node.started" && event.node === "validator-1",
  );
  await awaitEvent(cwd, "the drive", (event) => event.type === "stage.started" && event.stage === "drive");
  assert.ok(started.type === "node.started");
  process.kill(Number(/\d+/.exec(started.handle)?.[0]), "SIGKILL");
  const { code, stdout } = await run.finished;
  assert.equal(code, 1, stdout);
  const report = readReport(latestRun(cwd));
  assert.equal(report.verdict, "failed");
  const exit = report.expectations.find(({ kind }) => kind === "no-unexpected-exit");
  assert.equal(exit?.outcome, "failed");
  assert.match(exit?.findings.join() ?? "", /validator-1/);
  assert.equal(report.inventory.created, report.inventory.removed);
});

/** A workload of the scenario's own, so that what happens to the network is the test's doing and not chaos'. */
function scenarioWith(cwd: string, body: string): string {
  const file = join(cwd, "own.scenario.ts");
  writeFileSync(
    file,
    `import { createServer } from "node:net";
import { scenario } from "nomos-run";

export default scenario("own")
  .topologyWith((t) => t.networkFull().validators(4))
  .enableNodeControl()
  .withWorkload({
    name: "own",
    async start(ctx) {
      ${body}
    },
  })
  .expectConsensusLiveness()
  .withRunDuration("120s")
  .build();
`,
  );
  return file;
}

test("restarting every node, whichever the feed reads, changes no verdict", (t) =>
  undisturbed(t, async () => {
    const cwd = scratch(t);
    const file = scenarioWith(
      cwd,
      `for (const node of ctx.plan.topology.nodes) {
          await ctx.cluster.control.restart(node.name);
          await ctx.clock.sleep(2_000, ctx.signal);
        }`,
    );
    const { code, stdout, stderr } = await nomosRun(t, [file, ...FAST], { cwd });
    assert.equal(code, 0, stdout + stderr);
    const folder = latestRun(cwd);
    assert.equal(readEvents(folder).filter((event) => event.type === "node.started").length, 8);
    const { items, created, removed } = readReport(folder).inventory;
    assert.equal(items.filter(({ kind }) => kind === "process").length, 8);
    assert.equal(removed, created);
  }));

test("a stranger on a stopped node's port is a coded error within five seconds", async (t) => {
  const cwd = scratch(t);
  const file = scenarioWith(
    cwd,
    `const { bound } = ctx.cluster.node("validator-2");
      await ctx.cluster.control.stop("validator-2");
      const stranger = createServer();
      await new Promise((done) => stranger.listen(bound.apiPort, bound.host, done));
      try {
        await ctx.cluster.control.start("validator-2");
      } finally {
        stranger.close();
      }`,
  );
  const { code, stdout } = await nomosRun(t, [file, ...FAST], { cwd });
  assert.equal(code, 3, stdout);
  const folder = latestRun(cwd);
  const report = readReport(folder);
  assert.equal(report.verdict, "error");
  assert.equal(report.errors[0]?.code, "NR-LOCAL-PORT-TAKEN");
  const events = readEvents(folder);
  const stopped = events.find((event) => event.type === "node.ended" && event.node === "validator-2");
  const failed = events.find((event) => event.type === "workload.ended" && event.outcome === "failed");
  assert.ok(stopped && failed && failed.t - stopped.t < 5_000, `${stopped?.t} ${failed?.t}`);
  assert.equal(report.inventory.created, report.inventory.removed);
});

test("a full disk under the run folder is an error, and all is removed", async (t) => {
  const cwd = scratch(t);
  const small = join(cwd, "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1200k", "tmpfs", small]);
  try {
    const { code, stdout, stderr } = await nomosRun(t, [scenario("transactions"), ...FAST, "--out", small], { cwd });
    assert.equal(code, 3, stdout + stderr);
    assert.match(stdout + stderr, /NR-HOST-DISK-FULL/);
    const [id] = readdirSync(join(small, "runs"));
    assert.deepEqual(markedProcesses(id), []);
  } finally {
    execFileSync("umount", [small]);
  }
});
