import assert from "node:assert/strict";
import test from "node:test";
import { txHash } from "../../lib/chain/suite.ts";
import { transactionLimit } from "../../lib/expectations/transaction-limit.ts";
import type { EventOf, RunEvent } from "../../lib/model/events.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import type { TransactionsBuilder } from "../../lib/plan/builder/transactions.ts";
import type { ConductedRun } from "../support/conduct-run.ts";
import { pieceOf, planOf } from "../support/recording.ts";
import type { Tampering } from "../support/virtual-cluster.ts";
import { runVirtually } from "../support/virtual-run.ts";

/** Slots are 250 ms (profile fast), so written durations shrink to an eighth. */
const SLOT_MS = 250;

const searching = (name: string, limit: Parameters<TransactionsBuilder["findLimit"]>[0]) =>
  scenario(name)
    .topologyWith((t) => t.networkStar().validators(2).executors(0))
    .wallets(60)
    .transactionsWith((txs) => txs.findLimit(limit))
    .withRunDuration("20m")
    .build();

/**
 * Nodes that together take so many transactions a slot; when more come, they take none that comes within the next four
 * slots, however often it is offered.
 */
function taking(perSlot: number): Tampering {
  let now = () => 0;
  let slot = -1;
  let came = 0;
  let closedUntil = 0;
  const offered = new Map<string, { takes: boolean; at: number }>();
  const takesNow = (current: number) => {
    if (current !== slot) [slot, came] = [current, 0];
    if (current >= closedUntil && ++came > perSlot) closedUntil = current + 4;
    return current >= closedUntil;
  };
  return {
    begin(_network, _cluster, clock) {
      now = () => clock.now();
    },
    submit(_node, { tx }) {
      const id = txHash(tx);
      const before = offered.get(id);
      const again = before && (before.takes || now() - before.at < SLOT_MS);
      const takes = again ? before.takes : takesNow(Math.floor(now() / SLOT_MS));
      offered.set(id, { takes, at: now() });
      return takes ? null : { accepted: false, status: 500, reason: "too many" };
    },
  };
}

const SEARCH = { percentile: 80, within: "8s", from: 2, to: 8, precision: 0.2 } as const;

function limitOf(run: ConductedRun) {
  const judged = run.expectations.find(({ kind }) => kind === "transaction-limit");
  assert.ok(judged);
  return judged;
}

const probesOf = (run: ConductedRun) =>
  run.events.filter((event): event is EventOf<"limit.probe"> => event.type === "limit.probe");

test("the limit of a network that bears so many transactions a slot is found to the precision asked for, and found again in the recorded stream", async () => {
  const plan = searching("limit", SEARCH);
  const perSlot = 3;
  const run = await runVirtually(plan, { seed: "limit", profile: "fast", tampering: taking(perSlot) });
  const { outcome, summary, figures, findings } = limitOf(run);
  const { low, high, closed } = figures;
  // Starts come at equal distances, 0.9 of them a slot for each per block, since a slot has a block with probability 0.9.
  const limit = perSlot / 0.9;
  assert.equal(outcome, "passed", `${summary}\n${findings.join("\n")}`);
  assert.ok(closed && Number(low) <= limit && limit <= Number(high), `${low} to ${high} does not hold ${limit}`);
  assert.ok(Number(high) / Number(low) <= 1.2 + 1e-9);
  assert.equal(run.verdict, "passed", run.why);

  const probes = probesOf(run);
  assert.deepEqual(
    probes.slice(0, 3).map(({ rate }) => rate),
    [2, 8, 4],
  );
  for (const { rate, from, countFrom, countUntil, drained } of probes) {
    assert.ok(drained, `${rate}`);
    assert.ok(countFrom - from >= 5_000 - 1e-6, "a rate is kept for within / precision before it counts");
    assert.ok(rate > limit || countUntil - countFrom >= 32 * SLOT_MS, `${rate} was counted for too short`);
  }
  const numbers = run.events.filter((event) => event.type === "tx.planned").map(({ n }) => n);
  assert.deepEqual(numbers, [...numbers.keys()], "starts are numbered through all rates");

  const again = (options: object) =>
    transactionLimit
      .create(
        { kind: "transaction-limit", name: "transaction-limit", options: options as never, custom: false },
        run.plan,
      )
      .judge({ plan: run.plan, events: run.events, occupancy: () => 0.9, judgementOf: () => undefined });
  assert.deepEqual(again({}).figures, figures);
  assert.equal(again({ atLeast: 2.5 }).outcome, "passed");
  assert.equal(again({ atLeast: 6 }).outcome, "failed");
  assert.equal(again({ atLeast: limit }).outcome, "inconclusive", "the rate wanted lies within the interval");
  assert.equal(again({ withinMs: 1 }).outcome, "inconclusive", "no rate is sustained when nothing is in time");
});

test("a network that bears the highest rate that is tried has no known limit", async () => {
  const plan = searching("no-limit", { ...SEARCH, to: 3, atLeast: 5 });
  const run = await runVirtually(plan, { seed: "no-limit", profile: "fast" });
  const { outcome, summary, figures } = limitOf(run);
  assert.equal(outcome, "inconclusive");
  assert.match(
    summary,
    /^the limit lies above 3 transactions per block: 3, the highest rate, was not shown to be too much/,
  );
  assert.deepEqual([figures.low, figures.high, figures.probes], [3, null, 2]);
});

test("a generator that can't keep its rate shows nothing about the network", () => {
  const window = [
    { type: "chain.scheduled", chainStart: 0, slotMs: 1_000 },
    { type: "window.opened", slot: 0, height: 0 },
  ];
  const starts = Array.from({ length: 60 }, (_, n) => n).flatMap((n) => [
    { type: "tx.planned", workload: "transactions", n, intended: n * 1_000 },
    { type: "tx.missed", workload: "transactions", n, intended: n * 1_000, why: "late", generator: true },
  ]);
  const probe = {
    workload: "transactions",
    probe: 0,
    rate: 2,
    per: "block",
    from: 0,
    countFrom: 0,
    countUntil: 60_000,
  };
  const stream = [
    ...window,
    ...starts,
    { type: "limit.probe", ...probe, drained: true },
    { type: "window.closed", slot: 60, height: 0 },
  ].map((event, seq) => ({ v: 1, seq, t: seq, ...event })) as unknown as RunEvent[];
  const plan = planOf(
    { validators: 1, executors: 0 },
    { workloads: [pieceOf("transactions", { limit: { percentile: 80, withinMs: 1_000, from: 2, to: 8 } })] },
  );
  const judged = transactionLimit
    .create({ kind: "transaction-limit", name: "transaction-limit", options: {}, custom: false }, plan)
    .judge({ plan, events: stream, occupancy: () => 0.9, judgementOf: () => undefined });
  assert.equal(judged.outcome, "inconclusive");
  assert.match(judged.summary, /the generator could not keep 2 per block/);
});
