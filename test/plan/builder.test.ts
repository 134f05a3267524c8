import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import type { CustomExpectation, CustomWorkload } from "../../lib/index.ts";
import { scenario } from "../../lib/index.ts";
import { ChaosBuilder, ChaosRestartBuilder } from "../../lib/plan/builder/chaos.ts";
import { DataAvailabilityBuilder } from "../../lib/plan/builder/data-availability.ts";
import { ScenarioBuilder } from "../../lib/plan/builder/scenario.ts";
import { TopologyBuilder } from "../../lib/plan/builder/topology.ts";
import { TransactionsBuilder } from "../../lib/plan/builder/transactions.ts";
import { isWrittenPlan } from "../../lib/plan/written.ts";

const workload: CustomWorkload = {
  name: "noise",
  options: { pauseMs: 500, levels: [1, 2] },
  needs: ["node.stop"],
  start: async () => {},
  expectations: () => [expectation],
};
const expectation: CustomExpectation = {
  name: "quiet",
  judge: () => ({ outcome: "passed", summary: "", figures: {}, limits: {}, findings: [] }),
};

test("every method writes what it says", () => {
  const written = scenario("all-of-it")
    .topologyWith((t) =>
      t
        .networkFull()
        .networkChain()
        .validators(3)
        .executors(2)
        .nodeConfigPatch(4, { log: { level: "debug" } })
        .stake(0, 4_000)
        .limits({ memory: "64MiB" })
        .limits({ memory: "1.5GiB", cpus: 0.5 })
        .slotDuration("1s")
        .securityParam(20)
        .activeSlotCoeff(0.5)
        .tieBreak("first-seen"),
    )
    .wallets(10)
    .initializeWallet(1_000, 30)
    .transactionsWith((txs) => txs.rate(2.5).users(20))
    .daWith((da) => da.channelRate(2).blobRate(3).headroomPercent(50).blobSize(1_000).pipeline(2))
    .enableNodeControl()
    .chaosWith((chaos) =>
      chaos
        .maxUnavailable(2)
        .restart({ minDelay: "5s", includeValidators: false })
        .maxDelay("20s")
        .targetCooldown(30_000)
        .includeExecutors(true),
    )
    .withWorkload(workload)
    .expectConsensusLiveness()
    .expect("liveness", { power: 0.99 })
    .expect("transaction-inclusion", { maxRefusedPercent: 5 })
    .without("agreement")
    .withRunDuration("2m")
    .seed("7")
    .withMetricsQueryUrl("http://127.0.0.1:9090")
    .withMetricsOtlpIngestUrl("http://127.0.0.1:4318/v1/metrics")
    .withGrafanaUrl("https://grafana.example.org")
    .build();

  assert.ok(isWrittenPlan(written));
  assert.deepEqual(written.document, {
    name: "all-of-it",
    seed: "7",
    setup: [],
    durationMs: 120_000,
    topology: {
      layout: "chain",
      validators: 3,
      executors: 2,
      stakes: { 0: 4_000 },
      configPatches: { 4: { log: { level: "debug" } } },
      limits: { memoryMiB: 1_536, cpus: 0.5 },
    },
    consensus: { slotMs: 1_000, k: 20, f: 0.5, tieBreak: "first-seen" },
    wallets: { count: 30, totalFunds: 1_000 },
    nodeControl: true,
    observability: {
      metricsQueryUrl: "http://127.0.0.1:9090",
      metricsOtlpIngestUrl: "http://127.0.0.1:4318/v1/metrics",
      grafanaUrl: "https://grafana.example.org",
    },
    workloads: [
      { kind: "transactions", name: "transactions", options: { rate: 2.5, users: 20 }, custom: false },
      {
        kind: "data-availability",
        name: "data-availability",
        options: { channels: 2, blobRate: 3, headroomPercent: 50, blobSize: 1_000, pipeline: 2 },
        custom: false,
      },
      {
        kind: "chaos",
        name: "chaos",
        options: {
          maxUnavailable: 2,
          restart: {
            minDelayMs: 5_000,
            includeValidators: false,
            maxDelayMs: 20_000,
            targetCooldownMs: 30_000,
            includeExecutors: true,
          },
        },
        custom: false,
      },
      { kind: "custom", name: "noise", options: { pauseMs: 500, levels: [1, 2] }, custom: true },
    ],
    expectations: [
      { kind: "custom", name: "quiet", options: {}, custom: true },
      { kind: "liveness", name: "liveness", options: { power: 0.99 }, custom: false },
      {
        kind: "transaction-inclusion",
        name: "transaction-inclusion",
        options: { maxRefusedPercent: 5 },
        custom: false,
      },
    ],
    without: ["agreement"],
  });
  assert.equal(written.customs.workloads.get("noise"), workload);
  assert.equal(written.customs.expectations.get("quiet"), expectation);
});

