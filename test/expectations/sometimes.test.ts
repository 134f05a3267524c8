import assert from "node:assert/strict";
import test from "node:test";
import { sometimes } from "../../lib/expectations/sometimes.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";
import { runVirtually } from "../support/virtual-run.ts";

const plan = planOf({ validators: 3, executors: 0 });

function judge(state: string, least: number) {
  const recording = new Recording(plan).boot().block(1).opened(2, 1).block(2);
  recording.block(3, { branch: "x", parent: "b2", on: ["validator-2"] });
  for (let height = 3; height <= 8; height++) recording.block(height, { on: ["validator-0", "validator-1"] });
  recording.at(17_000, "node.mempool", { node: "validator-1", pending: 12 });
  const piece = pieceOf("sometimes", { states: [{ name: "asked", state, least }] });
  return sometimes.create(piece, plan).judge(recording.block(9).closed(9, 9).evidence());
}

test("states that were seen are told with who and when", () => {
  assert.equal(judge("fork", 2).summary, "asked: 2 blocks at height 3: x3, b3 at 6.5s");
  assert.equal(judge("node-behind", 4).summary, "asked: validator-2 at height 3 of 7 at 14.5s");
  assert.equal(judge("mempool", 12).summary, "asked: 12 waiting on validator-1 at 17s");
});

test("a state that was never reached leaves the run inconclusive, with the most that was seen", () => {
  for (const [state, least, most] of [
    ["fork", 3, 2],
    ["node-behind", 7, 6],
    ["mempool", 13, 12],
  ] as const) {
    const judgement = judge(state, least);
    assert.equal(judgement.outcome, "inconclusive");
    assert.match(judgement.summary, new RegExp(`^asked: never .*, at most ${most}$`));
  }
});

test("a run is inconclusive by a predicate that never holds, and passes by one that does", async () => {
  const written = scenario("states")
    .topologyWith((t) => t.networkStar().validators(3))
    .wallets(20)
    .transactionsWith((txs) => txs.rate(4))
    .sometimes("busy", { mempool: 1 })
    .sometimes("buried", { mempool: 1_000_000 })
    .withRunDuration("30s")
    .build();
  const run = await runVirtually(written, { seed: "states", profile: "fast" });
  const judged = run.expectations.find(({ kind }) => kind === "sometimes");
  assert.equal(run.verdict, "inconclusive");
  assert.match(judged?.summary ?? "", /^buried: never 1000000 or more transactions/);
  assert.match(judged?.findings[0] ?? "", /^busy: \d+ waiting on validator-/);
});

test("a predicate of the author's is an expectation of its own", () => {
  const { customs } = scenario("own")
    .topologyWith((t) => t.validators(1))
    .sometimes("stopped", ({ events }) => events.some(({ type }) => type === "node.ended"))
    .build();
  const stopped = customs.expectations.get("stopped");
  const recording = new Recording(plan).boot();
  assert.equal(stopped?.judge(recording.evidence()).outcome, "inconclusive");
  recording.at(1, "node.ended", { node: "validator-0", start: 1, expected: true, why: "as asked" });
  assert.equal(stopped?.judge(recording.evidence()).outcome, "passed");
});
