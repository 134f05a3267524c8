import assert from "node:assert/strict";
import test from "node:test";
import { aggregate } from "../../lib/evidence/judgement/aggregate.ts";
import { agreement } from "../../lib/expectations/agreement.ts";
import { BUILT_IN_EXPECTATIONS } from "../../lib/expectations/built-in.ts";
import { createThresholds } from "../../lib/expectations/thresholds.ts";
import type { PlannedPiece } from "../../lib/model/plan.ts";
import { METRIC_NAMES } from "../../lib/nodes/reference/metric-names.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { renderExposition } from "../../lib/telemetry/exposition.ts";
import { parseExposition, parseSelector } from "../../lib/telemetry/parse-exposition.ts";
import { simulate } from "../simulation/simulate.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";

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
  const recorded = recording.closed(30, 30).evidence();
  const evidence = {
    ...recorded,
    judgementOf: (name: string) =>
      name === "agreement" ? agreement.create(pieceOf("agreement"), plan).judge(recorded) : undefined,
  };
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
  assert.match(
    thresholds.object(piece, plan, {} as never)[0]?.message ?? "",
    /< 1ms has no figure to hold: the plan has no expectation/,
  );
});

test("percentiles are the smallest sample that so many percent don't exceed; counters count on over restarts", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual(
    ["p50", "p90", "p95", "p99", "min", "max", "mean", "sum", "count", "last"].map((over) => aggregate(over, hundred)),
    [50, 90, 95, 99, 1, 100, 50.5, 5_050, 100, 1],
  );
  assert.equal(aggregate("p99", [7]), 7);
  assert.equal(aggregate("increase", [3, 5, 5, 2, 4]), 6);
  assert.deepEqual(
    ["increase", "max", "p50"].map((over) => aggregate(over, [])),
    [null, null, null],
  );
  assert.deepEqual(
    ["count", "sum"].map((over) => aggregate(over, [])),
    [0, 0],
  );
});

/** A scenario with metrics of its own: a time of every look, and failures of which there are none. */
function looking(...limits: readonly string[]) {
  const written = scenario("looking")
    .topologyWith((t) => t.networkStar().validators(3))
    .wallets(20)
    .transactionsWith((txs) => txs.rate(2))
    .withWorkload({
      name: "looks",
      metrics: ["lookMs", "failures"],
      async start(ctx) {
        for (let n = 1; !ctx.signal.aborted; n++) {
          ctx.metric("lookMs", n % 10 === 0 ? 300 : 10);
          await ctx.clock.sleep(100, ctx.signal);
        }
      },
    })
    .withExpectation({
      name: "own",
      judge: ({ events }) => ({
        outcome: "passed",
        summary: "it has figures",
        figures: { events: events.length, word: "none" },
        limits: {},
        findings: [],
      }),
    })
    .withRunDuration("40s");
  for (const limit of limits) written.expectThreshold(limit);
  return written.build();
}

async function outcomeOf(...limits: readonly string[]) {
  const { report } = await simulate(looking(...limits), { seed: "limits", profile: "fast" });
  const judged = report.expectations.find(({ kind }) => kind === "thresholds");
  return { outcome: judged?.outcome, summary: judged?.summary, figures: judged?.figures, limits: judged?.limits };
}

test("a run is held to figures, percentiles, metrics of its nodes and of its own pieces", async () => {
  const judged = await outcomeOf(
    "transaction-inclusion.inclusionP99Ms < 30s",
    "last(consensus_tip_height) > 10",
    "increase(consensus_blocks_refused_total) == 0",
    'last(http_responses_total{status="500"}) == 0',
    "p50(looks.lookMs) < 1s",
    "count(looks.failures) == 0",
    "own.events > 100",
  );
  assert.equal(judged.outcome, "passed", judged.summary);
  assert.equal(judged.limits?.["transaction-inclusion.inclusionP99Ms <"], 3_750, "scaled with the slots");
  assert.equal(judged.figures?.["p50(looks.lookMs)"], 10);
});

test("what a run doesn't keep is named, with the node where there is one", async () => {
  const judged = await outcomeOf("p99(looks.lookMs) <= 800ms", "last(consensus_tip_height) < 5", "own.events > 100");
  assert.equal(judged.outcome, "failed");
  assert.match(judged.summary ?? "", /^p99\(looks\.lookMs\) <= 100ms: it was 300ms; last\(.*\d+ on validator-0, /);
});

test("what a run doesn't show decides nothing", async () => {
  const judged = await outcomeOf(
    "max(looks.failures) < 1",
    "own.word == 1",
    "own.evens > 1",
    "max(resources.residentMiB) < 9",
  );
  assert.equal(judged.outcome, "inconclusive");
  assert.equal(
    judged.summary,
    [
      "max(looks.failures) < 1: looks recorded none",
      "own.word == 1: the figure is none",
      "own.evens > 1: there are the figures events, word",
      "max(resources.residentMiB) < 9: the backend shows nothing of what nodes use",
    ].join("; "),
  );
});

test("metrics that a piece doesn't declare, and samples that are none, fail the piece", async () => {
  const recording = (name: string, value: number, metrics?: string[]) =>
    scenario("undeclared")
      .topologyWith((t) => t.networkStar().validators(1))
      .withWorkload({ name: "looks", ...(metrics && { metrics }), start: async (ctx) => ctx.metric(name, value) })
      .withRunDuration("10s")
      .build();
  const why = async (name: string, value: number, metrics?: string[]) =>
    (await simulate(recording(name, value, metrics), { seed: "7", profile: "fast" })).report.why;
  assert.match(
    await why("lokMs", 1, ["lookMs"]),
    /ctx\.metric\("lokMs"\): looks declares no such metric. The nearest is lookMs\./,
  );
  assert.match(await why("lookMs", 1), /looks declares no metrics; give it metrics: \["lookMs"\]/);
  assert.match(
    await why("lookMs", Number.NaN, ["lookMs"]),
    /ctx\.metric\("lookMs", NaN\): a sample is a finite number/,
  );
});

test("the metrics that nodes are known to show are those that they show", async () => {
  const shown = new Set<string>();
  const written = scenario("shown")
    .topologyWith((t) => t.networkStar().validators(1))
    .withExpectation({
      name: "own",
      async collect({ cluster }) {
        const text = (await cluster.running()[0]?.client.metrics()) ?? "";
        for (const { name } of parseExposition(text)) shown.add(name);
      },
      judge: () => ({ outcome: "passed", summary: "read", figures: {}, limits: {}, findings: [] }),
    })
    .withRunDuration("10s")
    .build();
  await simulate(written, { seed: "7", profile: "fast" });
  assert.deepEqual([...shown], [...METRIC_NAMES]);
});
