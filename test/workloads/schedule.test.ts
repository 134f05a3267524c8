import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { intendedWithin, type LoadStage } from "../../lib/plan/load.ts";
import { staged } from "../../lib/workloads/schedule.ts";

const INTERVAL = 2_000;
const stage = (forMs: number, rate: number, to = rate, per: LoadStage["per"] = "block"): LoadStage => ({
  path: "",
  forMs,
  rate,
  to,
  per,
});

/** Every start of a schedule. */
function all(stages: readonly LoadStage[]): number[] {
  const schedule = staged(stages, INTERVAL);
  const times: number[] = [];
  for (let n = 0; Number.isFinite(schedule(n)); n++) times.push(schedule(n));
  return times;
}

/** The rate at a time as the stages say it, in starts per ms. */
function rateAt(stages: readonly LoadStage[], t: number): number {
  let from = 0;
  for (const { forMs, rate, to, per } of stages) {
    if (t < from + forMs) return (rate + (to - rate) * ((t - from) / forMs)) / (per === "block" ? INTERVAL : 1_000);
    from += forMs;
  }
  return 0;
}

test("stages with rates that stay have equal distances each, and the next begins with its own", () => {
  assert.deepEqual(all([stage(4_000, 1), stage(2_000, 2, 2, "second")]), [0, 2_000, 4_000, 4_500, 5_000, 5_500]);
});

test("a climb from nothing has its starts at the square roots, and a fall mirrors it", () => {
  // From 0 to 2 per block over 8 s, t² / 16,000,000 starts are intended by t.
  const climb = all([stage(8_000, 0, 2)]);
  assert.deepEqual(
    climb.map(Math.round),
    [0, 1, 2, 3].map((n) => Math.round(Math.sqrt(n * 16e6))),
  );
  const fall = all([stage(8_000, 2, 0)]);
  assert.deepEqual(
    fall.map(Math.round),
    [4, 3, 2, 1].map((n) => Math.round(8_000 - Math.sqrt(n * 16e6))),
  );
});

test("a pause has no start, and nothing is made up for after it", () => {
  assert.deepEqual(all([stage(2_000, 1), stage(6_000, 0), stage(4_000, 1)]), [0, 8_000, 10_000]);
});

test("any stages: times rise, and between two starts the rate adds up to one", () => {
  const one = fc.record({
    forMs: fc.integer({ min: 100, max: 20_000 }),
    rate: fc.double({ min: 0, max: 20, noNaN: true }),
    to: fc.double({ min: 0, max: 20, noNaN: true }),
    per: fc.constantFrom("block" as const, "second" as const),
    path: fc.constant(""),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 4 }), (stages) => {
      const times = all(stages);
      const length = stages.reduce((sum, { forMs }) => sum + forMs, 0);
      assert.ok(Math.abs(times.length - intendedWithin(stages, length, INTERVAL)) <= 1);
      for (const [i, t] of times.entries()) {
        const next = times[i + 1];
        if (next === undefined) break;
        assert.ok(next > t);
        // Added up by small steps, the other way round from the schedule's roots.
        const steps = Math.max(200, Math.ceil(next - t));
        const width = (next - t) / steps;
        let sum = 0;
        for (let k = 0; k < steps; k++) sum += rateAt(stages, t + (k + 0.5) * width) * width;
        assert.ok(Math.abs(sum - 1) < 0.02, `${sum} between ${t} and ${next} of ${JSON.stringify(stages)}`);
        if (i > 20) break;
      }
    }),
    { numRuns: 60 },
  );
});
