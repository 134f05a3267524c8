import assert from "node:assert/strict";
import test from "node:test";
import { binomialAtLeast, binomialMass } from "../../lib/core/statistics/binomial.ts";
import { clopperPearson } from "../../lib/core/statistics/confidence-interval.ts";
import { naturalConflict, sufficientSecurityParam } from "../../lib/evidence/judgement/natural-conflict.ts";
import { longestSafePartition, partitionConflict } from "../../lib/evidence/judgement/partition.ts";
import { type Network, simulate } from "./network-simulator.ts";

const F = 0.9;
const equal = (nodes: number) => Array.from({ length: nodes }, () => 1 / nodes);
const occupancy = (share: number) => 1 - (1 - F) ** share;
const THREE_TWO = [occupancy(0.6), occupancy(0.4)];

/** Runs in which nodes came to disagree at the LIB. */
function conflicts(network: Network, slots: number, runs: number, name: string): number {
  let count = 0;
  for (let run = 0; run < runs; run++) if (simulate(network, slots, name, run).conflictAt !== null) count += 1;
  return count;
}

function within(count: number, runs: number, probability: number, what: string): void {
  const { low, high } = clopperPearson(count, runs, 0.999);
  assert.ok(low <= probability && probability <= high, `${what}: ${count} of ${runs} seen, ${probability} computed`);
}

test("the lottery's occupancy and contested slots are what the formula says", () => {
  const run = simulate({ shares: equal(5), f: F, k: 10, tieBreak: "smaller-id" }, 50_000, "lottery");
  within(run.occupied, run.slots, F, "occupied slots");
  within(run.contested, run.slots, F - 5 * occupancy(0.2) * (1 - F) ** 0.8, "contested slots");
  assert.equal(run.chain.length, run.occupied, "every occupied slot extends the chain");
});

test("with ties broken by the smaller id no fork outlives its slot", () => {
  for (const nodes of [2, 5, 50]) {
    const run = simulate({ shares: equal(nodes), f: F, k: 10, tieBreak: "smaller-id" }, 20_000, "smaller", nodes);
    assert.deepEqual([run.deepestFork, run.conflictAt], [0, null]);
  }
});

test("with ties broken by the smaller id, late blocks conflict less often than the bound says", () => {
  const k = 2;
  for (const lateness of [0.02, 0.05]) {
    // A slot with w winners has 4 w deliveries in a network of five.
    const wins = occupancy(0.2);
    let lateSlots = 0;
    for (let w = 1; w <= 5; w++) lateSlots += (binomialMass(5, wins, w) / F) * (1 - (1 - lateness) ** (4 * w));
    const seen = conflicts({ shares: equal(5), f: F, k, tieBreak: "smaller-id", lateness }, 45, 2_000, "late");
    const bound = naturalConflict({ nodes: 5, occupancy: F, tieBreak: "smaller-id", slots: 45, lateSlots }, k);
    assert.ok(clopperPearson(seen, 2_000, 0.999).low <= bound, `${seen} of 2000 seen, bound ${bound}`);
  }
});

test("with first-seen, conflicts at the LIB are as frequent as the chain of merging branches says", () => {
  for (const { nodes, k, slots } of [
    { nodes: 2, k: 4, slots: 30 },
    { nodes: 3, k: 4, slots: 45 },
    { nodes: 5, k: 5, slots: 20 },
    { nodes: 5, k: 10, slots: 45 },
    { nodes: 12, k: 5, slots: 12 },
  ]) {
    const runs = 4_000;
    const seen = conflicts({ shares: equal(nodes), f: F, k, tieBreak: "first-seen" }, slots, runs, `first ${nodes}`);
    const bound = naturalConflict({ nodes, occupancy: F, tieBreak: "first-seen", slots }, k);
    const { low, high } = clopperPearson(seen, runs, 0.999);
    assert.ok(low <= bound, `${nodes} nodes, k = ${k}: ${seen} of ${runs} seen is more than the bound ${bound}`);
    assert.ok(bound <= 1.35 * high, `${nodes} nodes, k = ${k}: the bound ${bound} is far above ${seen} of ${runs}`);
  }
});

test("stakes that differ fork less than two equal nodes", () => {
  const two = naturalConflict({ nodes: 2, occupancy: F, tieBreak: "first-seen", slots: 30 }, 5);
  for (const shares of [
    [0.45, 0.45, 0.1],
    [0.6, 0.4],
    [0.48, 0.48, 0.02, 0.01, 0.01],
    [0.9, 0.05, 0.05],
  ]) {
    const seen = conflicts({ shares, f: F, k: 5, tieBreak: "first-seen" }, 30, 2_000, `shares ${shares.join(" ")}`);
    assert.ok(clopperPearson(seen, 2_000, 0.999).low <= two, `${shares.join(" ")}: ${seen} of 2000, bound ${two}`);
  }
});

