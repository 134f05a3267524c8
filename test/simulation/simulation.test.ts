import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as realSleep } from "node:timers/promises";
import { digestOf } from "../../lib/core/canonical-json.ts";
import { createLocalDeployer } from "../../lib/deployers/local/local.ts";
import { createSimulationDeployer } from "../../lib/deployers/simulation/simulation.ts";
import type { Cluster } from "../../lib/model/cluster.ts";
import type { EventOf, EventType, RunEvent } from "../../lib/model/events.ts";
import type { RunContext } from "../../lib/model/run-context.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import { registryOf, simulate } from "./simulate.ts";

const ofType = <T extends EventType>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is EventOf<T> => event.type === type);

/** A short run of three nodes with this workload of the author's. */
const withOwn = (start: (ctx: RunContext) => Promise<void>) =>
  scenario("own")
    .topologyWith((t) => t.networkStar().validators(3))
    .without("agreement")
    .withWorkload({ name: "own", start })
    .withRunDuration("20s")
    .build();

const chaos = () =>
  scenario("chaos")
    .topologyWith((t) => t.networkStar().validators(3).executors(2))
    .wallets(30)
    .transactionsWith((txs) => txs.rate(3).users(15))
    .daWith((da) => da.channelRate(1).blobRate(1))
    .enableNodeControl()
    .chaosWith((faults) => faults.restart({ minDelay: "5s", maxDelay: "10s", targetCooldown: "15s" }))
    .withRunDuration("60s")
    .build();

test("equal seeds give equal event streams byte for byte, other seeds others, and no time of day is in them", async () => {
  const [one, two, other] = [
    await simulate(chaos(), { seed: "a" }),
    await simulate(chaos(), { seed: "a" }),
    await simulate(chaos(), { seed: "b" }),
  ];
  assert.equal(one.report.verdict, "passed", one.report.why);
  assert.ok(ofType(one.events, "fault.healed").length > 0, "no node was restarted");
  assert.equal(one.stream, two.stream);
  assert.deepEqual(one.report, two.report);
  assert.notEqual(one.stream, other.stream);
  assert.equal(ofType(one.events, "run.started")[0]?.wallTime, null);
  assert.doesNotMatch(one.stream + JSON.stringify(one.report), /\b20[2-9]\d-\d\d-\d\d/);
  const first = Date.parse(one.report.startedAt);
  assert.equal(first, 0);
});

test("a workload that waits by ctx.clock runs as it is, over minutes that take no time", async () => {
  const at: number[] = [];
  const run = await simulate(
    withOwn(async (ctx) => {
      for (let i = 0; i < 5; i++) {
        await ctx.clock.sleep(1_000, ctx.signal);
        const { height } = await (ctx.cluster.running()[0] as ReturnType<Cluster["running"]>[number]).client.info();
        ctx.events.emit("observation", { by: "own", data: { height } });
        at.push(ctx.clock.now());
      }
    }),
    { seed: "own" },
  );
  assert.equal(run.report.verdict, "passed", run.report.why);
  assert.equal(ofType(run.events, "observation").length, 5);
  const gaps = at.slice(1).map((time, i) => time - (at[i] ?? 0));
  assert.ok(
    gaps.every((gap) => gap >= 1_000 && gap < 1_050),
    `${gaps}`,
  );
});

test("a workload that waits for real time is an error that names it, what it waits for and the stage", async () => {
  const outside: Record<string, () => Promise<unknown>> = {
    "a real timer": () => realSleep(50),
    "a file": async () => (await import("node:fs/promises")).readFile(import.meta.filename),
    "a socket": () => fetch("http://127.0.0.1:18999/"),
  };
  for (const [what, wait] of Object.entries(outside)) {
    const run = await simulate(
      withOwn(async (ctx) => {
        await ctx.clock.sleep(2_000, ctx.signal);
        await wait().catch(() => undefined);
      }),
      { seed: "outside" },
    );
    assert.equal(run.report.verdict, "error", what);
    const [error] = run.report.errors;
    assert.equal(error?.code, "NR-SIM-OUTSIDE");
    assert.equal(error?.stage, "drive");
    assert.match(error?.message ?? "", new RegExp(`the workload own waits for (${what}|a real timer|a socket)`));
    assert.match(error?.hint ?? "", /ctx\.clock\.sleep/);
  }
});

test("an expectation is watched too, and writing events or logs is nobody's wait", async () => {
  const written = scenario("own-expectation")
    .topologyWith((t) => t.networkStar().validators(2))
    .without("agreement")
    .withExpectation({
      name: "patient",
      observe: async (ctx) => {
        console.debug("");
        await ctx.clock.sleep(3_000, ctx.signal);
        await realSleep(10);
      },
      judge: () => ({ outcome: "passed", summary: "fine", figures: {}, limits: {}, findings: [] }),
    })
    .withRunDuration("20s")
    .build();
  const run = await simulate(written, { seed: "x" });
  assert.equal(run.report.verdict, "error");
  assert.match(run.report.why, /the expectation patient waits for a real timer/);
});

test("work that nothing can settle any more is given real time, and then an error", async () => {
  const { VirtualClock } = await import("../../lib/deployers/simulation/virtual-clock.ts");
  const clock = new VirtualClock();
  assert.equal(await clock.drive(realSleep(20, "late")), "late");
  await assert.rejects(clock.drive(Promise.withResolvers<void>().promise), /nothing is left to happen at 0ms/);
});

