import assert from "node:assert/strict";
import test from "node:test";
import { agreement } from "../../lib/expectations/agreement.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";

const plan = planOf({ validators: 3, executors: 0 });
const judge = (recording: Recording) => agreement.create(pieceOf("agreement"), plan).judge(recording.evidence());

test("nodes that finalise the same blocks agree", () => {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  for (let height = 2; height <= 30; height++) recording.block(height);
  const judgement = judge(recording.closed(30, 30));
  assert.equal(judgement.outcome, "passed", judgement.summary);
  assert.equal(judgement.figures.highestFinal, 20);
});

test("a short fork that heals above the LIB is no conflict", () => {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  recording.block(2, { branch: "x", parent: "b1", on: ["validator-2"] });
  for (let height = 2; height <= 30; height++) recording.block(height);
  assert.equal(judge(recording.closed(30, 30)).outcome, "passed");
});

test("a conflict below the LIB fails with its height, blocks and nodes", () => {
  const recording = new Recording(plan).boot().block(1).block(2).opened(3, 2);
  for (let height = 3; height <= 30; height++) {
    recording.block(height, { on: ["validator-0", "validator-1"] });
    recording.block(height, { branch: "x", parent: height === 3 ? "b2" : `x${height - 1}`, on: ["validator-2"] });
  }
  const judgement = judge(recording.closed(30, 30));
  assert.equal(judgement.outcome, "failed");
  assert.equal(judgement.figures.firstConflict, 3);
  assert.match(
    judgement.summary,
    /b3 on validator-0 and validator-1, x3 on validator-2; a healthy network .* 1\.6e-21$/,
  );
  assert.match(judgement.findings[0] ?? "", /block b3 .* is final at height 3 for validator-0 and validator-1/);
  assert.match(judgement.findings[1] ?? "", /block x3 .* is final at height 3 for validator-2/);
});

test("a node that takes back what it called final disagrees with itself", () => {
  const recording = new Recording(plan).boot().block(1).block(2).opened(3, 2);
  for (let height = 3; height <= 20; height++)
    recording.block(height, { branch: "x", parent: height === 3 ? "b2" : `x${height - 1}`, on: ["validator-2"] });
  for (let height = 3; height <= 30; height++) recording.block(height, { on: ["validator-2"] });
  const judgement = judge(recording.closed(30, 30));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.summary, /first at height 3: b3 on validator-2, x3 on validator-2/);
});

test("a window in which nothing became final on two nodes decides nothing", () => {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  for (let height = 2; height <= 8; height++) recording.block(height);
  const judgement = judge(recording.closed(8, 8));
  assert.equal(judgement.outcome, "inconclusive");
  assert.match(judgement.summary, /finality takes 10 blocks/);
});

test("what a node shows after the window was closed is not judged", () => {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  for (let height = 2; height <= 30; height++) recording.block(height);
  recording.closed(30, 30);
  for (let height = 2; height <= 45; height++)
    recording.block(height, { branch: "x", parent: height === 2 ? "b1" : `x${height - 1}`, on: ["validator-1"] });
  assert.equal(judge(recording).outcome, "passed");
});
