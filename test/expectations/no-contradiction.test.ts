import assert from "node:assert/strict";
import test from "node:test";
import { noContradiction } from "../../lib/expectations/no-contradiction.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";

const plan = planOf({ validators: 3, executors: 0 });
const judge = (recording: Recording) =>
  noContradiction.create(pieceOf("no-contradiction"), plan).judge(recording.evidence());

/** Ten blocks, led in turn. */
function run(): Recording {
  const recording = new Recording(plan).boot();
  for (let height = 1; height <= 10; height++) recording.block(height, { leader: `validator-${height % 3}` });
  return recording;
}

test("two leaders of one slot contradict nothing, nor does one that leads two slots", () => {
  const recording = run().block(11, { slot: 11, leader: "validator-0" });
  recording.block(11, { slot: 11, branch: "x", parent: "b10", leader: "validator-1", on: ["validator-1"] });
  const judgement = judge(recording);
  assert.equal(judgement.outcome, "passed");
  assert.match(judgement.summary, /^12 signed blocks and 34 looks at a node's chain without a contradiction$/);
});

test("two blocks of one leader and slot fail, with leader, slot and both blocks, wherever they were seen", () => {
  const recording = run().block(11, { slot: 11, leader: "validator-1" });
  recording.block(11, { slot: 11, branch: "x", parent: "b10", leader: "validator-1", on: ["validator-2"] });
  const judgement = judge(recording);
  assert.equal(judgement.outcome, "failed");
  assert.equal(judgement.summary, "validator-1 signed two blocks for one slot, 1 slot");
  assert.deepEqual(judgement.findings, [
    "validator-1 signed 2 blocks for slot 11: b11 at height 11, first seen on validator-0 at 22.5s; x11 at height 11, first seen on validator-2 at 22.5s",
  ]);
});

test("a word on its chain that its blocks deny fails, with the node, the tip and both figures", () => {
  const recording = run().at(21_000, "node.contradiction", {
    node: "validator-2",
    about: "height",
    tip: "b10",
    said: "15",
    seen: "10",
  });
  const judgement = judge(recording);
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.summary, /^validator-2 said of its chain what its blocks deny, 1 time$/);
  assert.deepEqual(judgement.findings, [
    "validator-2 gave the height of its tip b10 as 15 at 21s, and its blocks make it 10",
  ]);
});

test("a run in which no node showed its chain shows nothing", () => {
  assert.equal(judge(new Recording(plan).boot()).outcome, "inconclusive");
});

test("a leader whose clock was ahead and whose disk was wiped may sign twice, and only with both", () => {
  const twice = (recording: Recording) =>
    recording
      .block(11, { slot: 11, leader: "validator-1" })
      .block(11, { slot: 11, branch: "x", parent: "b10", leader: "validator-1", on: ["validator-2"] });
  const wiped = () => run().at(20_000, "fault.started", { fault: "f0", kind: "wipe", target: "validator-1" });
  assert.equal(judge(twice(wiped())).outcome, "failed");
  assert.equal(
    judge(twice(wiped().at(20_000, "node.clock", { node: "validator-1", offsetMs: 4_000 }))).outcome,
    "passed",
  );
});
