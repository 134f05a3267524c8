import assert from "node:assert/strict";
import test from "node:test";
import { BUILT_IN_EXPECTATIONS } from "../../lib/expectations/built-in.ts";
import { createThresholds } from "../../lib/expectations/thresholds.ts";
import type { PlannedPiece } from "../../lib/model/plan.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { renderExposition } from "../../lib/telemetry/exposition.ts";
import { parseExposition, parseSelector } from "../../lib/telemetry/parse-exposition.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";
import { runVirtually } from "../support/virtual-run.ts";

const plan = planOf({ validators: 2, executors: 0 }, { expectations: [pieceOf("agreement")] });
const thresholds = createThresholds(BUILT_IN_EXPECTATIONS);
const pieceFor = (
  ...limits: readonly { subject: string; op: string; limit?: number; limitMs?: number }[]
): PlannedPiece => pieceOf("thresholds", { limits });

function judge(subject: string, op: string, limit: number, silent: readonly string[] = []) {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  for (const [t, pending] of [
    [5_000, 3],
    [6_000, 9],
    [7_000, 1],
  ] as const) {
    for (const node of ["validator-0", "validator-1"]) {
      const value = node === "validator-1" ? pending : 0;
      if (!silent.includes(node)) recording.at(t, "node.metrics", { node, values: { pending: value } });
    }
  }
  for (let height = 4; height <= 30; height++)
    recording.block(height, { parent: height === 4 ? "b1" : `b${height - 1}` });
  const evidence = recording.closed(30, 30).evidence();
  return thresholds.create(pieceFor({ subject, op, limit }), plan).judge(evidence);
}

test("metrics are read from what nodes show, labels and all", () => {
  const text = renderExposition([
    { name: "a_total", type: "counter", help: "of all\nkinds", samples: [{ value: 3 }] },
    {
      name: "b",
      type: "gauge",
      samples: [{ labels: { path: 'x"y\\,z\n', status: "200" }, value: 1.5 }, { value: Number.POSITIVE_INFINITY }],
    },
  ]);
  assert.deepEqual(parseExposition(`${text}c 7 1395066363000\nno sample at all here\n`), [
    { name: "a_total", labels: {}, value: 3 },
    { name: "b", labels: { path: 'x"y\\,z\n', status: "200" }, value: 1.5 },
    { name: "b", labels: {}, value: Number.POSITIVE_INFINITY },
    { name: "c", labels: {}, value: 7 },
  ]);
  assert.deepEqual(parseSelector('b{status="200"}'), { name: "b", labels: { status: "200" }, value: 0 });
});

test("metrics of nodes are held to limits, and the node outside is named", () => {
  assert.equal(judge("max(pending)", "<=", 9).outcome, "passed");
  const failed = judge("max(pending)", "<", 9);
  assert.equal(failed.outcome, "failed");
  assert.equal(failed.summary, "max(pending) < 9: it was 9 on validator-1");
  assert.equal(judge("last(pending)", "<=", 1).outcome, "passed");
  assert.equal(judge("min(pending)", ">=", 1).summary, "min(pending) >= 1: it was 0 on validator-0");
});

test("a metric that a node doesn't show decides nothing", () => {
  const judgement = judge("max(pending)", "<=", 9, ["validator-0"]);
  assert.equal(judgement.outcome, "inconclusive");
  assert.match(judgement.summary, /validator-0 did not show it/);
});

test("figures of other expectations are held to limits; unknown ones are listed", () => {
  assert.equal(judge("agreement.highestFinal", ">=", 20).outcome, "passed");
  assert.equal(judge("agreement.highestFinal", ">", 20).summary, "agreement.highestFinal > 20: it was 20");
  const unknown = judge("agreement.highest", ">", 1);
  assert.equal(unknown.outcome, "inconclusive");
  assert.match(unknown.summary, /there are the figures naturalConflict, nodes, highestFinal/);
});

test("a figure of an expectation that the plan doesn't have is refused", () => {
  const piece = pieceFor({ subject: "transaction-inclusion.inclusionP99Ms", op: "<", limitMs: 1 });
  assert.match(thresholds.object(piece, plan, {} as never)[0]?.message ?? "", /< 1ms has no figure to hold/);
});

test("a run is held to a percentile and to a metric of its nodes", async () => {
  const written = scenario("limits")
    .topologyWith((t) => t.networkStar().validators(3))
    .wallets(20)
    .transactionsWith((txs) => txs.rate(2))
    .expectThreshold("transaction-inclusion.inclusionP99Ms < 30s")
    .expectThreshold("last(consensus_tip_height) > 10")
    .withRunDuration("40s")
    .build();
  const run = await runVirtually(written, { seed: "limits", profile: "fast" });
  const judged = run.expectations.find(({ kind }) => kind === "thresholds");
  // The tests' nodes have no /metrics, so that part is undecided; the percentile is scaled with the slots.
  assert.equal(judged?.limits["transaction-inclusion.inclusionP99Ms <"], 3_750);
  assert.ok(Number(judged?.figures["transaction-inclusion.inclusionP99Ms"]) < 3_750, judged?.summary);
});
