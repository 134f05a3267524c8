import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { denoAlone, UNDER_DENO, UNDER_NODE } from "../support/deno.ts";
import { latestRun, nomosRun, scenario, scratch } from "../support/program.ts";

const NAMES = ["smoke", "chaos", "partition", "transactions", "custom-workload"];

for (const name of NAMES) {
  test(`the plan of ${name} is the one under Node, to the byte`, async (t) => {
    const cwd = scratch(t);
    const args = ["plan", scenario(name), "--seed", "7", "--json"];
    const ours = await nomosRun(t, args, { cwd, env: denoAlone(cwd), program: UNDER_DENO });
    const theirs = await nomosRun(t, args, { cwd, program: UNDER_NODE });
    assert.deepEqual([ours.code, ours.stderr], [0, ""]);
    assert.equal(ours.stdout, theirs.stdout);
  });
}

for (const name of ["smoke", "chaos"]) {
  test(`a simulation of ${name} records the events that it records under Node, to the byte`, async (t) => {
    const cwd = scratch(t);
    const args = [scenario(name), "--seed", "7", "--deployer", "sim", "--out"];
    const env = denoAlone(cwd);
    const ours = await nomosRun(t, [...args, join(cwd, "deno/.nomos-run")], { cwd, env, program: UNDER_DENO });
    assert.equal(ours.code, 0, ours.stderr);
    const theirs = await nomosRun(t, [...args, join(cwd, "node/.nomos-run")], { cwd, program: UNDER_NODE });
    assert.equal(theirs.code, 0, theirs.stderr);
    const events = (folder: string) => readFileSync(join(latestRun(join(cwd, folder)), "events.ndjson"), "utf8");
    const [deno, node] = [events("deno"), events("node")];
    // Not assert.equal, which would print both.
    assert.ok(deno === node, `${deno.length} and ${node.length} characters`);
    assert.ok(deno.includes('"run.ended"'));
  });
}

test("a simulated piece that waits for a real timer is noticed", async (t) => {
  const cwd = scratch(t);
  writeFileSync(
    join(cwd, "a.scenario.ts"),
    `import { scenario } from "nomos-run";
export default scenario("a").topologyWith((t) => t.networkFull().validators(2))
  .withWorkload({ name: "dawdle", options: {}, needs: [], async start() { await new Promise((r) => setTimeout(r, 50)); } })
  .withRunDuration("90s").build();
`,
  );
  const args = ["a.scenario.ts", "--seed", "7", "--deployer", "sim"];
  const { code, stdout } = await nomosRun(t, args, { cwd, env: denoAlone(cwd), program: UNDER_DENO });
  assert.equal(code, 3, stdout);
  assert.match(stdout, /NR-SIM-OUTSIDE in drive: the workload dawdle waits for a real timer/);
});

test("--version and about say that it is Deno", async (t) => {
  const cwd = scratch(t);
  const env = denoAlone(cwd);
  for (const word of ["--version", "about"]) {
    const { stdout } = await nomosRun(t, [word], { cwd, env, program: UNDER_DENO });
    assert.match(stdout, /linux-\w+,? Deno \d+\.\d+\.\d+$/m);
  }
});
