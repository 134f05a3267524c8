import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { must } from "../../lib/core/errors.ts";
import { scenario } from "../../lib/index.ts";
import { readEnvironment } from "../../lib/plan/environment.ts";
import { type ResolvedPlan, resolve } from "../../lib/plan/resolve.ts";
import type { Settings } from "../../lib/plan/settings.ts";
import type { WrittenPlan } from "../../lib/plan/written.ts";
import chaos from "../../scenarios/chaos.scenario.ts";
import dataAvailability from "../../scenarios/data-availability.scenario.ts";
import smoke from "../../scenarios/smoke.scenario.ts";
import transactions from "../../scenarios/transactions.scenario.ts";
import { registry } from "./registry.ts";

function resolved(written: WrittenPlan, settings: Partial<Settings> = {}): ResolvedPlan {
  return resolve(written, { drawnSeed: "drawn", ...settings }, registry);
}

/** The options of the plan's restarts. */
function restartsOf({ plan }: ResolvedPlan): Record<string, unknown> {
  const chaos = must(
    plan.workloads.find(({ kind }) => kind === "chaos"),
    "chaos",
  );
  return chaos.options["restart"] as Record<string, unknown>;
}

const set = (path: string, value: string) => ({ path, value, at: `--set ${path}=${value}` });

test("the shipped scenarios resolve without a warning, on both profiles", () => {
  for (const written of [chaos, dataAvailability, smoke, transactions]) {
    for (const profile of ["default", "fast"]) assert.deepEqual(resolved(written, { profile }).warnings, []);
  }
});

test("nodes have names, stakes and neighbours by the layout", () => {
  const neighbours = (written: WrittenPlan) =>
    Object.fromEntries(resolved(written).plan.topology.nodes.map((node) => [node.name, node.neighbours]));
  const base = scenario("shapes").topologyWith((t) => t.validators(2).executors(2).stake(3, 7));
  assert.deepEqual(neighbours(base.build()), {
    "validator-0": ["validator-1", "executor-0", "executor-1"],
    "validator-1": ["validator-0"],
    "executor-0": ["validator-0"],
    "executor-1": ["validator-0"],
  });
  assert.deepEqual(neighbours(base.mapTopology((t) => t.networkChain()).build()), {
    "validator-0": ["validator-1"],
    "validator-1": ["validator-0", "executor-0"],
    "executor-0": ["validator-1", "executor-1"],
    "executor-1": ["executor-0"],
  });
  assert.deepEqual(neighbours(base.mapTopology((t) => t.networkFull()).build())["executor-0"], [
    "validator-0",
    "validator-1",
    "executor-1",
  ]);
  const stakes = resolved(base.build()).plan.topology.nodes.map((node) => node.stake);
  assert.deepEqual(stakes, [1_000, 1_000, 1_000, 7]);
});

const noOtherLimit = {
  maxMissedOrLatePercent: 1,
  p50Ms: null,
  p90Ms: null,
  p99Ms: null,
  p999Ms: null,
  maxMs: null,
};

test("the plan has every default filled in, and expectations by what is planned", () => {
  const bare = scenario("bare").topologyWith((t) => t.validators(3).executors(1));
  const { plan } = resolved(bare.build());
  assert.equal(plan.durationMs, 60_000);
  assert.deepEqual(plan.consensus, { slotMs: 2_000, k: 10, f: 0.9, tieBreak: "smaller-id" });
  assert.deepEqual(
    plan.expectations.map(({ name }) => name),
    ["agreement", "no-contradiction", "no-unexpected-exit"],
  );
  const full = bare
    .wallets(9)
    .transactionsWith((t) => t.apply())
    .daWith((d) => d.apply())
    .enableNodeControl();
  const { plan: busy } = resolved(full.chaosWith((c) => c.restart()).build());
  assert.deepEqual(
    busy.workloads.map(({ options }) => options),
    [
      {
        rate: 1,
        per: "block",
        stages: [],
        limit: null,
        users: null,
        othersPercent: 0,
        invalid: { percent: 0, kinds: ["wrong-signature", "overspend", "double-spend", "unknown-note"] },
      },
      { channels: 1, headroomPercent: 20, blobRate: 1, blobSize: 248, pipeline: 4 },
      {
        restart: {
          minDelayMs: 10_000,
          maxDelayMs: 30_000,
          targetCooldownMs: 60_000,
          includeValidators: true,
          includeExecutors: true,
        },
        faults: [],
        maxUnavailable: 1,
      },
    ],
  );
  assert.deepEqual(
    busy.expectations.map(({ name, options }) => [name, options]),
    [
      ["agreement", {}],
      ["no-contradiction", {}],
      ["no-unexpected-exit", {}],
      [
        "transaction-inclusion",
        { minIncludedPercent: 100, maxRefusedPercent: 1, maxDroppedPercent: 1, ...noOtherLimit },
      ],
      [
        "data-availability",
        { minInscribedPercent: 100, minIncludedPercent: 95, minReadPercent: 100, maxBadSharesPercent: 0 },
      ],
      ["fault-recovery", {}],
    ],
  );
});

