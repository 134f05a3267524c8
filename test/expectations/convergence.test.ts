import assert from "node:assert/strict";
import test from "node:test";
import { convergence } from "../../lib/expectations/convergence.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { minority } from "../../lib/plan/builder/targets.ts";
import { simulate } from "../simulation/simulate.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";
import { runVirtually } from "../support/virtual-run.ts";

const plan = planOf({ validators: 3, executors: 0 });
const faulty = planOf({ validators: 3, executors: 0 }, { workloads: [pieceOf("chaos")] });
const judge = (recording: Recording, withinMs = 10_000, of = plan) =>
  convergence.create(pieceOf("convergence", { withinMs }), of).judge({ ...recording.evidence(), plan: of });

/** validator-2 is restarted at 20 s and has a process again at 24 s. */
function restarted(recording = new Recording(plan)): Recording {
  recording.boot();
  for (let height = 1; height <= 9; height++) recording.block(height);
  return recording
    .opened(2, 1)
    .at(20_000, "fault.planned", { fault: "f0", kind: "restart", target: "validator-2", at: 20_000 })
    .at(20_000, "fault.started", { fault: "f0", kind: "restart", target: "validator-2" })
    .at(21_000, "node.ended", { node: "validator-2", start: 1, expected: true, why: "SIGTERM, as asked" })
    .at(24_000, "node.started", { node: "validator-2", start: 2, handle: "pid 2", by: "fault" })
    .at(24_500, "fault.effective", { fault: "f0", seen: "a new process" });
}

const others = ["validator-0", "validator-1"];

test("nodes that share a chain again in time pass", () => {
  const recording = restarted();
  recording.block(10, { slot: 13, on: others }).block(11, { slot: 14 });
  const judgement = judge(recording.closed(40, 11));
  assert.equal(judgement.outcome, "passed", judgement.summary);
  assert.equal(judgement.figures.slowestMs, 4_500);
});

test("a node that comes back later than the limit is named with the time it took", () => {
  const recording = restarted();
  for (let height = 10; height <= 19; height++) recording.block(height, { slot: height + 3, on: others });
  const judgement = judge(recording.block(20, { slot: 23 }).closed(40, 20));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.findings[0] ?? "", /^f0 \(restart of validator-2\).*22.5s later/);
});

test("a node on a branch of its own has not converged, and is named with its block", () => {
  const recording = restarted();
  for (let height = 10; height <= 20; height++) {
    recording.block(height, { slot: height + 3, on: others });
    const parent = height === 10 ? "b9" : `x${height - 1}`;
    recording.block(height, { slot: height + 3, branch: "x", parent, on: ["validator-2"] });
  }
  const judgement = judge(recording.closed(40, 20));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.summary, /validator-2; at most 10s allowed/);
  assert.match(judgement.findings[0] ?? "", /validator-2 was apart at height \d+ on block x\d+/);
});

test("a node that is on the chain but far behind has not converged", () => {
  const recording = restarted();
  recording.block(3, { slot: 13, on: ["validator-2"] });
  for (let height = 10; height <= 20; height++) recording.block(height, { slot: height + 4, on: others });
  assert.equal(judge(recording.closed(40, 20)).outcome, "failed");
});

test("without a fault that ended there is nothing to judge, nor when the window closes before the limit", () => {
  const quiet = new Recording(plan).boot().block(1).opened(2, 1).block(2).closed(2, 2);
  assert.match(judge(quiet, 10_000, faulty).summary, /no fault that took effect came to an end/);
  assert.match(judge(quiet).summary, /^no node was more than 0 slots behind the others, at most 4.2 slots allowed/);
  const short = restarted().block(10, { slot: 13, on: others }).closed(13, 10);
  const judgement = judge(short);
  assert.equal(judgement.outcome, "inconclusive");
  assert.match(judgement.summary, /before 1 fault had been over for 10s/);
});

test("a limit shorter than nodes can keep is refused", () => {
  const piece = pieceOf("convergence", { withinMs: 3_000 });
  assert.match(convergence.object(piece, plan, {} as never)[0]?.message ?? "", /within 3s is less than 2 slots of 2s/);
});

/** Forty slots in which validator-2 shows each block so many slots late from block 10 on, if at all. */
function lagging(lag: number): Recording {
  const recording = new Recording(plan).boot();
  const shown = [...Array(40).keys()].flatMap((i) => {
    const height = i + 1;
    return height < 10
      ? [{ slot: height, height, on: plan.topology.nodes.map(({ name }) => name) }]
      : [
          { slot: height, height, on: others },
          { slot: height + lag, height, on: ["validator-2"] },
        ];
  });
  recording.opened(2, 1);
  for (const { slot, height, on } of shown.filter((one) => one.slot <= 40).sort((a, b) => a.slot - b.slot)) {
    recording.block(height, { slot, on });
  }
  return recording.closed(40, 40);
}

