import assert from "node:assert/strict";
import test from "node:test";
import { binomialAtMost, binomialMass } from "../../lib/core/statistics/binomial.ts";
import { clopperPearson } from "../../lib/core/statistics/confidence-interval.ts";
import { type ChainBlock, judgeLiveness } from "../../lib/evidence/judgement/liveness.ts";
import { livenessLimits } from "../../lib/evidence/judgement/liveness-limits.ts";
import { shortestWindow } from "../../lib/evidence/judgement/shortest-window.ts";
import { type Network, simulate } from "./network-simulator.ts";

const FIVE: Network = { shares: [0.2, 0.2, 0.2, 0.2, 0.2], f: 0.9, k: 10, tieBreak: "smaller-id" };

function asBlocks(chain: readonly number[]): ChainBlock[] {
  return chain.map((slot, i) => ({ height: i + 1, slot }));
}

function judge(chain: readonly number[], slots: number, occupancy: (slot: number) => number = () => 0.9) {
  return judgeLiveness({ window: { fromSlot: 0, toSlot: slots - 1 }, blocks: asBlocks(chain), occupancy });
}

test("healthy chains of every size raise no false alarm", () => {
  for (const nodes of [1, 2, 3, 5]) {
    const network = { ...FIVE, shares: Array.from({ length: nodes }, () => 1 / nodes) };
    for (let run = 0; run < 750; run++) {
      const judged = judge(simulate(network, 45, "healthy", nodes, run).chain, 45);
      assert.equal(judged.outcome, "passed", judged.summary);
    }
  }
});

test("a healthy chain that loses stake for a while raises no false alarm", () => {
  const alive = (slot: number) => (slot >= 10 && slot < 40 ? 0.6 : 1);
  const occupancy = (slot: number) => 1 - (1 - FIVE.f) ** alive(slot);
  const speed = (slot: number) => occupancy(slot) / 0.9;
  for (let run = 0; run < 2_000; run++) {
    const judged = judge(simulate({ ...FIVE, speed }, 60, "partial", run).chain, 60, occupancy);
    assert.equal(judged.outcome, "passed", judged.summary);
  }
});

test("a chain at half speed is caught with the stated power", () => {
  for (const slots of [15, 30, 45]) {
    const stated = livenessLimits(Array.from({ length: slots }, () => 0.9));
    const runs = 2_000;
    let byCount = 0;
    let failed = 0;
    for (let run = 0; run < runs; run++) {
      const judged = judge(simulate({ ...FIVE, speed: () => 0.5 }, slots, "half", run).chain, slots);
      if ((judged.figures.blocks as number) < (judged.limits.minimumBlocks as number)) byCount += 1;
      if (judged.outcome === "failed") failed += 1;
      assert.ok(judged.outcome !== "passed" || stated.conclusive, "a short window never passes");
    }
    const { low, high } = clopperPearson(byCount, runs, 0.999);
    const power = stated.powerAtHalfSpeed;
    assert.ok(low <= power && power <= high, `${slots} slots: ${byCount} of ${runs} caught, ${power} stated`);
    assert.ok(failed >= byCount, "the gap test only adds");
  }
});

test("a stall that is longer than the gap allowed is caught wherever it lies", () => {
  const { longestGap } = livenessLimits(Array.from({ length: 45 }, () => 0.9));
  for (let run = 0; run < 2_000; run++) {
    const from = run % (45 - longestGap);
    const speed = (slot: number) => (slot >= from && slot <= from + longestGap ? 0 : 1);
    const judged = judge(simulate({ ...FIVE, speed }, 45, "stall", run).chain, 45);
    assert.equal(judged.outcome, "failed");
    assert.match(judged.findings[0] ?? "", /^no block in slots \d+ to \d+: \d+ slots, at most 7 allowed$/);
  }
});

test("a chain that never moves fails also in a window too short to pass", () => {
  assert.equal(judge([], 10).outcome, "failed");
  assert.equal(
    judge([], 10).summary,
    "0 blocks in 10 slots, at least 3 needed; longest gap 10 slots, at most 6 allowed",
  );
});