test("natural conflict by tie rule, and the security parameter that would do", () => {
  const five = { nodes: 5, occupancy: F, slots: 45 } as const;
  assert.ok(naturalConflict({ ...five, tieBreak: "smaller-id" }, 10) < 1e-15);
  const first = naturalConflict({ ...five, tieBreak: "first-seen" }, 10);
  assert.ok(first > 0.004 && first < 0.005, `${first}`);
  assert.equal(sufficientSecurityParam({ ...five, tieBreak: "first-seen" }), 21);
  assert.equal(sufficientSecurityParam({ ...five, slots: 300, tieBreak: "first-seen" }), 23);
  assert.equal(naturalConflict({ ...five, occupancy: 0, tieBreak: "first-seen" }, 10), 0, "no blocks, no forks");
  assert.equal(naturalConflict({ nodes: 1, occupancy: F, tieBreak: "first-seen", slots: 1e6 }, 10), 0);
  assert.equal(naturalConflict({ ...five, tieBreak: "first-seen" }, 45), 0, "the LIB never leaves genesis");
  const always = { nodes: 2, occupancy: 1, tieBreak: "first-seen", slots: 1e6 } as const;
  assert.equal(naturalConflict(always, 10), 1, "two nodes that always win never merge");
  assert.equal(sufficientSecurityParam(always), Number.POSITIVE_INFINITY);
});

test("the longest safe partitions of a three to two split", () => {
  const safe = (k: number) => longestSafePartition({ sides: THREE_TWO, k });
  assert.deepEqual([safe(10), safe(40)], [6, 42]);
  for (const k of [1, 2, 5, 20, 30]) {
    const slots = safe(k);
    assert.ok(partitionConflict({ sides: THREE_TWO, k }, slots + 1) > 1e-6);
    assert.ok(slots === 0 || partitionConflict({ sides: THREE_TWO, k }, slots) <= 1e-6);
  }
  assert.equal(longestSafePartition({ sides: [0.9, 0], k: 10 }), Number.POSITIVE_INFINITY, "a side without stake");
  assert.equal(longestSafePartition({ sides: [0.9], k: 10 }), Number.POSITIVE_INFINITY, "no split");
  assert.ok(longestSafePartition({ sides: THREE_TWO, k: 40, limit: 1e-3 }) > 42);
});

test("partitions conflict in the simulator as often as two long branches are drawn, and less than the bound", () => {
  const k = 10;
  for (const slots of [14, 16, 20]) {
    const runs = 1_500;
    const partition = { from: 12, to: 12 + slots, groupOf: [0, 0, 0, 1, 1] };
    const network: Network = { shares: equal(5), f: F, k, tieBreak: "smaller-id", partition };
    const seen = conflicts(network, 12 + slots + 3, runs, `cut ${slots}`);
    const exact = THREE_TWO.reduce((both, p) => both * binomialAtLeast(slots, p, k + 1), 1);
    within(seen, runs, exact, `${slots} slots`);
    assert.ok(exact < partitionConflict({ sides: THREE_TWO, k }, slots));
  }
});

test("three sides conflict when any two of them have long branches", () => {
  const sides = [occupancy(0.4), occupancy(0.3), occupancy(0.3)];
  const partition = { from: 12, to: 32, groupOf: [0, 0, 1, 2] };
  const network: Network = { shares: [0.2, 0.2, 0.3, 0.3], f: F, k: 8, tieBreak: "smaller-id", partition };
  const [a, b, c] = sides.map((p) => binomialAtLeast(20, p, 9)) as [number, number, number];
  within(conflicts(network, 35, 1_500, "three"), 1_500, a * b + a * c + b * c - 2 * a * b * c, "three sides");
});

test("a cut within the safe length never broke agreement, for any pattern tried", () => {
  const slots = longestSafePartition({ sides: THREE_TWO, k: 10 });
  const partition = { from: 15, to: 15 + slots, groupOf: [0, 1, 0, 1, 0] };
  const network: Network = { shares: equal(5), f: F, k: 10, tieBreak: "smaller-id", partition };
  assert.equal(conflicts(network, 45, 2_000, "safe"), 0);
});

test("equal seeds give equal runs", () => {
  const network: Network = { shares: equal(5), f: F, k: 10, tieBreak: "first-seen", delaySlots: 1, lateness: 0.2 };
  assert.deepEqual(simulate(network, 200, "seed", 7), simulate(network, 200, "seed", 7));
  assert.notDeepEqual(simulate(network, 200, "seed", 7).chain, simulate(network, 200, "seed", 8).chain);
});