test("expectations are set and switched off by name", () => {
  const written = scenario("judged")
    .topologyWith((t) => t.validators(3).executors(1))
    .wallets(9)
    .transactionsWith((txs) => txs.rate(1))
    .daWith((da) => da.blobRate(1))
    .expect("transaction-inclusion", { minIncludedPercent: 99 })
    .without("data-availability")
    .without("agreement")
    .build();
  assert.deepEqual(
    resolved(written).plan.expectations.map(({ name, options }) => [name, options]),
    [
      ["no-contradiction", {}],
      ["no-unexpected-exit", {}],
      [
        "transaction-inclusion",
        { minIncludedPercent: 99, maxRefusedPercent: 1, maxDroppedPercent: 1, ...noOtherLimit },
      ],
    ],
  );
});

test("the profile fast scales what the scenario says, and nothing that a flag says", () => {
  const { plan, writtenMs, forecast } = resolved(chaos, { profile: "fast" });
  assert.equal(plan.timeScale, 0.125);
  assert.deepEqual(plan.consensus, { slotMs: 250, k: 40, f: 0.9, tieBreak: "smaller-id" });
  assert.equal(plan.durationMs, 11_250);
  assert.deepEqual(plan.workloads[2]?.options["restart"], {
    minDelayMs: 1_250,
    maxDelayMs: 2_500,
    targetCooldownMs: 3_750,
    includeValidators: true,
    includeExecutors: true,
  });
  assert.equal(writtenMs.get("durationMs"), 90_000);
  assert.equal(writtenMs.get("workloads.chaos.options.restart.maxDelayMs"), 20_000);
  assert.equal(forecast.driveSlots, resolved(chaos).forecast.driveSlots);

  const cooldown = "workloads.chaos.options.restart.targetCooldownMs";
  const flagged = resolved(chaos, { profile: "fast", durationMs: 30_000, sets: [set(cooldown, "5s")] });
  assert.equal(flagged.plan.durationMs, 30_000);
  assert.equal(restartsOf(flagged)["targetCooldownMs"], 5_000);
  assert.equal(flagged.writtenMs.has("durationMs"), false);
  assert.equal(flagged.writtenMs.has(cooldown), false);
});

test("the profile fast scales the author's own durations too, and keeps the number of slots for other slots", () => {
  const written = scenario("own")
    .topologyWith((t) => t.validators(2).slotDuration("1s"))
    .withWorkload({
      name: "noise",
      options: { pauseMs: 400, deep: [{ gapMs: 8 }], Ms: 3, items: 5 },
      start: async () => {},
    })
    .withRunDuration("50s")
    .build();
  const { plan, warnings } = resolved(written, { profile: "fast" });
  assert.deepEqual(plan.workloads[0]?.options, { pauseMs: 100, deep: [{ gapMs: 2 }], Ms: 3, items: 5 });
  assert.equal(plan.durationMs / plan.consensus.slotMs, 50);
  assert.deepEqual(
    warnings.map(({ code, message }) => `${code} ${message}`),
    ["NR-PLAN-PROFILE the profile fast has the slot length in ms 250, and 1000 was asked for"],
  );
});

test("flags beat the environment, which beats the scenario file", () => {
  const written = scenario("layers")
    .topologyWith((t) => t.validators(2).slotDuration("4s").securityParam(7).activeSlotCoeff(0.5))
    .seed("written")
    .build();
  assert.equal(resolved(written).plan.seed, "written");
  const environment = readEnvironment({
    CONSENSUS_SLOT_TIME: "3",
    CONSENSUS_SECURITY_PARAM: "8",
    NOMOS_RUN_SEED: "environment",
    LOGOS_BLOCKCHAIN_RUN_DEPLOYER: "rigid",
  });
  const { plan, sources } = resolved(written, { environment });
  assert.deepEqual(plan.consensus, { slotMs: 3_000, k: 8, f: 0.5, tieBreak: "smaller-id" });
  assert.equal(plan.seed, "environment");
  assert.equal(plan.deployer, "rigid");
  assert.equal(sources.at("consensus.slotMs"), "CONSENSUS_SLOT_TIME");
  assert.equal(sources.at("deployer"), "LOGOS_BLOCKCHAIN_RUN_DEPLOYER");
  const flags = { environment, seed: "flag", deployer: "local", sets: [set("consensus.slotMs", "5s")] };
  const beaten = resolved(written, flags).plan;
  assert.deepEqual([beaten.seed, beaten.deployer, beaten.consensus.slotMs], ["flag", "local", 5_000]);
});

