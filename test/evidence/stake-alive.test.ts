import assert from "node:assert/strict";
import test from "node:test";
import { foldStakeAlive } from "../../lib/evidence/folds/stake-alive.ts";
import { findWindow } from "../../lib/evidence/folds/window.ts";
import { planOf, Recording } from "../support/recording.ts";

const plan = planOf({ validators: 3, executors: 2 });

function alive(write: (recording: Recording) => void) {
  const recording = new Recording(plan).boot().opened(2, 1);
  write(recording);
  const search = findWindow(recording.closed(40, 1).events);
  assert.ok("window" in search);
  return foldStakeAlive(recording.events, plan.topology.nodes, search.window);
}

const counts = (write: (recording: Recording) => void, slots: readonly number[]) => {
  const fold = alive(write);
  return slots.map((slot) => fold.stakes(slot).length);
};

test("all nodes count while all are up", () => {
  assert.deepEqual(
    counts(() => undefined, [2, 3, 40]),
    [5, 5, 5],
  );
});

test("a restarted node counts again from the second slot that it is wholly up in", () => {
  const restart = (recording: Recording) => {
    recording.at(10_100, "node.ended", { node: "validator-1", start: 1, expected: true, why: "" });
    recording.at(10_200, "node.started", { node: "validator-1", start: 2, handle: "", by: "fault" });
    recording.at(12_500, "node.answered", { node: "validator-1", start: 2 });
  };
  // It was down in parts of slots 5 and 6, and has slot 7 to catch up.
  assert.deepEqual(counts(restart, [4, 5, 6, 7, 8]), [5, 4, 4, 4, 5]);
  assert.equal(alive(restart).slotsWithout("validator-1"), 3);
});

test("a silence counts from before it was noticed", () => {
  const silence = (recording: Recording) => {
    recording.at(20_500, "node.reachable", { node: "executor-0", reachable: false, why: "timeout" });
    recording.at(24_500, "node.reachable", { node: "executor-0", reachable: true, why: "answers" });
  };
  assert.deepEqual(counts(silence, [8, 9, 12, 13, 14]), [5, 4, 4, 4, 5]);
});

test("a node that never answered never counts", () => {
  const recording = new Recording(plan);
  recording.at(0, "chain.scheduled", { chainStart: 0, slotMs: 2_000 });
  for (const { name } of plan.topology.nodes.slice(1)) recording.at(100, "node.answered", { node: name, start: 1 });
  recording.opened(2, 1).closed(10, 1);
  const search = findWindow(recording.events);
  assert.ok("window" in search);
  const fold = foldStakeAlive(recording.events, plan.topology.nodes, search.window);
  assert.equal(fold.slotsWithout("validator-0"), 9);
});

test("without the hub of a star the others are groups of one", () => {
  const ended = (recording: Recording) => {
    recording.at(10_100, "node.ended", { node: "validator-0", start: 1, expected: true, why: "" });
  };
  assert.deepEqual(counts(ended, [3, 5, 40]), [5, 1, 1]);
});
