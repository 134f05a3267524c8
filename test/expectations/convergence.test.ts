import assert from "node:assert/strict";
import test from "node:test";
import { convergence } from "../../lib/expectations/convergence.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { minority } from "../../lib/plan/builder/targets.ts";
import { simulate } from "../simulation/simulate.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";
import { runVirtually } from "../support/virtual-run.ts";

const plan = planOf({ validators: 3, executors: 0 });
const judge = (recording: Recording, withinMs = 10_000) =>
  convergence.create(pieceOf("convergence", { withinMs }), plan).judge(recording.evidence());

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
  assert.match(judge(quiet).summary, /no fault that took effect came to an end/);
  const short = restarted().block(10, { slot: 13, on: others }).closed(13, 10);
  const judgement = judge(short);
  assert.equal(judgement.outcome, "inconclusive");
  assert.match(judgement.summary, /before 1 fault had been over for 10s/);
});

test("a plan without faults, and a limit shorter than nodes can keep, are refused", () => {
  const piece = pieceOf("convergence", { withinMs: 3_000 });
  assert.match(convergence.object(piece, plan, {} as never)[0]?.message ?? "", /no workload that makes faults/);
  const chaos = { ...plan, workloads: [pieceOf("chaos")] };
  assert.match(convergence.object(piece, chaos, {} as never)[0]?.message ?? "", /within 3s is less than 2 slots of 2s/);
});

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
