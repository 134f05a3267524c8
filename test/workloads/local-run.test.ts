import assert from "node:assert/strict";
import test from "node:test";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { runLocally } from "../support/local-cluster.ts";

test("over sockets to real processes nothing that was sent is lost, and every blob comes back", async () => {
  const plan = scenario("processes")
    .topologyWith((t) => t.networkStar().validators(2).executors(1))
    .wallets(30)
    .transactionsWith((txs) => txs.rate(3))
    .daWith((da) => da.channelRate(2).blobRate(1))
    .withRunDuration("40s")
    .build();
  const run = await runLocally(plan, { seed: "processes", profile: "fast" });
  const figuresOf = (kind: string) => run.expectations.find((one) => one.kind === kind)?.figures ?? {};
  const transactions = figuresOf("transaction-inclusion");
  assert.ok(Number(transactions.accepted) > 0, run.why);
  assert.equal(transactions.includedPercent, 100);
  assert.equal(transactions.refused, 0);
  const blobs = figuresOf("data-availability");
  assert.equal(blobs.inscribed, blobs.channels);
  assert.equal(blobs.includedPercent, 100);
  assert.equal(blobs.readBack, blobs.included);
  // A busy machine may keep the generators from their rate, which makes the run inconclusive and not failed.
  assert.ok(["passed", "inconclusive"].includes(run.verdict), run.why);
});
