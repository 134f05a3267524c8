import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { deploy, scenario } from "nomos-run";
import { readEvents, readReport, scratch } from "../support/program.ts";
import { markedProcesses } from "../support/world.ts";

const plan = () =>
  scenario("by-hand")
    .topologyWith((t) => t.networkStar().validators(3))
    .wallets(4)
    .build();

describe("deploy", { concurrency: 2 }, () => {
  it("gives a network to drive, judges what happened in it, and leaves nothing", async (t) => {
    const out = scratch(t);
    const cluster = await deploy(plan(), { out, profile: "fast", seed: "by hand" });
    assert.deepEqual(
      cluster.nodes.map(({ planned }) => planned.name),
      ["validator-0", "validator-1", "validator-2"],
    );
    assert.ok(cluster.folder.startsWith(out));
    assert.equal(cluster.logs, join(cluster.folder, "logs"));

    // A node is asked directly; the answer to the same question by plain HTTP is the same chain.
    const node = cluster.node("validator-1");
    assert.equal(node.state, "running");
    const { bound, client } = node;
    const { tip } = await client.info();
    const answer = await fetch(`http://${bound.host}:${bound.apiPort}/cryptarchia/headers?from=${tip}`);
    assert.ok(((await answer.json()) as string[]).includes(tip));

    // Money moves, and the chain has it.
    const [alice, bob] = cluster.wallets;
    assert.ok(alice && bob);
    const before = cluster.balance(bob);
    const { tx } = await cluster.transfer({ from: alice, to: bob, value: 5n });
    await cluster.waitForTransaction(tx, { within: "30s" });
    assert.equal(cluster.balance(bob), before + 5n);
    assert.equal(await client.balance(bob.pk), before + 5n);

    // A stopped node has no client; started again it catches up.
    await cluster.control.stop("validator-2");
    const stopped = cluster.node("validator-2");
    assert.equal(stopped.state, "stopped");
    assert.ok(!("client" in stopped));
    const height = cluster.feed.head().height;
    await cluster.waitForHeight(height + 2, { within: "30s" });
    await cluster.control.start("validator-2");
    await cluster.waitForHeight(height + 3, { within: "30s", nodes: ["validator-2"] });
    const views = await Promise.all(cluster.running.map(({ client: each }) => each.info()));
    for (const view of views) assert.ok(view.height >= height + 2);
    await cluster.waitForHeight(cluster.plan.consensus.k + 5, { within: "60s" });

    const report = await cluster.close();
    assert.equal(report.verdict, "passed", report.why);
    for (const { expectation, outcome, summary } of report.expectations) {
      assert.equal(outcome, "passed", `${expectation}: ${summary}`);
    }
    const judged = report.expectations.map(({ expectation }) => expectation);
    for (const name of ["agreement", "no-unexpected-exit"]) assert.ok(judged.includes(name), name);
    // Three nodes, one started twice, and the hold on their addresses.
    assert.deepEqual([report.inventory.created, report.inventory.removed], [5, 5]);
    assert.deepEqual(markedProcesses(report.runId), []);
    assert.deepEqual(readReport(cluster.folder), report);
    assert.deepEqual(readdirSync(cluster.logs).toSorted(), ["validator-0.log", "validator-1.log", "validator-2.log"]);
    assert.equal(await cluster.close(), report, "closing twice gives the same report");
    await assert.rejects(cluster.waitForHeight(1_000, { within: "30s" }), { code: "NR-LIB-CLOSED" });
    await assert.rejects(cluster.transfer({ from: alice, to: bob, value: 1n }), { code: "NR-LIB-CLOSED" });
    await assert.rejects(cluster.control.stop("validator-0"), { code: "NR-LIB-CLOSED" });
  });

  it("is taken down at the end of its scope, also by an error", async (t) => {
    const out = scratch(t);
    let folder = "";
    await assert.rejects(async () => {
      await using cluster = await deploy(plan(), { out, profile: "fast" });
      folder = cluster.folder;
      assert.ok(markedProcesses(cluster.runId).length > 3);
      throw new Error("the test's own");
    }, /the test's own/);
    const report = readReport(folder);
    assert.equal(report.inventory.created, report.inventory.removed);
    assert.deepEqual(markedProcesses(report.runId), []);
  });

  it("says what a wait last saw, what a node died of, and judges that", async (t) => {
    const out = scratch(t);
    await using cluster = await deploy(plan(), { out, profile: "fast", seed: "dies" });
    await assert.rejects(cluster.waitForHeight(10_000, { within: "200ms" }), (error: Error & { code?: string }) => {
      assert.equal(error.code, "NR-CORE-DEADLINE");
      assert.match(error.message, /height 10000.*last seen: validator-0 at \d+/s);
      return true;
    });
    const node = cluster.node("validator-0");
    assert.ok(node.state === "running");
    process.kill(Number(node.handle.replace("pid ", "")), "SIGKILL");
    await cluster.waitFor(
      "validator-0 to be gone",
      () => {
        const { state } = cluster.node("validator-0");
        return state === "stopped" || `it is ${state}`;
      },
      { within: "10s" },
    );
    await assert.rejects(cluster.control.stop("validator-0"), { code: "NR-NODE-STATE" });
    await assert.rejects(cluster.waitForHeight(10_000, { within: "30s", nodes: ["validator-9"] }), {
      code: "NR-NODE-UNKNOWN",
    });
    const report = await cluster.close();
    assert.equal(report.verdict, "failed");
    assert.match(report.why, /validator-0 ended without a fault of ours/);
  });

  it("records the events of faults, and passes them on", async (t) => {
    const out = scratch(t);
    const seen: string[] = [];
    await using cluster = await deploy(plan(), { out, profile: "fast", onEvent: ({ type }) => seen.push(type) });
    await cluster.control.pause("validator-1");
    await cluster.control.resume("validator-1");
    await cluster.close();
    assert.deepEqual(
      seen,
      readEvents(cluster.folder).map(({ type }) => type),
    );
    assert.ok(seen.includes("node.paused"));
  });

  it("doesn't touch the process: no signal handler, no exit code, no variable read", async (t) => {
    const names = ["SIGINT", "SIGTERM", "SIGHUP", "uncaughtException", "unhandledRejection", "exit"];
    const listeners = () => names.map((name) => process.listenerCount(name));
    const before = listeners();
    process.env.NOMOS_RUN_SEED = "not this one";
    t.after(() => delete process.env.NOMOS_RUN_SEED);
    await using cluster = await deploy(plan(), { out: scratch(t), profile: "fast", seed: "mine" });
    assert.equal(cluster.plan.seed, "mine");
    assert.deepEqual(listeners(), before);
  });

  it("can be called off while it boots", async (t) => {
    const out = scratch(t);
    const calledOff = new AbortController();
    const booting = deploy(plan(), {
      out,
      profile: "fast",
      signal: calledOff.signal,
      onEvent: ({ type }) => type === "node.started" && calledOff.abort(new Error("enough")),
    });
    await assert.rejects(booting, { code: "NR-CORE-INTERRUPTED", message: /enough/ });
    const [runId = ""] = readdirSync(join(out, "runs"));
    assert.deepEqual(markedProcesses(runId), []);
    assert.match(readFileSync(join(out, "runs", runId, "run.json"), "utf8"), /"interrupted"/);
  });

  it("refuses before anything is made", async (t) => {
    const out = join(scratch(t), "runs of mine");
    const refusals: [unknown, unknown, RegExp][] = [
      [scenario("unbuilt"), {}, /NR-LIB-PLAN: .* isn't built.*\.build\(\)/s],
      [{ name: "no plan" }, {}, /NR-LIB-PLAN: .*an object.*scenario\(/s],
      [plan(), { out, sed: "x" }, /NR-LIB-OPTION: .*no option sed.*nearest is seed/s],
      [plan(), { out, seed: 7 }, /NR-LIB-OPTION: .*seed is 7.*text/s],
      [plan(), { out, deployer: "sim" }, /NR-LIB-OPTION: .*simulated.*run\(/s],
      [plan(), { out, deployer: "moon" }, /NR-PLAN-UNKNOWN/],
      [plan(), { out, duration: "90" }, /NR-CORE-DURATION/],
      [plan(), { out, set: { "wallets.cout": 5 } }, /NR-PLAN-SET-PATH/],
      [plan(), { out, onEvent: 1 }, /NR-LIB-OPTION: .*onEvent is 1.*function/s],
      [plan(), 5, /NR-LIB-OPTION: .*options are 5/s],
    ];
    for (const [written, options, says] of refusals) {
      const attempt = deploy(written as never, options as never);
      await assert.rejects(attempt, (error: Error & { code: string; hint?: string; problems?: object[] }) => {
        const text = `${error.code}: ${error.message} ${error.hint} ${JSON.stringify(error.problems ?? [])}`;
        assert.match(text, says);
        return true;
      });
    }
    assert.ok(!existsSync(out));
  });
});
