import assert from "node:assert/strict";
import test from "node:test";
import { transactionInclusion } from "../../lib/expectations/transaction-inclusion.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";

const plan = planOf({ validators: 3, executors: 0 });
const judge = (recording: Recording, options = {}) =>
  transactionInclusion.create(pieceOf("transaction-inclusion", options), plan).judge(recording.evidence());

const intendedOf = (n: number) => 4_000 + 100 * n;

/** Intends and submits transactions `from` to `to`; each is accepted at once unless in `except`. */
function send(recording: Recording, from: number, to: number, except: readonly number[] = []): Recording {
  for (let n = from; n <= to; n++) {
    const intended = intendedOf(n);
    recording.at(intended, "tx.planned", { workload: "transactions", n, intended });
    recording.at(intended, "tx.submitted", {
      workload: "transactions",
      n,
      tx: `tx${n}`,
      node: "validator-0",
      intended,
    });
    if (!except.includes(n)) recording.at(intended + 5, "tx.accepted", { tx: `tx${n}`, node: "validator-0" });
  }
  return recording;
}

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `tx${from + i}`);

function opened(): Recording {
  return new Recording(plan).boot().block(1).opened(2, 1);
}

/** Empty blocks up to `height`, and the end of the window. */
function closed(recording: Recording, from: number, height: number): Recording {
  for (let h = from; h <= height; h++) recording.block(h);
  return recording.closed(height, height);
}

test("all accepted transactions in the chain pass, with latencies from their intended time", () => {
  const recording = send(opened(), 0, 99).block(2, { slot: 8, txs: numbered(0, 99) });
  const judgement = judge(closed(recording, 3, 30));
  assert.equal(judgement.outcome, "passed", judgement.summary);
  assert.equal(judgement.figures.included, 100);
  assert.equal(judgement.figures.final, 100);
  // The block was seen at 16,500 ms; the last of them was intended at 13,900, the first at 4,000.
  assert.equal(judgement.figures.inclusionMaxMs, 12_503);
  assert.ok(Math.abs(Number(judgement.figures.inclusionP50Ms) - 7_550) < 60);
});

test("an accepted transaction that no block has fails, and is named with its node", () => {
  const recording = send(opened(), 0, 99).block(2, { slot: 8, txs: numbered(1, 99) });
  const judgement = judge(closed(recording, 3, 30));
  assert.equal(judgement.outcome, "failed");
  assert.match(
    judgement.findings[0] ?? "",
    /transaction tx0 .* accepted by validator-0 at 4s and is still in no block, \d+ blocks later/,
  );
});

test("a transaction that only an abandoned block has is explained by that block", () => {
  const recording = send(opened(), 0, 9);
  recording.block(2, { branch: "x", parent: "b1", on: ["validator-1"], txs: ["tx4"] });
  recording.block(2, { txs: numbered(0, 9).filter((tx) => tx !== "tx4") });
  const judgement = judge(closed(recording, 3, 30));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.findings[0] ?? "", /tx4 .* included in x2 at height 2, which left the chain/);
});

test("a transaction that was lost with a node's memory is explained by that node's end", () => {
  const recording = send(opened(), 0, 9);
  recording.at(5_000, "node.ended", { node: "validator-0", start: 1, expected: true, why: "SIGTERM, as asked" });
  recording.block(3, { parent: "b1", txs: numbered(1, 9), on: ["validator-1", "validator-2"] });
  for (let h = 4; h <= 30; h++) recording.block(h, { on: ["validator-1", "validator-2"] });
  const judgement = judge(recording.closed(30, 30));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.findings[0] ?? "", /tx0 .* lost from memory: validator-0 ended at 5s/);
});

test("a refusal that another node made good does not count; too many that none did fail", () => {
  const recording = send(opened(), 0, 199, [0, 1, 2, 3, 4]);
  for (const [n, final] of [
    [0, false],
    [1, true],
    [2, true],
    [3, true],
  ] as const) {
    recording.at(intendedOf(n) + 7, "tx.refused", {
      tx: `tx${n}`,
      node: "validator-2",
      reason: "500: Mempool is full",
      final,
    });
  }
  recording.at(intendedOf(0) + 9, "tx.accepted", { tx: "tx0", node: "validator-1" });
  recording.at(intendedOf(4) + 9, "tx.accepted", { tx: "tx4", node: "validator-1" });
  recording.block(13, { parent: "b1", txs: ["tx0", ...numbered(4, 199)] });
  const judgement = judge(closed(recording, 14, 40));
  assert.equal(judgement.figures.refused, 3);
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.findings[0] ?? "", /tx1 .* was never accepted; validator-2: 500: Mempool is full/);
  assert.equal(judge(closed(recording, 14, 40), { maxRefusedPercent: 2 }).outcome, "passed");
});