test("no virtual time passes while files are written", async () => {
  const { VirtualClock } = await import("../../lib/deployers/simulation/virtual-clock.ts");
  const clock = new VirtualClock();
  for (let time = 1; time < 1_000; time++) clock.at(time, () => clock.wake());
  const work = async () => {
    await clock.sleep(10);
    await clock.outside(() => realSleep(30));
    return clock.now();
  };
  assert.equal(await clock.drive(work()), 10);
});

test("each control does what it does to processes, and its effect is seen from outside", async () => {
  const seen: string[] = [];
  const run = await simulate(
    withOwn(async ({ cluster, clock, feed }) => {
      const { control } = cluster;
      const peers = async (name: string) => {
        const node = cluster.node(name);
        return node.state === "running" ? (await node.client.networkInfo()).peers : -1;
      };
      await control.kill("validator-2");
      seen.push(`killed ${(await cluster.observe("validator-2")).alive}, hub has ${await peers("validator-0")} peers`);
      await assert.rejects(control.kill("validator-2"), /it has ended: SIGKILL, as asked/);
      await control.wipe("validator-2");
      await control.start("validator-2");
      await clock.sleep(3_000);
      seen.push(
        `started anew ${(await cluster.observe("validator-2")).identity}, hub has ${await peers("validator-0")}`,
      );
      await assert.rejects(control.wipe("validator-2"), /it is running/);

      await control.pause("validator-1");
      const paused = cluster.node("validator-1");
      assert.equal(paused.state, "running");
      if (paused.state === "running") await assert.rejects(paused.client.info({ timeoutMs: 500 }), /took longer than/);
      seen.push(`paused ${(await cluster.observe("validator-1")).paused}`);
      await control.resume("validator-1");
      if (paused.state === "running") seen.push(`resumed ${(await paused.client.info()).mode}`);

      const cut = { delayMs: 0, jitterMs: 0, loss: 1 };
      await control.setLinks([
        { from: "validator-0", to: "validator-1", ...cut },
        { from: "validator-1", to: "validator-0", ...cut },
      ]);
      await clock.sleep(500);
      seen.push(`cut: hub has ${await peers("validator-0")}`);
      await control.release();
      await clock.sleep(500);
      seen.push(`released: hub has ${await peers("validator-0")}`);
      await control.stop("validator-1");
      await control.start("validator-1");
      await control.restart("validator-1");
      await clock.sleep(2_000);
      seen.push(`restarted ${(await cluster.observe("validator-1")).identity}; ${feed.views().length} views`);
    }),
    { seed: "control" },
  );
  assert.equal(run.report.verdict, "passed", JSON.stringify(run.report.errors) + run.report.why);
  assert.deepEqual(seen, [
    "killed false, hub has 1 peers",
    "started anew start 2, hub has 2",
    "paused true",
    "resumed Online",
    "cut: hub has 1",
    "released: hub has 2",
    "restarted start 3; 3 views",
  ]);
});

test("delay holds what is sent over a link back, and keeps its order", async () => {
  const times: number[] = [];
  await simulate(
    withOwn(async ({ cluster, clock, feed }) => {
      const slow = { delayMs: 3_000, jitterMs: 500, loss: 0 };
      await cluster.control.setLinks([{ from: "validator-0", to: "validator-1", ...slow }]);
      await clock.sleep(8_000);
      const height = (name: string) => feed.views().find(({ node }) => node === name)?.height ?? 0;
      times.push(height("validator-0") - height("validator-1"));
    }),
    { seed: "delay" },
  );
  assert.ok((times[0] ?? 0) >= 1, `${times}`);
});

test("every node has its log, over all its starts", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nomos-run-sim-"));
  t.after(() => rmSync(folder, { recursive: true }));
  await simulate(
    withOwn(({ cluster }) => cluster.control.restart("validator-1")),
    { seed: "logs", folder },
  );
  assert.deepEqual(
    readdirSync(join(folder, "logs")).toSorted(),
    [0, 1, 2].map((i) => `validator-${i}.log`),
  );
  const log = readFileSync(join(folder, "logs/validator-1.log"), "utf8");
  assert.equal(log.match(/ starts with tip /g)?.length, 2);
  assert.match(log, /^1970-01-01T00:00:0\d/);
});

test("an interruption ends a simulated run in order", async () => {
  const interrupt = new AbortController();
  const { CodedError } = await import("../../lib/core/errors.ts");
  const run = await simulate(chaos(), {
    seed: "stop",
    interrupt: interrupt.signal,
    listener: ({ type }) => {
      if (type === "window.opened") interrupt.abort(new CodedError("NR-CORE-INTERRUPTED", "enough"));
    },
  });
  assert.equal(run.report.verdict, "interrupted");
  assert.equal(ofType(run.events, "node.ended").length, 5);
});

test("a simulated plan is the local one but for its backend", () => {
  const openTransport = () => assert.fail("nothing is deployed");
  const registry = registryOf([createSimulationDeployer(), createLocalDeployer({ openTransport })]);
  const planned = (deployer: string) => resolve(chaos(), { seed: "a", drawnSeed: "", deployer }, registry);
  const [simulated, local] = [planned("sim"), planned("local")];
  assert.notEqual(simulated.digest, local.digest);
  assert.equal(digestOf({ ...simulated.plan, deployer: "local" }), local.digest);
});