test("a node under no fault that is slots behind the others is named, and one within the limit is not", () => {
  const judgement = judge(lagging(8));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.summary, /^validator-2 did not keep up under no fault: up to 8.7 slots behind/);
  assert.match(
    judgement.findings[0] ?? "",
    /^validator-2 was 8.7 slots behind: others showed height 33 at 66.5s, and it had not by the end of the window/,
  );
  assert.equal(judgement.limits["lagMs"], 10_400);
  assert.equal(judge(lagging(4)).outcome, "passed");
  assert.equal(judge(lagging(100)).figures["stale"], 1);
});

test("a node that was paused, or behind slow links, is not held to that", () => {
  const paused = lagging(8);
  paused.events.splice(20, 0, { ...event(paused), type: "node.paused", node: "validator-2", paused: true } as never);
  assert.equal(judge(paused).outcome, "passed");
  const slow = lagging(8);
  const conditions = [{ from: "validator-0", to: "validator-2", delayMs: 9_000, jitterMs: 0, loss: 0 }];
  slow.events.splice(20, 0, { ...event(slow), type: "links.set", conditions } as never);
  assert.equal(judge(slow).outcome, "passed");
});

test("a block that its maker keeps to itself is held against nobody else", () => {
  const recording = new Recording(plan).boot().opened(2, 1);
  for (let height = 1; height <= 10; height++) recording.block(height);
  recording.block(11, { slot: 12, branch: "x", parent: "b10", on: ["validator-0"] });
  for (let height = 11; height <= 30; height++) recording.block(height, { slot: height + 9 });
  assert.equal(judge(recording.closed(40, 30)).outcome, "passed");
});

/** When and where an event stands that is put in after the first twenty. */
function event(recording: Recording) {
  const { t = 0, seq = 0 } = recording.events[19] ?? {};
  return { v: 1 as const, t, seq };
}

test("a fault that another one overtakes is not judged by itself", () => {
  const recording = restarted();
  recording
    .at(26_000, "fault.planned", { fault: "f1", kind: "restart", target: "validator-1", at: 26_000 })
    .at(26_000, "fault.started", { fault: "f1", kind: "restart", target: "validator-1" })
    .at(26_100, "node.ended", { node: "validator-1", start: 1, expected: true, why: "SIGTERM, as asked" })
    .at(44_000, "node.started", { node: "validator-1", start: 2, handle: "pid 3", by: "fault" })
    .at(44_100, "fault.effective", { fault: "f1", seen: "a new process" });
  const judgement = judge(recording.block(10, { slot: 23 }).closed(40, 10));
  assert.equal(judgement.outcome, "passed", judgement.summary);
  assert.deepEqual([judgement.figures.faults, judgement.figures.overtaken], [2, 1]);
});

test("a run with restarts converges, and its limit can be tightened until it doesn't", async () => {
  const written = scenario("restarts")
    .topologyWith((t) => t.networkStar().validators(4))
    .enableNodeControl()
    .chaosWith((chaos) => chaos.restart({ minDelay: "10s", maxDelay: "20s", targetCooldown: "30s" }))
    .expectConvergence({ within: "20s" })
    .withRunDuration("90s")
    .build();
  const run = await runVirtually(written, { seed: "converge", profile: "fast" });
  const judged = run.expectations.find(({ kind }) => kind === "convergence");
  assert.equal(judged?.outcome, "passed", judged?.summary);
  const slowest = Number(judged?.figures.slowestMs);
  const evidence = { plan: run.plan, events: run.events, occupancy: () => 0.9, judgementOf: () => undefined };
  const tighter = convergence.create(pieceOf("convergence", { withinMs: slowest - 1 }), run.plan).judge(evidence);
  assert.equal(tighter.outcome, "failed");
});

test("after a partition both sides share a chain again, some time after the links are clear", async () => {
  const written = scenario("split")
    .topologyWith((t) => t.networkFull().validators(5))
    .enableNodeControl()
    .chaosWith((chaos) => chaos.partition({ at: "20s", for: "8s", targets: minority() }))
    .expectConvergence({ within: "10s" })
    .withRunDuration("60s")
    .build();
  const { plan: split, events, report } = await simulate(written, { seed: "split" });
  const judged = report.expectations.find(({ kind }) => kind === "convergence");
  assert.equal(judged?.outcome, "passed", judged?.summary);
  const slowest = Number(judged?.figures["slowestMs"]);
  assert.ok(slowest > 0, judged?.summary);
  const evidence = { plan: split, events, occupancy: () => 0.9, judgementOf: () => undefined };
  const tighter = convergence.create(pieceOf("convergence", { withinMs: slowest / 2 }), split).judge(evidence);
  assert.equal(tighter.outcome, "failed");
  assert.match(tighter.findings[0] ?? "", /partition of .*: all nodes shared a chain .* later/);
});
