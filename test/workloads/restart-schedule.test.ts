import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { restartSchedule } from "../../lib/plan/faults/schedule.ts";
import { planOf } from "../support/recording.ts";

const options = {
  minDelayMs: 10_000,
  maxDelayMs: 20_000,
  targetCooldownMs: 30_000,
  includeValidators: true,
  includeExecutors: true,
};

const network = fc.record({
  validators: fc.integer({ min: 1, max: 6 }),
  executors: fc.integer({ min: 0, max: 4 }),
});
const delays = fc
  .record({
    min: fc.integer({ min: 1, max: 20_000 }),
    more: fc.integer({ min: 0, max: 20_000 }),
    rest: fc.integer({ min: 0, max: 60_000 }),
  })
  .map(({ min, more, rest }) => ({
    ...options,
    minDelayMs: min,
    maxDelayMs: min + more,
    targetCooldownMs: min + rest,
  }));

test("equal seeds give equal schedules, and other seeds and names others", () => {
  const { nodes } = planOf({ validators: 3, executors: 2 }).topology;
  const schedule = (seed: string, name = "chaos") => restartSchedule(seed, name, nodes, options, 600_000);
  assert.deepEqual(schedule("a"), schedule("a"));
  assert.notDeepEqual(schedule("a"), schedule("b"));
  assert.notDeepEqual(
    schedule("a").map(({ at }) => at),
    schedule("a", "more-chaos").map(({ at }) => at),
  );
  assert.ok(schedule("a").length >= 25, "a restart comes every 15 s in the mean");
});

test("a longer run begins with the schedule of a shorter one", () => {
  const { nodes } = planOf({ validators: 3, executors: 2 }).topology;
  const short = restartSchedule("a", "chaos", nodes, options, 90_000);
  assert.deepEqual(restartSchedule("a", "chaos", nodes, options, 900_000).slice(0, short.length), short);
});

test("delays, cooldowns and the run's length are kept, whatever they are", () => {
  fc.assert(
    fc.property(network, delays, fc.string(), (counts, delay, seed) => {
      const { nodes } = planOf(counts).topology;
      const schedule = restartSchedule(seed, "chaos", nodes, delay, 300_000);
      const last = new Map<string, number>();
      let previous = 0;
      for (const { target, at } of schedule) {
        assert.ok(at < 300_001 && at >= previous + delay.minDelayMs - 1, `${at} after ${previous}`);
        const before = last.get(target);
        assert.ok(
          before === undefined || at - before >= delay.targetCooldownMs - 1,
          `${target} at ${before} and ${at}`,
        );
        last.set(target, at);
        previous = at;
      }
    }),
    { numRuns: 200 },
  );
});

test("a cooldown holds back its own target and no other", () => {
  const { nodes } = planOf({ validators: 5, executors: 0 }).topology;
  const schedule = restartSchedule("a", "chaos", nodes, { ...options, targetCooldownMs: 60_000 }, 600_000);
  const gaps = schedule.slice(1).map(({ at }, i) => at - (schedule[i]?.at ?? 0));
  assert.ok(Math.max(...gaps) < 60_000, "with five targets one is always ready");
});

test("only nodes that the others can do without are targets", () => {
  const targets = (counts: Parameters<typeof planOf>[0], changes = {}) =>
    new Set(
      restartSchedule("a", "chaos", planOf(counts).topology.nodes, { ...options, ...changes }, 3_600_000).map(
        ({ target }) => target,
      ),
    );
  assert.deepEqual([...targets({ validators: 1, executors: 2 })].sort(), ["executor-0", "executor-1"]);
  assert.deepEqual(targets({ validators: 1, executors: 0 }), new Set());
  assert.deepEqual(targets({ validators: 2, executors: 0 }), new Set(), "half of the stake is no quorum");
  assert.equal(targets({ validators: 3, executors: 2 }, { includeValidators: false }).size, 2);
  assert.equal(targets({ validators: 3, executors: 2 }, { includeExecutors: false }).size, 3);
});
