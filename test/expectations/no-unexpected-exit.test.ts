import assert from "node:assert/strict";
import test from "node:test";
import { noUnexpectedExit } from "../../lib/expectations/no-unexpected-exit.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";

const plan = planOf({ validators: 2, executors: 0 });
const judge = (recording: Recording) =>
  noUnexpectedExit.create(pieceOf("no-unexpected-exit"), plan).judge(recording.evidence());

test("ends that our own calls caused pass", () => {
  const recording = new Recording(plan).boot();
  recording.at(9_000, "node.ended", { node: "validator-1", start: 1, expected: true, why: "SIGTERM, as asked" });
  assert.equal(judge(recording).outcome, "passed");
});

test("any other end fails, with node, time and cause", () => {
  const recording = new Recording(plan).boot();
  recording.at(9_000, "node.ended", { node: "validator-1", start: 1, expected: false, why: "SIGSEGV, not by us" });
  const judgement = judge(recording);
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.summary, /^validator-1 ended without a fault of ours/);
  assert.deepEqual(judgement.findings, ["validator-1, start 1, ended at 9s: SIGSEGV, not by us"]);
});

test("a stream without a start decides nothing", () => {
  assert.equal(judge(new Recording(plan)).outcome, "inconclusive");
});
