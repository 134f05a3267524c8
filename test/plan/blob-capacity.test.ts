import assert from "node:assert/strict";
import test from "node:test";
import { randomStream } from "../../lib/core/random.ts";
import { sustainableBlobRate } from "../../lib/plan/blob-capacity.ts";

/**
 * How often runs miss more than 1 % of their blobs, counted blob by blob in simulated runs: each blob has a time of its
 * own, starts when fewer than `window` are outside the chain, and is missed when it can't within a slot.
 */
function spoiltShare(rate: number, window: number, chain: { p: number; slots: number }, runs: number): number {
  const SIGHT = 0.2;
  let spoilt = 0;
  for (let run = 0; run < runs; run++) {
    const random = randomStream("capacity", `${rate} ${window} ${chain.slots} ${run}`);
    const interval = 1 / (rate * chain.p);
    /** Times at which blobs that are outside the chain, as far as was seen, were started. */
    let under: number[] = [];
    const waiting: number[] = [];
    let next = 0;
    let missed = 0;
    let planned = 0;
    const begin = (now: number) => {
      while (waiting.length > 0) {
        if (now - (waiting[0] as number) > 1) missed += 1;
        else if (under.length < window) under.push(now);
        else return;
        waiting.shift();
      }
    };
    for (let slot = 1; slot <= chain.slots; slot++) {
      const hasBlock = random.float() < chain.p;
      for (const [until, seen] of [
        [slot + SIGHT, hasBlock],
        [slot + 1, false],
      ] as const) {
        for (; next < Math.min(until, chain.slots); next += interval) {
          planned += 1;
          waiting.push(next);
          begin(next);
        }
        if (seen) under = under.filter((started) => started > slot);
        if (seen) begin(until);
      }
    }
    if (missed > 0.01 * planned) spoilt += 1;
  }
  return spoilt / runs;
}

test("what channels are said to carry spoils no more than 5 % of the runs, and much more would spoil more", () => {
  for (const channels of [1, 2, 8]) {
    for (const pipeline of [1, 4]) {
      for (const slots of [45, 300]) {
        const chain = { p: 0.9, slots };
        const options = { channels, headroomPercent: 0, pipeline };
        const rate = sustainableBlobRate(options, { ...chain, predictableIds: true });
        const what = `${rate} a block, ${channels} channels of ${pipeline}, ${slots} slots`;
        assert.ok(spoiltShare(rate, channels * pipeline, chain, 200) <= 0.1, what);
        assert.ok(spoiltShare(1.6 * rate, channels * pipeline, chain, 60) > 0.1, `1.6 times ${what}`);
      }
    }
  }
});

test("one channel carries two blobs a block in a run of 90 s and not four, and nodes that wait for blocks 0.3", () => {
  const one = { channels: 1, headroomPercent: 0, pipeline: 4 };
  const rate = sustainableBlobRate(one, { p: 0.9, slots: 45, predictableIds: true });
  assert.ok(rate >= 2 && rate < 3, String(rate));
  assert.equal(sustainableBlobRate(one, { p: 0.9, slots: 45, predictableIds: false }), 0.3);
});