test("a generator that missed more than 1 % of its starts shows nothing", () => {
  const recording = send(opened(), 0, 97);
  for (const n of [98, 99]) {
    const intended = intendedOf(n);
    recording.at(intended, "tx.planned", { workload: "transactions", n, intended });
    recording.at(intended + 2_000, "tx.missed", { workload: "transactions", n, intended, why: "no wallet is free" });
  }
  recording.block(8, { parent: "b1", txs: numbered(0, 97) });
  const judgement = judge(closed(recording, 9, 30));
  assert.equal(judgement.outcome, "inconclusive");
  assert.match(judgement.findings[0] ?? "", /of 100 starts 2 were missed .* mostly: no wallet is free/);
});

test("one missed start of a hundred is within what is allowed", () => {
  const recording = send(opened(), 0, 98);
  recording.at(intendedOf(99), "tx.planned", { workload: "transactions", n: 99, intended: intendedOf(99) });
  recording.at(16_000, "tx.missed", {
    workload: "transactions",
    n: 99,
    intended: intendedOf(99),
    why: "no wallet is free",
  });
  recording.block(8, { parent: "b1", txs: numbered(0, 98) });
  assert.equal(judge(closed(recording, 9, 30)).outcome, "passed");
});

test("a run that sent nothing, or had nothing accepted, decides nothing", () => {
  assert.match(judge(closed(opened(), 2, 30)).summary, /^no transaction was sent/);
  const refused = judge(closed(send(opened(), 0, 0, [0]), 2, 30), { maxRefusedPercent: 100 });
  assert.equal(refused.outcome, "inconclusive");
  assert.match(refused.summary, /^no transaction was accepted/);
});

test("an invalid transaction that a block holds fails, and is named with its kind, block and the node that took it", () => {
  const recording = send(opened(), 0, 99);
  const forge = (n: number, tx: string, kind: string) => {
    const intended = intendedOf(n);
    recording.at(intended, "tx.planned", { workload: "transactions", n, intended });
    recording.at(intended, "tx.invalid", { workload: "transactions", n, tx, kind });
    recording.at(intended, "tx.submitted", { workload: "transactions", n, tx, node: "validator-1", intended });
  };
  forge(100, "bad1", "overspend");
  recording.at(14_010, "tx.accepted", { tx: "bad1", node: "validator-1" });
  forge(101, "bad2", "wrong-signature");
  recording.at(14_110, "tx.refused", { tx: "bad2", node: "validator-1", reason: "500: no", final: true });
  recording.block(2, { slot: 8, txs: [...numbered(0, 99), "bad1"] });
  const judgement = judge(closed(recording, 3, 30));
  assert.equal(judgement.outcome, "failed");
  assert.match(
    judgement.findings[0] ?? "",
    /invalid transaction bad1 \(transactions 100, overspend\) is in block b2 at height 2; taken by validator-1/,
  );
  const { invalid, invalidRefused, invalidTaken, invalidIncluded, included } = judgement.figures;
  assert.deepEqual([invalid, invalidRefused, invalidTaken, invalidIncluded, included], [2, 1, 1, 1, 100]);
});

test("an invalid transaction that nobody answered to decides nothing, and one in no block passes", () => {
  for (const [reason, outcome] of [
    ["NR-NODE-TIMEOUT: validator-1 gave no answer", "inconclusive"],
    ["500: no such note", "passed"],
  ] as const) {
    const recording = send(opened(), 0, 99);
    recording.at(14_000, "tx.planned", { workload: "transactions", n: 100, intended: 14_000 });
    recording.at(14_000, "tx.invalid", { workload: "transactions", n: 100, tx: "bad", kind: "unknown-note" });
    const asked = { workload: "transactions", n: 100, tx: "bad", node: "validator-1", intended: 14_000 };
    recording.at(14_000, "tx.submitted", asked);
    recording.at(14_100, "tx.refused", { tx: "bad", node: "validator-1", reason, final: true });
    recording.block(2, { slot: 8, txs: numbered(0, 99) });
    assert.equal(judge(closed(recording, 3, 30)).outcome, outcome);
  }
});

test("percentiles have limits: the figure at the limit passes, below it fails", () => {
  const run = () => closed(send(opened(), 0, 99).block(2, { slot: 8, txs: numbered(0, 99) }), 3, 30);
  const { figures } = judge(run());
  const p90 = Number(figures.inclusionP90Ms);
  assert.equal(judge(run(), { p90Ms: p90 }).outcome, "passed");
  const slow = judge(run(), { p90Ms: p90 - 1, p50Ms: 60_000 });
  assert.equal(slow.outcome, "failed");
  assert.match(slow.summary, /p90 until inclusion 11\.\d+s \(at most 11\.\d+s allowed\)/);
  assert.equal(slow.limits.p90Ms, p90 - 1);
});

test("the generator's own budget can be set", () => {
  const missing = () => {
    const recording = send(opened(), 0, 99);
    for (const n of [100, 101, 102]) {
      recording.at(14_000, "tx.planned", { workload: "transactions", n, intended: 14_000 });
      recording.at(16_100, "tx.missed", { workload: "transactions", n, intended: 14_000, why: "no wallet is free" });
    }
    return closed(recording.block(2, { slot: 9, txs: numbered(0, 99) }), 3, 30);
  };
  assert.equal(judge(missing()).outcome, "inconclusive");
  assert.equal(judge(missing(), { maxMissedOrLatePercent: 5 }).outcome, "passed");
});