test("only custom pieces are not plain JSON", () => {
  const { document } = scenario("plain").topology().nodes(4).apply().enableNodeControl().withWorkload(workload).build();
  assert.deepEqual(JSON.parse(JSON.stringify(document)), document);
});

test("closures may return the builder, the scenario or nothing, and apply is never needed", () => {
  const one = scenario("same")
    .topologyWith((t) => t.networkStar().validators(3).executors(1).apply())
    .wallets(9)
    .transactionsWith((txs) => {
      txs.rate(2);
    })
    .daWith((da) => da.apply())
    .enableNodeControl()
    .chaosWith((chaos) => chaos.restart().apply().apply())
    .apply()
    .build();
  const other = scenario("same");
  other.topology().validators(3).executors(1);
  other.wallets(9).transactions().rate(2);
  other.da();
  other.enableNodeControl().chaos().restart();
  assert.deepEqual(other.build().document, one.document);
});

test("map, mapTopology, withCapabilities and withWalletConfig change what is there", () => {
  const base = (name: string) => scenario(name).topologyWith((t) => t.validators(3));
  const written = base("changed")
    .withMetricsQueryUrl("http://127.0.0.1:1")
    .mapTopology((t) => t.executors(2))
    .withWalletConfig({ totalFunds: 100, users: 3 })
    .withCapabilities({ nodeControl: true, grafanaUrl: "http://127.0.0.1:2" })
    .map((s) => s.withRunDuration("30s"))
    .build();
  assert.deepEqual(
    written.document,
    base("changed")
      .topologyWith((t) => t.executors(2))
      .initializeWallet(100, 3)
      .enableNodeControl()
      .withGrafanaUrl("http://127.0.0.1:2")
      .withRunDuration(30_000)
      .build().document,
  );
});

test("a built plan does not change when its scenario does", () => {
  const patch = { level: "debug" };
  const open = scenario("open").topologyWith((t) => t.validators(2).nodeConfigPatch(0, patch));
  const built = open.build();
  open.topology().validators(5);
  patch.level = "error";
  assert.equal(built.document.topology.validators, 2);
  assert.deepEqual(built.document.topology.configPatches[0], { level: "debug" });
  assert.equal(open.build().document.topology.validators, 5);
});

test("other values are not taken for plans", () => {
  for (const value of [null, undefined, {}, [], "plan", scenario("open")]) assert.equal(isWrittenPlan(value), false);
});

test("every method is in the reference for authors", async () => {
  const page = await readFile(join(import.meta.dirname, "../../docs/scenarios.md"), "utf8");
  const classes = [
    ScenarioBuilder,
    TopologyBuilder,
    TransactionsBuilder,
    DataAvailabilityBuilder,
    ChaosBuilder,
    ChaosRestartBuilder,
  ];
  const internal = ["constructor", "setAll"];
  const missing = classes
    .flatMap(({ prototype }) => Object.getOwnPropertyNames(prototype))
    .filter((name) => !internal.includes(name) && !new RegExp(`\\b${name}\\b`).test(page));
  assert.deepEqual(missing, []);
});
