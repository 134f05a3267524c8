import assert from "node:assert/strict";
import test from "node:test";
import { randomStream } from "../../lib/core/random.ts";
import { binomialAtLeast, binomialAtMost, binomialMass, logFactorial } from "../../lib/core/statistics/binomial.ts";
import { clopperPearson } from "../../lib/core/statistics/confidence-interval.ts";
import { CountDistribution } from "../../lib/core/statistics/count-distribution.ts";
import { emptyRunLongerThan, longestEmptyRun } from "../../lib/core/statistics/empty-runs.ts";

/** Every outcome of a few trials with its probability: the definition, for checking what is clever. */
function* outcomes(trials: readonly number[]): Generator<{ chance: number; success: boolean[] }> {
  for (let bits = 0; bits < 2 ** trials.length; bits++) {
    const success = trials.map((_, i) => (bits >> i) % 2 === 1);
    yield { chance: trials.reduce((all, p, i) => all * (success[i] ? p : 1 - p), 1), success };
  }
}

function longestRun(success: readonly boolean[]): number {
  let longest = 0;
  let run = 0;
  for (const s of success) {
    run = s ? 0 : run + 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

function close(actual: number, expected: number, relative = 1e-11): void {
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected) + 1e-300, `${actual} is not ${expected}`);
}

const random = randomStream("statistics");
const SMALL = Array.from({ length: 12 }, (_, i) => Array.from({ length: i + 1 }, () => random.float()));

test("a count's distribution is that of every outcome added up", () => {
  for (const trials of SMALL) {
    const distribution = new CountDistribution(trials);
    for (let limit = 0; limit <= trials.length + 1; limit++) {
      let below = 0;
      let atLeast = 0;
      for (const { chance, success } of outcomes(trials)) {
        if (success.filter(Boolean).length < limit) below += chance;
        else atLeast += chance;
      }
      close(distribution.below(limit), below, 1e-10);
      close(distribution.atLeast(limit), atLeast, 1e-10);
    }
  }
});

test("with equal trials it is the binomial distribution, also over a day of slots", () => {
  for (const [n, p] of [
    [45, 0.9],
    [1_200, 0.45],
    [43_200, 0.887],
  ] as const) {
    const distribution = new CountDistribution(Array.from({ length: n }, () => p));
    const c = distribution.lowerQuantile(1e-6);
    close(distribution.below(c), binomialAtMost(n, p, c - 1), 1e-8);
    assert.ok(distribution.below(c) <= 1e-6 && distribution.below(c + 1) > 1e-6);
  }
});

test("the minimum counts at one false alarm in a million", () => {
  const minimum = (n: number) => new CountDistribution(Array.from({ length: n }, () => 0.9)).lowerQuantile(1e-6);
  assert.deepEqual([5, 10, 15, 45].map(minimum), [0, 3, 6, 29]);
});

test("certain and impossible trials count as they are", () => {
  const distribution = new CountDistribution([1, 1, 0, 1, 0]);
  assert.equal(distribution.below(3), 0);
  assert.equal(distribution.atLeast(3), 1);
  assert.equal(distribution.lowerQuantile(1e-6), 3);
  assert.equal(new CountDistribution().lowerQuantile(1e-6), 0);
});

test("what is no probability is refused", () => {
  for (const p of [Number.NaN, -0.1, 1.1]) {
    assert.throws(() => new CountDistribution([p]), { code: "NR-CORE-INTERNAL" });
    assert.throws(() => longestEmptyRun([p], 1e-6), { code: "NR-CORE-INTERNAL" });
  }
});

test("the chance of a long empty run is that of every outcome added up", () => {
  for (const trials of SMALL) {
    for (let longest = 0; longest <= trials.length; longest++) {
      let expected = 0;
      for (const { chance, success } of outcomes(trials)) if (longestRun(success) > longest) expected += chance;
      close(emptyRunLongerThan(trials, longest), expected, 1e-10);
    }
  }
});

test("the longest empty run allowed is the smallest that keeps the limit", () => {
  for (const p of [0, 0.01, 0.3, 0.9, 0.999, 1]) {
    for (const n of [0, 1, 5, 45, 2_000]) {
      const trials = Array.from({ length: n }, () => p);
      const longest = longestEmptyRun(trials, 1e-6);
      assert.ok(longest <= n && emptyRunLongerThan(trials, longest) <= 1e-6);
      assert.ok(longest === 0 || emptyRunLongerThan(trials, longest - 1) > 1e-6, `${n} slots at ${p}`);
    }
  }
});

test("binomial tails stay exact where they are tiny or the numbers large", () => {
  close(logFactorial(19), Math.log(121645100408832000), 1e-15);
  close(logFactorial(20), Math.log(2432902008176640000), 1e-15);
  close(logFactorial(170), 706.5730622457874, 1e-14);
  close(binomialAtLeast(100, 0.01, 100), 1e-200, 1e-10);
  close(binomialAtMost(3, 0.5, 1), 0.5);
  for (const p of [0, 1e-9, 0.2, 0.97, 1]) {
    for (let k = -1; k <= 31; k++) {
      let atMost = 0;
      let atLeast = 0;
      for (let i = 0; i <= 30; i++) {
        if (i <= k) atMost += binomialMass(30, p, i);
        if (i >= k) atLeast += binomialMass(30, p, i);
      }
      close(binomialAtMost(30, p, k), atMost, 1e-12);
      close(binomialAtLeast(30, p, k), atLeast, 1e-12);
    }
  }
  let sum = 0;
  for (let k = 0; k <= 10_000; k++) sum += binomialMass(10_000, 0.3, k);
  close(sum, 1, 1e-10);
  assert.deepEqual([binomialMass(5, 0, 0), binomialMass(5, 1, 5), binomialMass(5, 0.5, 6)], [1, 1, 0]);
});

test("exact confidence intervals match the published ones", () => {
  // Rule of three, exactly: 1 - 0.025^(1/n) for no success in n.
  close(clopperPearson(0, 2_000, 0.95).high, 1 - 0.025 ** (1 / 2_000), 1e-9);
  assert.equal(clopperPearson(0, 2_000, 0.95).low, 0);
  assert.equal(clopperPearson(10, 10, 0.95).high, 1);
  // Clopper and Pearson 1934, chart for n = 20, x = 4: about 0.057 to 0.437.
  const { low, high } = clopperPearson(4, 20, 0.95);
  assert.ok(Math.abs(low - 0.0573) < 1e-4 && Math.abs(high - 0.4366) < 1e-4, `${low} ${high}`);
});
