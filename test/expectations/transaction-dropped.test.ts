import assert from "node:assert/strict";
import test from "node:test";
import { transactionInclusion } from "../../lib/expectations/transaction-inclusion.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";

const plan = planOf({ validators: 3, executors: 0 });
const judge = (recording: Recording) =>
  transactionInclusion.create(pieceOf("transaction-inclusion"), plan).judge(recording.evidence());

interface Story {
  /** Transactions that validator-1 took in slot 5. */
  readonly taken: number;
  /** How many of them were given to validator-2 in slot 9, because no block had them. */
  readonly again: number;
  /** Whether validator-2 had heard of them. */
  readonly duplicate?: boolean;
  /** Who led the blocks of slots 6 to 8, which hold none of those. */
  readonly leader?: string;
  /** Whether validator-1 was frozen meanwhile. */
  readonly paused?: boolean;
}

function run({ taken, again, duplicate = false, leader = "validator-1", paused = false }: Story): Recording {
  const recording = new Recording(plan).boot().opened(2, 0);
  const names = Array.from({ length: taken }, (_, n) => `tx${n}`);
  const ask = (t: number, node: string, tx: string, n: number, known: boolean) =>
    recording
      .at(t, "tx.submitted", { workload: "transactions", n, tx, node, intended: 10_000 })
      .at(t, "tx.accepted", known ? { tx, node, duplicate: true } : { tx, node });
  for (let height = 1; height <= 4; height++) recording.block(height, { leader: "validator-0" });
  for (const [n, tx] of names.entries()) {
    recording.at(10_000, "tx.planned", { workload: "transactions", n, intended: 10_000 });
    ask(10_100, "validator-1", tx, n, false);
  }
  if (paused) recording.at(11_000, "node.paused", { node: "validator-1", paused: true });
  for (let height = 5; height <= 8; height++) {
    const txs = height === 6 ? names.slice(again) : [];
    recording.block(height, { leader: height === 6 ? "validator-0" : leader, txs });
  }
  for (const [n, tx] of names.slice(0, again).entries()) ask(18_000, "validator-2", tx, n, duplicate);
  recording.block(9, { leader: "validator-2", txs: names.slice(0, again) });
  for (let height = 10; height <= 30; height++) recording.block(height, { leader: "validator-0" });
  return recording.closed(30, 30);
}

test("who takes transactions and drops them is named with them, though another node brought them in", () => {
  const judgement = judge(run({ taken: 25, again: 8 }));
  assert.equal(judgement.outcome, "failed");
  assert.match(
    judgement.summary,
    /^25 of 25 accepted transactions included .*; validator-1 dropped 8 of 8 transactions that it had accepted and its blocks should have held \(100 %, at most 1 % allowed\)$/,
  );
  assert.equal(judgement.figures["dropped"], 8);
  assert.equal(
    judgement.findings[0],
    "transaction tx0 (transactions 0) was accepted by validator-1 at 10.1s and is not in its block b7 of slot 7; it was new to validator-2 afterwards",
  );
});

test("so few drops that they may be chance are not claimed", () => {
  assert.equal(judge(run({ taken: 25, again: 2 })).outcome, "passed");
  assert.equal(judge(run({ taken: 25, again: 4 })).outcome, "failed");
});

test("a transaction that the next node had heard of was not dropped, nor one whose taker led no block or was frozen", () => {
  assert.equal(judge(run({ taken: 25, again: 8, duplicate: true })).outcome, "passed");
  assert.equal(judge(run({ taken: 25, again: 8, leader: "validator-0" })).outcome, "passed");
  assert.equal(judge(run({ taken: 25, again: 8, paused: true })).outcome, "passed");
});

/** A double spend of a note that a block at height 3 spent, taken by a node whose LIB is at this height. */
function doubleSpend(libHeight: number, refusedFrom?: number): Recording {
  const recording = new Recording(plan).boot().opened(2, 0);
  for (let height = 1; height <= 10 + libHeight; height++) recording.block(height);
  const t = (10 + libHeight) * 2_000 + 900;
  const start = { workload: "transactions", n: 0, intended: t };
  const bad = { workload: "transactions", n: 1, intended: t };
  recording.at(t, "tx.planned", start).at(t, "tx.submitted", { ...start, tx: "good", node: "validator-0" });
  recording.at(t, "tx.accepted", { tx: "good", node: "validator-0" }).at(t, "tx.planned", bad);
  const told = { workload: "transactions", n: 1, tx: "bad", kind: "double-spend" };
  recording.at(t, "tx.invalid", refusedFrom === undefined ? told : { ...told, refusedFrom });
  recording.at(t, "tx.submitted", { ...bad, tx: "bad", node: "validator-1" });
  recording.at(t, "tx.accepted", { tx: "bad", node: "validator-1" });
  recording.block(11 + libHeight, { txs: ["good"] });
  for (let height = 12 + libHeight; height <= 40; height++) recording.block(height);
  return recording.closed(40, 40);
}

test("a node that takes what a block below its LIB forbids fails, and is named with both heights", () => {
  const judgement = judge(doubleSpend(5, 3));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.summary, /; 1 taken by validator-1, which had to refuse \(none allowed\)/);
  assert.equal(
    judgement.findings[0],
    "validator-1 took the invalid transaction bad (transactions 1, double-spend) at 30.9s, whose note a block at height 3 had spent, with its LIB at height 5",
  );
  assert.match(judge(doubleSpend(1, 0)).findings[0] ?? "", /which no ledger lets pass$/);
});

test("a node may take what its own LIB doesn't forbid yet, and what only its state can tell", () => {
  assert.equal(judge(doubleSpend(2, 3)).outcome, "passed");
  assert.equal(judge(doubleSpend(5)).outcome, "passed");
});
