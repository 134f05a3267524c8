import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { sweepProcesses } from "../../lib/host/processes.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { RunReport } from "../../lib/run/run-report.ts";
import { awaitEvent, latestRun, nomosRun, readEvents, readReport, scratch, start } from "../support/program.ts";
import { markedProcesses } from "../support/world.ts";

const FAST = ["--profile", "fast", "--seed", "cli"];

/** Two nodes for two seconds: too short for finality, so agreement is switched off. */
function quick(t: TestContext, name = "quick", body = ""): string {
  const cwd = scratch(t);
  writeFileSync(
    join(cwd, "quick.scenario.ts"),
    `import { scenario } from "nomos-run";
export default scenario("${name}")
  .topologyWith((t) => t.networkStar().validators(2))
  .without("agreement")
  ${body}
  .withRunDuration("16s")
  .build();
`,
  );
  return cwd;
}

/** A workload that does this as soon as the network is driven. */
const workload = (act: string) => `.withWorkload({ name: "own", async start(ctx) { ${act} } })`;

describe("run", { concurrency: 2 }, () => {
  it("passes with exit code 0, a folder of evidence, and nothing left", async (t) => {
    const cwd = quick(t);
    const { code, stdout, stderr } = await nomosRun(t, ["quick.scenario.ts", ...FAST], { cwd });
    assert.equal(code, 0, stdout + stderr);
    assert.equal(stderr, "");
    assert.match(stdout, /\nPASSED {2}quick, /);
    const folder = latestRun(cwd);
    assert.deepEqual(readdirSync(folder).toSorted(), [
      "binding.json",
      "events.ndjson",
      "guardian.log",
      "logs",
      "nodes",
      "plan.lock.json",
      "run.json",
    ]);
    const report = readReport(folder);
    assert.ok(stdout.includes(folder));
    assert.deepEqual([report.inventory.created, report.inventory.removed], [3, 3]);
    assert.match(report.build, /^0\.1\.0 \([0-9a-f]{12}\+?, [0-9a-f]{12}\)$/);
    assert.deepEqual(markedProcesses(report.runId), []);
  });

  it("keeps nodes up on request: ps lists them, logs shows them, clean ends them", async (t) => {
    const cwd = quick(t);
    const kept = await nomosRun(t, ["run", "quick.scenario.ts", ...FAST, "--keep", "--out", "elsewhere"], { cwd });
    assert.equal(kept.code, 0, kept.stdout + kept.stderr);
    const [runId = ""] = readdirSync(join(cwd, "elsewhere/runs"));
    t.after(() => sweepProcesses({ runId, clock: systemClock }));
    assert.ok(kept.stdout.includes(`end them with: nomos-run down ${runId}`), kept.stdout);
    assert.ok(!existsSync(join(cwd, ".nomos-run")));

    const listed = JSON.parse((await nomosRun(t, ["ps", "--json"], { cwd })).stdout) as {
      run: string;
      state: string;
      runner: number | null;
      guardian: number | null;
      nodes: { name: string; pid: number }[];
    }[];
    const mine = listed.find(({ run }) => run === runId);
    assert.ok(mine);
    assert.deepEqual([mine.state, mine.runner], ["kept", null]);
    assert.ok(mine.guardian);
    assert.deepEqual(
      mine.nodes.map(({ name }) => name),
      ["validator-0", "validator-1"],
    );

    const all = await nomosRun(t, ["logs", runId.slice(0, 22), "--out", "elsewhere"], { cwd });
    assert.equal(all.code, 0, all.stderr);
    assert.match(all.stdout, /^validator-0 \| .+\n/);
    assert.match(all.stdout, /^validator-1 \| .+\n/m);
    const one = await nomosRun(t, ["logs", "latest", "validator-1", "--out", "elsewhere"], { cwd });
    assert.ok(
      one.stdout.startsWith(readFileSync(join(cwd, "elsewhere/latest/logs/validator-1.log"), "utf8").slice(0, 500)),
    );
    const none = await nomosRun(t, ["logs", "latest", "validator-2", "--out", "elsewhere"], { cwd });
    assert.equal(none.code, 64);
    assert.match(
      none.stderr,
      /^error NR-CLI-NODE-UNKNOWN: there is no log of "validator-2" in .+\n {2}The nearest is validator-0\.\n$/,
    );

    const following = start(t, ["logs", "-f", "latest", "--out", "elsewhere"], { cwd });
    const cleaned = await nomosRun(t, ["clean", runId], { cwd });
    assert.equal(cleaned.stdout, `${runId}: removed 3 of 3 processes\n`);
    assert.equal(cleaned.code, 0);
    assert.equal((await following.finished).code, 0, "following ends with the run");
    assert.deepEqual(markedProcesses(runId), []);
  });

  it("never cleans a run at work, unless it is named and forced", async (t) => {
    const cwd = quick(t, "busy", workload("await ctx.clock.sleep(60_000, ctx.signal);"));
    const run = start(t, ["quick.scenario.ts", ...FAST, "--duration", "60s"], { cwd });
    await awaitEvent(cwd, "the drive", (event) => event.type === "stage.started" && event.stage === "drive");
    const runId = latestRun(cwd).split("/").at(-1) ?? "";
    const refused = await nomosRun(t, ["clean", runId], { cwd });
    assert.equal(refused.code, 64);
    assert.match(
      refused.stderr,
      new RegExp(`^error NR-CLI-RUN-ALIVE: run ${runId} is at work: its runner is pid ${run.pid}\n`),
    );
    assert.ok(markedProcesses(runId).length >= 3);
    const forced = await nomosRun(t, ["clean", runId, "--force"], { cwd });
    assert.equal(forced.code, 0, forced.stderr);
    const { code, stdout } = await run.finished;
    assert.equal(code, 3, stdout);
    assert.equal(readReport(latestRun(cwd)).verdict, "error");
  });

  it("cuts everything short on a second Ctrl-C", async (t) => {
    const cwd = quick(t, "stubborn", workload("await new Promise(() => undefined);"));
    const run = start(t, ["quick.scenario.ts", ...FAST, "--duration", "60s"], { cwd });
    await awaitEvent(cwd, "the drive", (event) => event.type === "stage.started" && event.stage === "drive");
    const runId = latestRun(cwd).split("/").at(-1) ?? "";
    // A frozen node doesn't end when it is asked to, so the teardown lasts until the second signal.
    const node = readEvents(latestRun(cwd)).find((event) => event.type === "node.started");
    process.kill(Number(node?.handle.replace("pid ", "")), "SIGSTOP");
    process.kill(run.pid, "SIGINT");
    await waitFor({
      clock: systemClock,
      what: "the teardown to begin",
      timeoutMs: 10_000,
      intervalMs: 2,
      look: () => {
        const events = readEvents(latestRun(cwd));
        const begun = events.some((event) => event.type === "stage.started" && event.stage === "tear down");
        return begun ? { done: true, value: undefined } : { done: false, seen: events.at(-1)?.type ?? "" };
      },
    });
    process.kill(run.pid, "SIGINT");
    const { code, stdout, stderr } = await run.finished;
    assert.equal(code, 130, stdout + stderr);
    assert.match(stdout, /SIGINT: taking everything down; a second one cuts that short/);
    assert.deepEqual(markedProcesses(runId), []);
  });

  it("ends in order, as an error, when something throws where nobody catches it", async (t) => {
    const cwd = quick(t, "careless", workload('queueMicrotask(() => { throw new Error("caught by nobody"); });'));
    const { code, stdout } = await nomosRun(t, ["quick.scenario.ts", ...FAST, "--duration", "60s"], { cwd });
    assert.equal(code, 3, stdout);
    const report = readReport(latestRun(cwd));
    assert.equal(report.verdict, "error");
    assert.match(report.why, /an error that nobody caught: caught by nobody/);
    assert.equal(report.inventory.created, report.inventory.removed);
  });

  it("prints one JSON object a line, the last of which is the result", async (t) => {
    const cwd = quick(t);
    const { code, stdout } = await nomosRun(t, ["quick.scenario.ts", ...FAST, "--reporter", "json"], { cwd });
    assert.equal(code, 0, stdout);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    assert.deepEqual(lines.slice(0, -1), readEvents(latestRun(cwd)));
    const { type, ...result } = lines.at(-1) as unknown as { type: string } & RunReport;
    assert.equal(type, "result");
    assert.deepEqual(result, readReport(latestRun(cwd)));
  });

  it("runs several files one after the other, and the worst verdict counts", async (t) => {
    const cwd = quick(t);
    const judgement = '{ outcome: "failed", summary: "never good", figures: {}, limits: {}, findings: [] }';
    const text = readFileSync(join(cwd, "quick.scenario.ts"), "utf8");
    writeFileSync(
      join(cwd, "bad.scenario.ts"),
      text
        .replace("quick", "bad")
        .replace(".without(", `.withExpectation({ name: "own", judge: () => (${judgement}) })\n  .without(`),
    );
    const args = ["run", "bad.scenario.ts", "quick.scenario.ts", ...FAST];
    const { code, stdout } = await nomosRun(t, args, { cwd });
    assert.equal(code, 1, stdout);
    assert.match(
      stdout,
      /\nfailed {2}bad {4}--seed cli {2}\S+\npassed {2}quick {2}--seed cli {2}\S+\n1 failed, 1 passed\n$/,
    );
  });
});

describe("plan", () => {
  it("prints text for people and one document for programs, and starts nothing", async (t) => {
    const cwd = quick(t);
    const text = await nomosRun(t, ["plan", "quick.scenario.ts", ...FAST], { cwd });
    assert.equal(text.code, 0, text.stderr);
    assert.match(
      text.stdout,
      /^quick on local, node kind reference\nseed cli \(--seed\), digest blake2b-256:[0-9a-f]{64}\n/,
    );
    const json = await nomosRun(t, ["plan", "quick.scenario.ts", ...FAST, "--json"], { cwd });
    const document = JSON.parse(json.stdout) as { plan: { seed: string }; digest: string };
    assert.equal(document.plan.seed, "cli");
    assert.ok(text.stdout.includes(document.digest));
    assert.ok(!existsSync(join(cwd, ".nomos-run")));
  });
});
