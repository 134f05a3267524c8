import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { nomosRun, readReport, scratch } from "../support/program.ts";

/** A scenario that fails for the seeds that `fails` names, in virtual time. */
function folderWith(t: TestContext, fails = "/^$/"): string {
  const cwd = scratch(t);
  writeFileSync(
    join(cwd, "tiny.scenario.ts"),
    `import { scenario } from "nomos-run";
export default scenario("tiny")
  .topologyWith((t) => t.networkStar().validators(2))
  .wallets(10)
  .without("agreement")
  .withExpectation({
    name: "own",
    judge: ({ plan }) => ({
      outcome: ${fails}.test(plan.seed) ? "failed" : "passed", summary: "by seed", figures: {}, limits: {}, findings: [],
    }),
  })
  .withRunDuration("16s")
  .build();
`,
  );
  return cwd;
}

const SIM = ["--deployer", "sim", "--profile", "fast", "--seed", "m"];

/** The summary's lines without the runs' ids. */
const summary = (stdout: string, lines: number) =>
  stdout
    .trimEnd()
    .split("\n")
    .slice(-lines)
    .map((line) => line.replace(/ {2}sim-\w+$/, ""));

test("a matrix is repeated round for round, each time with a seed of its own", async (t) => {
  const cwd = folderWith(t);
  const { code, stdout, stderr } = await nomosRun(
    t,
    ["tiny.scenario.ts", ...SIM, "--repeat", "2", "--matrix", "wallets.count=10,12"],
    { cwd },
  );
  assert.equal(code, 0, stderr);
  assert.deepEqual(summary(stdout, 5), [
    "passed  tiny  wallets.count=10  --seed m-1",
    "passed  tiny  wallets.count=12  --seed m-1",
    "passed  tiny  wallets.count=10  --seed m-2",
    "passed  tiny  wallets.count=12  --seed m-2",
    "4 passed",
  ]);

  const list = await nomosRun(t, ["list", "--json"], { cwd });
  const runs = JSON.parse(list.stdout) as { run: string; verdict: string; seed: string }[];
  assert.deepEqual(
    runs.map(({ verdict, seed }) => `${verdict} ${seed}`),
    ["passed m-2", "passed m-2", "passed m-1", "passed m-1"],
  );
  assert.match(
    (await nomosRun(t, ["list"], { cwd })).stdout,
    /^RUN +VERDICT +SCENARIO +STARTED +AGAIN\nsim-\w+ +passed +tiny +/,
  );

  const [newest = { run: "" }, other = { run: "" }] = runs;
  const diff = await nomosRun(t, ["diff", other.run, newest.run, "--json"], { cwd });
  assert.deepEqual(JSON.parse(diff.stdout).plan, [{ path: "wallets.count", before: 10, after: 12 }]);
  const same = await nomosRun(t, ["diff", newest.run, newest.run], { cwd });
  assert.deepEqual([same.code, same.stdout], [0, "the plans are equal\n\nthe figures are equal\n"]);

  rmSync(join(cwd, ".nomos-run/runs", newest.run, "run.json"));
  writeFileSync(join(cwd, ".nomos-run/runs", other.run, "run.json"), "{}");
  const after = JSON.parse((await nomosRun(t, ["list", "--json"], { cwd })).stdout) as { verdict: string }[];
  assert.deepEqual(
    after.map(({ verdict }) => verdict),
    ["cut off", "unreadable", "passed", "passed"],
  );
});

test("until failure: the run that didn't pass is the last, and its seed gives it again", async (t) => {
  const cwd = folderWith(t, "/-3$/");
  const { code, stdout } = await nomosRun(t, ["tiny.scenario.ts", ...SIM, "--until-failure"], { cwd });
  assert.equal(code, 1);
  assert.deepEqual(summary(stdout, 4), [
    "passed  tiny  --seed m-1",
    "passed  tiny  --seed m-2",
    "failed  tiny  --seed m-3",
    "1 failed, 2 passed",
  ]);
  const again = await nomosRun(t, ["tiny.scenario.ts", ...SIM.slice(0, -1), "m-3", "--out", "again"], { cwd });
  assert.equal(again.code, 1);
  const [run = ""] = readdirSync(join(cwd, "again/runs"));
  assert.deepEqual(
    readReport(join(cwd, "again/runs", run)).events,
    readReport(join(cwd, ".nomos-run/latest")).events,
    "the same seed is the same run",
  );
});

test("what was not run is said", async (t) => {
  const cwd = folderWith(t, "/-2$/");
  const { code, stdout } = await nomosRun(t, ["tiny.scenario.ts", ...SIM, "--until-failure", "--repeat", "5"], { cwd });
  assert.equal(code, 1);
  assert.deepEqual(summary(stdout, 1), ["1 failed, 1 passed, 3 not run"]);
});

test("a list of nothing is no error", async (t) => {
  const cwd = scratch(t);
  const { code, stdout } = await nomosRun(t, ["list"], { cwd });
  assert.deepEqual([code, stdout], [0, `there is no run in ${cwd}/.nomos-run\n`]);
});
