import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { latestRun, nomosRun, readReport, scratch } from "../support/program.ts";

/** A folder with a scenario file of three nodes and some traffic. */
function folderWithScenario(t: TestContext): string {
  const cwd = scratch(t);
  writeFileSync(
    join(cwd, "quick.scenario.ts"),
    `import { scenario } from "nomos-run";
export default scenario("quick")
  .topologyWith((t) => t.networkStar().validators(3))
  .wallets(10)
  .transactionsWith((txs) => txs.rate(1).users(10))
  .withRunDuration("40s")
  .build();
`,
  );
  return cwd;
}

test("run --deployer sim: equal seeds give equal bytes across processes, each in a folder of its own", async (t) => {
  const cwd = folderWithScenario(t);
  const args = ["run", "quick.scenario.ts", "--seed", "bytes"];
  const first = await nomosRun(t, [...args, "--deployer", "sim"], { cwd });
  assert.equal(first.code, 0, first.stdout + first.stderr);
  const one = latestRun(cwd);
  const second = await nomosRun(t, args, { cwd, env: { NOMOS_RUN_DEPLOYER: "sim" } });
  assert.equal(second.code, 0, second.stdout + second.stderr);
  const two = latestRun(cwd);
  assert.equal(two, `${one}-2`);
  for (const file of ["events.ndjson", "run.json", "binding.json", "logs/validator-1.log"]) {
    assert.ok(readFileSync(join(one, file)).equals(readFileSync(join(two, file))), file);
  }
  assert.deepEqual(readdirSync(one).toSorted(), [
    "binding.json",
    "events.ndjson",
    "logs",
    "plan.lock.json",
    "run.json",
  ]);
  const report = readReport(one);
  assert.match(report.runId, /^sim-[0-9a-f]{12}$/);
  assert.deepEqual([report.inventory.created, report.kept], [0, false]);

  const third = await nomosRun(t, ["run", "quick.scenario.ts", "--seed", "other", "--deployer", "sim"], { cwd });
  assert.equal(third.code, 0, third.stdout + third.stderr);
  assert.notEqual(readReport(latestRun(cwd)).runId, report.runId);
});

test("simulated nodes can't be kept, which is said before anything is started", async (t) => {
  const cwd = folderWithScenario(t);
  const { code, stderr } = await nomosRun(t, ["quick.scenario.ts", "--deployer", "sim", "--keep"], { cwd });
  assert.equal(code, 64);
  assert.match(stderr, /error NR-CLI-OPTION: the simulated nodes of quick can't be kept\n.*--deployer local/);
  assert.deepEqual(readdirSync(cwd), ["quick.scenario.ts"]);
});
