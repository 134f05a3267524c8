import assert from "node:assert/strict";
import test from "node:test";
import type { EventOf, EventType, RunEvent } from "../../lib/model/events.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { INVALID_KINDS } from "../../lib/plan/transactions-options.ts";
import { runVirtually } from "../support/virtual-run.ts";

const ofType = <T extends EventType>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is EventOf<T> => event.type === type);

test("invalid transactions of every kind are offered to every node, and no block has one; transfers wander", async () => {
  const plan = scenario("invalid")
    .topologyWith((t) => t.networkStar().validators(3).executors(0))
    .wallets(40)
    .transactionsWith((txs) => txs.rate(5).mix({ self: 50, others: 50 }).invalid({ percent: 20 }))
    .expect("transaction-inclusion", { p99: "60s" })
    .withRunDuration("60s")
    .build();
  const run = await runVirtually(plan, { seed: "invalid", profile: "fast" });
  assert.equal(run.verdict, "passed", run.why);
  const invalid = ofType(run.events, "tx.invalid");
  for (const kind of INVALID_KINDS)
    assert.ok(
      invalid.some((event) => event.kind === kind),
      `none is a ${kind}`,
    );
  const planned = ofType(run.events, "tx.planned").length;
  assert.ok(invalid.length > planned * 0.1 && invalid.length < planned * 0.3, `${invalid.length} of ${planned}`);

  // By the blocks and the answers alone, without the fold that the expectation judges by.
  const inBlocks = new Set(ofType(run.events, "block.seen").flatMap(({ txs }) => txs));
  for (const { tx, kind } of invalid) assert.ok(!inBlocks.has(tx), `a ${kind} is in a block`);
  for (const { tx } of invalid) {
    const asked = ofType(run.events, "tx.submitted").filter((event) => event.tx === tx);
    assert.deepEqual(asked.map(({ node }) => node).sort(), ["validator-0", "validator-1", "validator-2"]);
  }
  const signatures = invalid.filter(({ kind }) => kind === "wrong-signature").map(({ tx }) => tx);
  assert.ok(
    ofType(run.events, "tx.accepted").every(({ tx }) => !signatures.includes(tx)),
    "a node took a transaction with a wrong signature",
  );
  // Value wanders, so some wallet holds more than its own note, and none is created.
  const inclusion = run.expectations.find(({ kind }) => kind === "transaction-inclusion");
  assert.equal(inclusion?.figures.invalidIncluded, 0);
  assert.equal(inclusion?.figures.includedPercent, 100);
});