test("--set reaches fields by position and by name, and what follows from them follows", () => {
  const changed = resolved(chaos, {
    sets: [
      set("topology.layout", "chain"),
      set("topology.nodes.executor-1.stake", "500"),
      set("plan.workloads.0.options.users", "null"),
      set("workloads.data-availability.options.blobRate", "0.5"),
      set("workloads.chaos.options.restart.includeExecutors", "false"),
      set("durationMs", "2m"),
    ],
  });
  const { plan } = changed;
  assert.deepEqual(plan.topology.nodes[2]?.neighbours, ["validator-1", "executor-0"]);
  assert.equal(plan.topology.nodes[4]?.stake, 500);
  const [txs, da] = plan.workloads.map(({ options }) => options);
  assert.equal(txs?.["users"], null);
  assert.equal(da?.["blobRate"], 0.5);
  assert.equal(restartsOf(changed)["includeExecutors"], false);
  assert.equal(plan.durationMs, 120_000);
});

test("--set replaces whole lists and objects only where the author made them up", () => {
  const written = scenario("own")
    .topologyWith((t) => t.validators(2).nodeConfigPatch(1, { log: { level: "info" } }))
    .withWorkload({ name: "noise", options: { levels: [1], shape: { a: 1 }, label: "x" }, start: async () => {} })
    .withRunDuration("90s")
    .build();
  const { plan } = resolved(written, {
    sets: [
      set("workloads.noise.options.levels", "[2,3]"),
      set("workloads.noise.options.shape", '{"b":2}'),
      set("workloads.noise.options.label", "7"),
      set("topology.nodes.validator-1.configPatch.log.level", "debug"),
    ],
  });
  assert.deepEqual(plan.workloads[0]?.options, { levels: [2, 3], shape: { b: 2 }, label: "7" });
  assert.deepEqual(plan.topology.nodes[1]?.configPatch, { log: { level: "debug" } });
});

test("the same seed gives the same plan and digest, another seed or setting another", () => {
  const one = resolved(chaos, { seed: "7" });
  assert.match(one.digest, /^blake2b-256:[0-9a-f]{64}$/);
  assert.equal(resolved(chaos, { seed: "7" }).digest, one.digest);
  assert.deepEqual(resolved(chaos, { seed: "7" }).plan, one.plan);
  const others = [
    resolved(chaos, { seed: "8" }),
    resolved(chaos, { seed: "7", profile: "fast" }),
    resolved(chaos, { seed: "7", sets: [set("wallets.totalFunds", "5001")] }),
    resolved(smoke, { seed: "7" }),
  ];
  assert.equal(new Set([one, ...others].map(({ digest }) => digest)).size, 5);
});

test("the digest is the same in another process", async () => {
  const program = [
    `import { resolve } from ${JSON.stringify(join(import.meta.dirname, "../../lib/plan/resolve.ts"))};`,
    `import { registry } from ${JSON.stringify(join(import.meta.dirname, "registry.ts"))};`,
    `import chaos from ${JSON.stringify(join(import.meta.dirname, "../../scenarios/chaos.scenario.ts"))};`,
    'process.stdout.write(resolve(chaos, { drawnSeed: "x", seed: "7" }, registry).digest);',
  ].join("\n");
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module-typescript", "--eval", program]);
  assert.equal(stdout, resolved(chaos, { seed: "7" }).digest);
});

test("a plan may hold warnings: a window too short to judge, forks that healthy nodes make", () => {
  const short = scenario("short")
    .topologyWith((t) => t.validators(5))
    .topologyWith((t) => t.tieBreak("first-seen"))
    .expectConsensusLiveness()
    .withRunDuration("30s")
    .build();
  assert.deepEqual(
    resolved(short).warnings.map(({ code, message, hint }) => `${code} ${message} | ${hint}`),
    [
      "NR-PLAN-WINDOW the run may be inconclusive: its window of 32 slots catches a chain at half speed with 92.7 %, and 95 % are sure from 38 slots on | Use a run of 42s or more.",
      'NR-PLAN-FORKS healthy nodes of this network disagree about a final block in 0.299 % of such runs (k 10, ties by first-seen), and agreement fails then | Use securityParam(20), or tieBreak("smaller-id") where the node kind has it.',
    ],
  );
});

test("a plan that judges nothing is warned of: it would pass whatever happens", () => {
  const unjudged = scenario("unjudged")
    .topologyWith((t) => t.validators(2))
    .without("agreement")
    .without("no-contradiction")
    .without("no-unexpected-exit")
    .build();
  assert.deepEqual(
    resolved(unjudged).warnings.map(({ code, message, hint }) => `${code} ${message} | ${hint}`),
    [
      "NR-PLAN-UNJUDGED nothing is judged: every expectation is switched off, and the run passes whatever the network does | Leave out a without, or add an expectation.",
    ],
  );
  const judged = scenario("judged")
    .topologyWith((t) => t.validators(2))
    .without("agreement")
    .build();
  assert.deepEqual(resolved(judged).warnings, []);
});