test("a window that can't tell half speed from full is inconclusive and says what would do", () => {
  const judged = judge([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14], 15);
  assert.equal(judged.outcome, "inconclusive");
  assert.equal(
    judged.summary,
    "13 blocks in 15 slots, at least 6 needed; longest gap 1 slot, at most 6 allowed; too short to tell, as a chain at " +
      "half speed is caught in 26.1 % of such windows and 95 % is asked for; a window of 38 slots would do",
  );
  const none = judgeLiveness({ window: { fromSlot: 5, toSlot: 4 }, blocks: [], occupancy: () => 0.9 });
  assert.equal(none.outcome, "inconclusive");
});

test("blocks outside the window don't count", () => {
  const blocks = asBlocks(Array.from({ length: 100 }, (_, i) => i));
  const judged = judgeLiveness({ window: { fromSlot: 20, toSlot: 64 }, blocks, occupancy: () => 0.9 });
  assert.equal(judged.outcome, "passed");
  assert.equal(judged.figures.blocks, 45);
});

test("a chain with blocks that nobody saw is not called stalled, nor passed", () => {
  const seen = asBlocks(Array.from({ length: 60 }, (_, i) => i)).filter(({ slot }) => slot < 20 || slot >= 30);
  const judged = judgeLiveness({ window: { fromSlot: 0, toSlot: 59 }, blocks: seen, occupancy: () => 0.9 });
  assert.equal(judged.outcome, "inconclusive");
  assert.equal(judged.figures.blocks, 60);
  assert.deepEqual(judged.findings, ["10 blocks made in slots 20 to 29 not seen by any observer"]);
  const late = judgeLiveness({ window: { fromSlot: 15, toSlot: 59 }, blocks: seen, occupancy: () => 0.9 });
  assert.equal(late.figures.blocks, 45);
  const within = judgeLiveness({ window: { fromSlot: 25, toSlot: 59 }, blocks: seen, occupancy: () => 0.9 });
  assert.equal(within.figures.blocks, 35, "no more blocks are counted than the window's part of the gap has slots");
});

test("a window that ends when finality is reached raises no more false alarms than promised", () => {
  // The settle stage waits for k blocks, so a window's length depends on chance: drive slots, then slots until the kth block.
  for (const p of [0.9, 0.658]) {
    for (const { drive, k } of [
      { drive: 15, k: 10 },
      { drive: 45, k: 10 },
      { drive: 45, k: 40 },
    ]) {
      let falseAlarm = 0;
      for (let settle = k; settle < 4 * (k / p); settle++) {
        const { minimumBlocks } = livenessLimits(Array.from({ length: drive + settle }, () => p));
        const endsHere = binomialMass(settle - 1, p, k - 1) * p;
        if (minimumBlocks > k) falseAlarm += endsHere * binomialAtMost(drive, p, minimumBlocks - k - 1);
      }
      assert.ok(falseAlarm > 1e-8 && falseAlarm <= 1e-6, `${drive} slots and ${k} blocks at ${p}: ${falseAlarm}`);
    }
  }
});

test("limits can be set otherwise", () => {
  const strict = { falseAlarm: 1e-6, power: 0.999 };
  const chain = Array.from({ length: 45 }, (_, i) => i);
  const judged = judgeLiveness(
    { window: { fromSlot: 0, toSlot: 44 }, blocks: asBlocks(chain), occupancy: () => 0.9 },
    strict,
  );
  assert.equal(judged.outcome, "inconclusive");
});

test("from the shortest window on, every window keeps the promise", () => {
  for (const p of [0.999, 0.9, 0.85, 0.66, 0.3]) {
    const shortest = shortestWindow(p);
    assert.ok(!livenessLimits(Array.from({ length: shortest - 1 }, () => p)).conclusive);
    for (let slots = shortest; slots < shortest * 2; slots++) {
      assert.ok(livenessLimits(Array.from({ length: slots }, () => p)).conclusive, `${slots} slots at ${p}`);
    }
  }
  assert.equal(shortestWindow(0.9), 38);
  assert.equal(shortestWindow(0), Number.POSITIVE_INFINITY);
});
