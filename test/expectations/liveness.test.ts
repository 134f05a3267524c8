import assert from "node:assert/strict";
import test from "node:test";
import { liveness } from "../../lib/expectations/liveness.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";

const plan = planOf({ validators: 3, executors: 2 });
const judge = (recording: Recording) =>
  liveness.create(pieceOf("liveness"), recording.plan).judge(recording.evidence());

/** A chain with a block in each of these slots, judged from slot 2 to `to`. */
function chain(slots: readonly number[], to: number): Recording {
  const recording = new Recording(plan).boot().block(1, { slot: 1 }).opened(2, 1);
  for (const [i, slot] of slots.entries()) recording.block(i + 2, { slot });
  return recording.closed(to, slots.length + 1);
}

const slotsTo = (to: number, keep: (slot: number) => boolean) =>
  Array.from({ length: to - 1 }, (_, i) => i + 2).filter(keep);

test("a chain that grows as its stake should passes", () => {
  const judgement = judge(
    chain(
      slotsTo(60, (slot) => slot % 10 !== 0),
      60,
    ),
  );
  assert.equal(judgement.outcome, "passed", judgement.summary);
  assert.equal(judgement.figures.blocks, 53);
  assert.equal(judgement.figures.slots, 59);
});

test("a chain at half speed fails", () => {
  const judgement = judge(
    chain(
      slotsTo(60, (slot) => slot % 2 === 0),
      60,
    ),
  );
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.summary, /^30 blocks in 59 slots, at least \d+ needed/);
});

test("a stall fails, and is placed in its slots", () => {
  const judgement = judge(
    chain(
      slotsTo(300, (slot) => slot < 200 || slot > 215),
      300,
    ),
  );
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.findings[0] ?? "", /no block in slots 200 to 215/);
});

test("a window that is too short for the power asked for decides nothing", () => {
  const judgement = judge(
    chain(
      slotsTo(10, () => true),
      10,
    ),
  );
  assert.equal(judgement.outcome, "inconclusive");
  assert.match(judgement.summary, /too short to tell/);
});

test("stake that was down is not held against the chain, and is named", () => {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  for (const node of ["validator-1", "validator-2", "executor-0"]) {
    recording.at(4_100, "node.ended", { node, start: 1, expected: true, why: "SIGTERM, as asked" });
  }
  let height = 1;
  // Two nodes of five: p = 0.6 in each slot.
  for (let slot = 3; slot <= 150; slot++)
    if (slot % 5 > 1) recording.block(++height, { slot, parent: `b${height - 1}` });
  const judgement = judge(recording.closed(150, height));
  assert.equal(judgement.outcome, "passed", judgement.summary);
  assert.ok(judgement.findings.some((finding) => finding.startsWith("validator-1 did not count in 149 of 149 slots")));
});

test("blocks of a branch that was left do not count", () => {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  for (let height = 2; height <= 30; height++) {
    recording.block(height, { branch: "a", parent: height === 2 ? "b1" : `a${height - 1}` });
  }
  for (let height = 2; height <= 31; height++) recording.block(height, { parent: `b${height - 1}`, slot: 2 * height });
  const judgement = judge(recording.closed(62, 31));
  assert.equal(judgement.figures.blocks, 30);
});

test("a run without a judged window is undecided, and says why", () => {
  const cases: readonly [Recording, RegExp][] = [
    [new Recording(plan), /the event stream is empty/],
    [new Recording(plan).boot(), /before its judged window was opened/],
    [new Recording(plan).boot().block(1).opened(2, 1).block(2), /before its judged window was closed/],
  ];
  for (const [recording, why] of cases) {
    const judgement = judge(recording);
    assert.equal(judgement.outcome, "inconclusive");
    assert.match(judgement.summary, why);
  }
});

test("a chain whose lower blocks nobody recorded is undecided", () => {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  for (let height = 20; height <= 60; height++) recording.block(height);
  const judgement = judge(recording.closed(60, 60));
  assert.equal(judgement.outcome, "inconclusive");
  assert.match(judgement.summary, /from height 2 to 19 were not seen/);
});
