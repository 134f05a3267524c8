import assert from "node:assert/strict";
import test from "node:test";
import { faultRecovery } from "../../lib/expectations/fault-recovery.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";

const plan = planOf({ validators: 3, executors: 0 });
const judge = (recording: Recording) =>
  faultRecovery.create(pieceOf("fault-recovery"), plan).judge(recording.closed(30, 2).evidence());

function planned(): Recording {
  return begun().at(9_000, "fault.skipped", { fault: "chaos 2", why: "validator-1 is not back yet" });
}

function begun(): Recording {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  for (const fault of ["chaos 1", "chaos 2"]) {
    recording.at(4_000, "fault.planned", { fault, kind: "restart", target: "validator-1", at: 9_000 });
  }
  return recording.at(9_000, "fault.started", { fault: "chaos 1", kind: "restart", target: "validator-1" });
}

test("faults that took effect and healed pass", () => {
  const recording = planned();
  recording.at(9_500, "fault.effective", { fault: "chaos 1", seen: "pid 2 in place of pid 1" });
  recording.at(12_000, "fault.healed", { fault: "chaos 1", seen: "height 7" });
  const judgement = judge(recording);
  assert.equal(judgement.outcome, "passed");
  assert.deepEqual(judgement.findings, ["chaos 2 (restart of validator-1) skipped: validator-1 is not back yet"]);
});

test("a node that did not come back fails, with what was last seen", () => {
  const recording = planned();
  recording.at(9_500, "fault.effective", { fault: "chaos 1", seen: "pid 2 in place of pid 1" });
  recording.at(49_000, "fault.unhealed", { fault: "chaos 1", seen: "it is at height 3" });
  const judgement = judge(recording);
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.findings[0] ?? "", /chaos 1 \(restart of validator-1\) unhealed: it is at height 3/);
});

test("a kind of fault of which none was started is named: the run shows nothing about it", () => {
  const recording = begun();
  recording.at(9_000, "fault.planned", { fault: "chaos 3", kind: "partition", target: "validator-2", at: 12_000 });
  recording.at(9_500, "fault.effective", { fault: "chaos 1", seen: "pid 2 in place of pid 1" });
  recording.at(12_000, "fault.healed", { fault: "chaos 1", seen: "height 7" });
  recording.at(12_000, "fault.skipped", { fault: "chaos 3", why: "chaos 2 cuts the network already" });
  const judgement = judge(recording);
  assert.equal(judgement.outcome, "inconclusive");
  assert.match(
    judgement.summary,
    /^no fault was started of the kind partition \(chaos 2 cuts the network already\); 1 of 1/,
  );
});

test("a fault that was never seen to take effect shows nothing", () => {
  const recording = planned().at(20_000, "fault.ineffective", { fault: "chaos 1", seen: "the process is the old one" });
  assert.equal(judge(recording).outcome, "inconclusive");
});

test("a schedule of which nothing was started shows nothing", () => {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  assert.match(judge(recording).summary, /^no fault was started/);
});
