import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { it } from "node:test";
import { deploy, run, scenario } from "nomos-run";
import { waitFor } from "../../lib/core/wait.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { readReport, scratch } from "../support/program.ts";
import { markedProcesses } from "../support/world.ts";

const INDEX = join(import.meta.dirname, "../../lib/index.ts");

function gone(runId: string): Promise<void> {
  return waitFor({
    clock: systemClock,
    what: `run ${runId} to be gone`,
    timeoutMs: 15_000,
    intervalMs: 50,
    look() {
      const left = markedProcesses(runId);
      return left.length === 0 ? { done: true, value: undefined } : { done: false, seen: left.join("; ") };
    },
  });
}

it("a program that is killed, or ends without a word, leaves no node", async (t) => {
  const cwd = scratch(t);
  const program = join(cwd, "own.test.ts");
  writeFileSync(
    program,
    `import { deploy, scenario } from ${JSON.stringify(INDEX)};
const plan = scenario("own").topologyWith((t) => t.networkStar().validators(2)).build();
const cluster = await deploy(plan, { profile: "fast", out: "out" });
console.log(cluster.runId);
process.stdin.once("data", () => process.exit(7)).resume();
`,
  );
  for (const end of ["SIGKILL", "SIGINT", "exit"] as const) {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program], {
      cwd,
      env: {},
      stdio: ["pipe", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    const closed = once(child, "close");
    const line = await Promise.race([once(createInterface(child.stdout), "line"), closed]);
    const runId = String(line[0]);
    assert.match(runId, /^\d{8}-/, "the program ended before its network was up");
    assert.ok(markedProcesses(runId).length >= 3);
    if (end === "exit") child.stdin.write("now\n");
    else child.kill(end);
    // The library takes no signals: the program dies of them as it would without it.
    assert.deepEqual(await closed, end === "exit" ? [7, null] : [null, end]);
    await gone(runId);
  }
});

it("a guardian that is killed ends the network, and every wait says why", async (t) => {
  const plan = scenario("orphan")
    .topologyWith((n) => n.networkStar().validators(2))
    .build();
  const cluster = await deploy(plan, { profile: "fast", out: scratch(t) });
  const guardian = markedProcesses(cluster.runId).find((line) => line.includes(" guardian "));
  const waiting = assert.rejects(cluster.waitForHeight(10_000, { within: "60s" }), { code: "NR-HOST-GUARDIAN-DIED" });
  process.kill(Number.parseInt(guardian ?? "", 10), "SIGKILL");
  await waiting;
  const report = await cluster.close();
  assert.equal(report.verdict, "error");
  assert.deepEqual(
    report.errors.map(({ code }) => code),
    ["NR-HOST-GUARDIAN-DIED"],
  );
  assert.deepEqual(markedProcesses(cluster.runId), []);
});

it("a listener of events that throws ends the run, and says so", async (t) => {
  const plan = scenario("listener")
    .topologyWith((n) => n.networkStar().validators(1))
    .build();
  const out = scratch(t);
  const onEvent = ({ type }: { type: string }) => {
    if (type === "node.started") throw new Error("not expected");
  };
  await assert.rejects(deploy(plan, { profile: "fast", out, onEvent }), {
    code: "NR-LIB-EVENT",
    message: "onEvent threw at node.started: not expected",
  });
  const report = readReport(join(out, "latest"));
  assert.deepEqual([report.verdict, report.inventory.created], ["error", report.inventory.removed]);
});

it("a network that doesn't come up is an error with its own code, and nothing is left", async (t) => {
  const out = scratch(t);
  const plan = scenario("broken")
    .topologyWith((n) =>
      n
        .networkStar()
        .validators(2)
        .nodeConfigPatch(1, { consensus: { k: "ten" } }),
    )
    .build();
  let runId = "";
  const failing = deploy(plan, {
    profile: "fast",
    out,
    onEvent: (event) => {
      if (event.type === "run.started") runId = event.runId;
    },
  });
  await assert.rejects(failing, { code: "NR-NODE-CONFIG", message: /validator-1/ });
  assert.deepEqual(markedProcesses(runId), []);
  const { inventory } = readReport(join(out, "runs", runId));
  assert.equal(inventory.created, inventory.removed);
});

it("run gives the report of a whole run, also in virtual time, and equal ones for equal seeds", async (t) => {
  const plan = scenario("whole")
    .topologyWith((n) => n.networkStar().validators(3))
    .wallets(10)
    .transactionsWith((txs) => txs.rate(1).users(10))
    .expectConsensusLiveness()
    .withRunDuration("90s")
    .build();
  const options = { deployer: "sim", seed: "library", out: scratch(t), set: { "wallets.count": 12 } } as const;
  const first = await run(plan, options);
  assert.equal(first.verdict, "passed", first.why);
  const second = await run(plan, options);
  assert.equal(second.events.sha256, first.events.sha256);
  await assert.rejects(run(plan, { ...options, duration: "1s" }), { code: "NR-PLAN-REFUSED" });
  const calledOff = await run(plan, { ...options, signal: AbortSignal.abort("no time") });
  assert.deepEqual([calledOff.verdict, calledOff.why], ["interrupted", "called off: no time"]);
});
