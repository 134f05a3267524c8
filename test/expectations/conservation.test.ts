import assert from "node:assert/strict";
import test from "node:test";
import { conservation } from "../../lib/expectations/conservation.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";
import { runVirtually } from "../support/virtual-run.ts";

const plan = planOf({ validators: 2, executors: 0 }, { wallets: { count: 2, totalFunds: 200 } });
const judge = (recording: Recording) => conservation.create(pieceOf("conservation"), plan).judge(recording.evidence());

const transfer = (tx: string, input: string, outputs: readonly [string, string, number][]) => ({
  tx,
  inputs: [input],
  outputs: outputs.map(([note, pk, value]) => ({ note, pk, value: String(value) })),
});

/** a pays b 40 in block 1; `more` is in block 2. */
function recorded(options: { more?: ReturnType<typeof transfer>; a?: number; b?: number; pending?: number } = {}) {
  const { more, a = 60, b = 140, pending = 0 } = options;
  const recording = new Recording(plan).boot();
  recording.block(1, { txs: ["tx1"] }).block(2, { txs: more ? [more.tx] : [] });
  recording.at(6_000, "wallets.funded", {
    wallets: [
      { wallet: "wallet-user-0", pk: "a", note: "n0", value: "100" },
      { wallet: "wallet-user-1", pk: "b", note: "n1", value: "100" },
    ],
  });
  const tx1 = transfer("tx1", "n0", [
    ["n2", "a", 60],
    ["n3", "b", 40],
  ]);
  recording.at(6_000, "block.transfers", { block: "b1", transfers: [tx1] });
  if (more) recording.at(6_000, "block.transfers", { block: "b2", transfers: [more] });
  for (const node of ["validator-0", "validator-1"]) {
    const told = node === "validator-1" ? { "wallet-user-0": String(a), "wallet-user-1": String(b) } : null;
    recording.at(6_000, "node.mempool", { node, pending: node === "validator-1" ? pending : 0 });
    const right = { "wallet-user-0": "60", "wallet-user-1": "140" };
    recording.at(6_000, "node.balances", { node, tip: more ? "b2" : "b1", balances: told ?? right });
  }
  return recording;
}

test("balances that transfers make pass", () => {
  const judgement = judge(recorded());
  assert.equal(judgement.outcome, "passed", judgement.summary);
});

test("a node that gives another balance is named, with the wallet", () => {
  const judgement = judge(recorded({ b: 141 }));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.findings[0] ?? "", /^validator-1 gives wallet-user-1 141 tokens at block b1, .* make it 140$/);
});

test("a note that is spent twice, and value from nowhere, are named with their block", () => {
  const twice = judge(recorded({ more: transfer("tx2", "n0", [["n4", "a", 100]]) }));
  assert.equal(twice.outcome, "failed");
  assert.match(twice.findings[0] ?? "", /transaction tx2 in block b2 .* spends note n0, which tx1 had spent/);
  const made = judge(recorded({ more: transfer("tx2", "n2", [["n4", "a", 61]]) }));
  assert.match(made.findings[0] ?? "", /transaction tx2 in block b2 .* turns 60 into 61/);
  assert.equal(made.figures.endTokens, "201");
});

test("a mempool that does not empty out is named", () => {
  assert.deepEqual(judge(recorded({ pending: 3 })).findings, ["validator-1 still has 3 transactions in its mempool"]);
});

test("invalid transactions that a node took may stay in mempools, and nothing else", () => {
  const withInvalid = (pending: number) => {
    const recording = recorded({ pending });
    recording.at(6_100, "tx.planned", { workload: "transactions", n: 7, intended: 6_100 });
    recording.at(6_100, "tx.invalid", { workload: "transactions", n: 7, tx: "bad", kind: "unknown-note" });
    recording.at(6_100, "tx.submitted", {
      workload: "transactions",
      n: 7,
      tx: "bad",
      node: "validator-0",
      intended: 6_100,
    });
    recording.at(6_100, "tx.accepted", { tx: "bad", node: "validator-0" });
    return judge(recording);
  };
  assert.equal(withInvalid(1).outcome, "passed", withInvalid(1).summary);
  assert.deepEqual(withInvalid(2).findings, ["validator-1 still has 1 transaction in its mempool"]);
});

test("what was not read decides nothing", () => {
  assert.equal(judge(new Recording(plan).boot().block(1)).outcome, "inconclusive");
  const recording = recorded();
  recording.block(3, { txs: ["tx9"] });
  recording.at(8_000, "node.balances", { node: "validator-0", tip: "b3", balances: {} });
  assert.match(judge(recording).summary, /transfers of the chain of validator-0 up to block b3 were not recorded/);
});

test("a plan without wallets is refused", () => {
  const without = { ...plan, wallets: { count: 0, totalFunds: 0 } };
  assert.equal(conservation.object(pieceOf("conservation"), without, {} as never).length, 1);
});

test("a run with transfers and restarts conserves all value", async () => {
  const written = scenario("value")
    .topologyWith((t) => t.networkStar().validators(3))
    .wallets(20)
    .transactionsWith((txs) => txs.rate(3))
    .enableNodeControl()
    .chaosWith((chaos) => chaos.restart({ minDelay: "10s", maxDelay: "20s", targetCooldown: "30s" }))
    .expectConservation()
    .withRunDuration("60s")
    .build();
  const run = await runVirtually(written, { seed: "value", profile: "fast" });
  const judged = run.expectations.find(({ kind }) => kind === "conservation");
  assert.equal(judged?.outcome, "passed", judged?.summary);
  assert.ok(run.events.filter(({ type }) => type === "block.transfers").length > 10);
});
