import assert from "node:assert/strict";
import test from "node:test";
import { METRIC_NAMES } from "../../lib/nodes/reference/metric-names.ts";
import { readEnvironment } from "../../lib/plan/environment.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import type { SetField, Settings } from "../../lib/plan/settings.ts";
import { registry } from "./registry.ts";
import { problemsOf, scenarioFolder } from "./scenario-files.ts";

/** A scenario that flags, the environment, the backend or the node kind make impossible. */
interface Case {
  readonly what: string;
  readonly calls?: readonly string[];
  readonly settings?: Partial<Settings>;
  readonly sets?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

const CHAOS = [
  ".topologyWith((t) => t.validators(3).executors(2))",
  ".wallets(50)",
  ".transactionsWith((txs) => txs.rate(5).users(20))",
  ".daWith((da) => da.channelRate(1)",
  "  .blobRate(2))",
  ".enableNodeControl()",
  ".chaosWith((chaos) => chaos.restart({ minDelay: '10s', maxDelay: '20s', targetCooldown: '30s' }))",
  ".expectConsensusLiveness()",
  ".withRunDuration('90s')",
];
const PLAIN = [".topologyWith((t) => t.validators(2)", "  .slotDuration('1500ms'))"];

const MISBEHAVIOURS =
  "The kinds are withhold-blocks, drop-transactions, equivocate, serve-old-tip, lie-about-height, accept-double-spends, lose-shares, corrupt-shares, withhold-shares, stall; docs/embedded-node.md has their doses.";

const cases: readonly Case[] = [
  {
    what: "misbehaviours that there are not, and doses that they don't have",
    calls: [
      ".topologyWith((t) => t.validators(4)",
      "  .nodeConfigPatch(0, { misbehave: { kind: 'sulk' } })",
      "  .nodeConfigPatch(1, { misbehave: { kind: 'equivocate', percent: 0 } })",
      "  .nodeConfigPatch(2, { misbehave: { kind: 'stall', percent: 50 } })",
      "  .nodeConfigPatch(3, { misbehave: 'stall' }))",
    ],
    problems: [
      `:4 NR-PLAN-VALUE nodeConfigPatch(0, ...), of validator-0: misbehave.kind: there is no such misbehaviour, "sulk" | ${MISBEHAVIOURS}`,
      `:5 NR-PLAN-VALUE nodeConfigPatch(1, ...), of validator-1: misbehave.percent: Invalid value: Expected >0 but received 0 | ${MISBEHAVIOURS}`,
      `:6 NR-PLAN-VALUE nodeConfigPatch(2, ...), of validator-2: misbehave.percent: Invalid key: Expected never but received "percent" | ${MISBEHAVIOURS}`,
      `:7 NR-PLAN-VALUE nodeConfigPatch(3, ...), of validator-3: misbehave: Invalid type: Expected Object but received "stall" | ${MISBEHAVIOURS}`,
    ],
  },
  {
    what: "tasks that there are not, and options that they don't have or can't use",
    calls: [
      ...PLAIN,
      ".withRunDuration('60s')",
      ".setup('setup-circuit')",
      ".setup('setup-circuits', { versio: 'v1' })",
      ".setup('doctor', { backend: 'cloud' })",
    ],
    problems: [
      ":6 NR-TASK-UNKNOWN there is no task setup-circuit | The nearest is setup-circuits. This file, or nomos.tasks.ts beside it, can export tasks of its own.",
      ":7 NR-TASK-OPTION task setup-circuits has no option versio | The nearest is version. It has version, dir, platform, url, archive, sha256, kzg, kzg-url, kzg-rev, kzg-sha256.",
      ':8 NR-TASK-OPTION task doctor can\'t use backend "cloud": it is none of local, compose, kubernetes | backend is: one of local, compose, kubernetes.',
    ],
  },
  {
    what: "a backend, a node kind and a profile that there are not",
    settings: { deployer: "lokal", nodeKind: "referense", profile: "quick" },
    problems: [
      '--profile NR-PLAN-PROFILE there is no profile "quick" | There are default, fast.',
      '--deployer NR-PLAN-UNKNOWN there is no backend "lokal" | Did you mean local? There are local, rigid.',
      '--node-kind NR-PLAN-UNKNOWN there is no node kind "referense" | Did you mean reference? There are reference, strict.',
    ],
  },
  {
    what: "a backend from the environment that there is not, and an empty seed",
    settings: { seed: "" },
    env: { NOMOS_RUN_DEPLOYER: "docker" },
    problems: [
      "--seed NR-PLAN-VALUE the seed is empty | Give some text, or none at all to have one drawn.",
      'NOMOS_RUN_DEPLOYER NR-PLAN-UNKNOWN there is no backend "docker" | There are local, rigid.',
    ],
  },
  {
    what: "faults that the backend can't make",
    settings: { deployer: "rigid" },
    problems: [
      ":9 NR-PLAN-CAPABILITY the workload chaos needs node.restart, and the backend rigid can't do that | Use a backend that can: local.",
    ],
  },
  {
    what: "a rate per second above what users carry, which depends on the blocks",
    calls: [
      ".topologyWith((t) => t.validators(2))",
      ".wallets(30)",
      ".transactionsWith((txs) => txs.ratePerSecond(9))",
      ".withRunDuration('60s')",
    ],
    problems: [
      ":5 NR-PLAN-TX-RATE 9 transactions per second, 20 per block, are more than 30 wallets can carry: each is busy for 3 blocks (1 until inclusion, 2 on top), which allows 10 per block | Use wallets(60), or ratePerSecond(4.5).",
    ],
  },
  {
    what: "stages that last longer than the drive, and one that no block holds",
    calls: [
      ".topologyWith((t) => t.validators(2))",
      ".wallets(4000)",
      ".transactionsWith((txs) => txs.stages([{ for: '2m', rate: 1 }, { for: '30s', ratePerSecond: 500 }]))",
      ".withRunDuration('60s')",
    ],
    problems: [
      ":5 NR-PLAN-IMPOSSIBLE 1110 transactions per block don't fit: a block holds 1024 | Use a rate of at most 1024 per block.",
      ":5 NR-PLAN-IMPOSSIBLE the stages last 150s, and the run drives for 60s | Use a run of at least 150s, or shorter stages.",
    ],
  },
  {
    what: "a search for which there are too few wallets",
    calls: [
      ".topologyWith((t) => t.validators(2))",
      ".wallets(50)",
      ".transactionsWith((txs) => txs.findLimit({ percentile: 95, within: '20s', from: 1, to: 50 }))",
      ".withRunDuration('10h')",
    ],
    problems: [
      ":5 NR-PLAN-TX-RATE a search up to 50 transactions per block can have more of them under way than 50 wallets: each may take 20s (9 blocks) until inclusion, and 2 blocks on top | Use wallets(550), or to: 4.54, or a shorter time.",
    ],
  },
  {
    what: "a search that takes longer than the drive",
    calls: [
      ".topologyWith((t) => t.validators(2))",
      ".wallets(300)",
      ".transactionsWith((txs) => txs.findLimit({ percentile: 95, within: '10s', from: 1, to: 20 }))",
    ],
    problems: [
      ':5 NR-PLAN-IMPOSSIBLE the search tries up to 9 rates and may take 4230s, and the run drives for 60s | Use withRunDuration("71m"), a shorter time until inclusion, a narrower range, or a lower precision.',
    ],
  },
  {
    what: "a limit that is judged and not searched",
    calls: [
      ".topologyWith((t) => t.validators(2))",
      ".wallets(10)",
      ".transactionsWith((txs) => txs.rate(1))",
      ".expect('transaction-limit', { atLeast: 3 })",
    ],
    problems: [
      ":6 NR-PLAN-EXPECTATION the expectation transaction-limit has nothing to judge: the plan has no workload that brings it | Add that workload, or leave out expect.",
    ],
  },
  {
    what: "faults and rates that the node kind can't do",
    settings: { nodeKind: "strict" },
    problems: [
      ":7 NR-PLAN-BLOB-RATE 2 blobs per block are more than 2 channels can carry: each carries 0.3 a block, which allows 0.6 | Use channelRate(6), or blobRate(0.6).",
      ":9 NR-PLAN-CAPABILITY the workload chaos needs node.restart, and the node kind strict can't do that | Use a node kind that can: reference.",
    ],
  },
  {
    what: "node control on a backend without it",
    calls: [".topologyWith((t) => t.validators(2))", ".enableNodeControl()"],
    settings: { deployer: "rigid" },
    problems: [
      ":4 NR-PLAN-CAPABILITY node control needs node.restart, and the backend rigid can't do that | Use a backend that can: local.",
    ],
  },
  {
    what: "a workload of the author's that needs what there is not",
    calls: [
      ".topologyWith((t) => t.validators(2))",
      ".enableNodeControl().withWorkload({ name: 'split', needs: ['link.partition'], start: async () => {} })",
    ],
    problems: [
      ":4 NR-PLAN-CAPABILITY the workload split needs link.partition, and the backend local can't do that | No backend can: leave it out.",
    ],
  },
  {
    what: "slots between whole seconds where there are none",
    calls: PLAIN,
    settings: { nodeKind: "strict" },
    problems: [
      ":4 NR-PLAN-SLOT the plan has slots of 1500 ms, and nodes of the kind strict need a multiple of 1000 ms | Use a slot of 2000 ms.",
    ],
  },
  {
    what: "the fast profile on nodes that need whole seconds",
    calls: [".topologyWith((t) => t.validators(2))"],
    settings: { nodeKind: "strict", profile: "fast" },
    problems: [
      "--profile NR-PLAN-PROFILE the profile fast has slots of 250 ms, and nodes of the kind strict need a multiple of 1000 ms | Leave out the profile, or use the node kind reference.",
    ],
  },
  {
    what: "a run of less than two slots",
    calls: [".topologyWith((t) => t.validators(2))", ".withRunDuration('3s')"],
    problems: [":4 NR-PLAN-RUN-SHORT a run of 3s has 1 slot of 2s | Use at least 4s."],
  },
  {
    what: "a run that a flag makes too short, and one that it makes endless",
    calls: [".topologyWith((t) => t.validators(2))", ".withRunDuration('3m')"],
    settings: { durationMs: 1_000 },
    problems: ["--duration NR-PLAN-RUN-SHORT a run of 1s has 0 slots of 2s | Use at least 4s."],
  },
  {
    what: "a run of years",
    calls: [".topologyWith((t) => t.validators(2))", ".withRunDuration('9000h')"],
    problems: [
      ":4 NR-PLAN-RUN-LONG 16200000 slots of drive and 17 until finality are more than the 100000 that can be judged | Use a shorter run, a smaller security parameter, or longer slots.",
    ],
  },
  {
    what: "finality that takes for ever",
    sets: ["consensus.k=90000"],
    problems: [
      "--set consensus.k=90000 NR-PLAN-RUN-LONG 45 slots of drive and 100319 until finality are more than the 100000 that can be judged | Use a shorter run, a smaller security parameter, or longer slots.",
    ],
  },
  {
    what: "blocks that hardly ever come",
    sets: ["consensus.f=0.0001"],
    problems: [
      "--set consensus.f=0.0001 NR-PLAN-CONSENSUS only 1e-4 of the slots would have a block, one every 20000s | Use an active slot coefficient that gives at least 0.1 %.",
    ],
  },
  {
    what: "restarts that come after the run",
    settings: { durationMs: 20_000 },
    problems: [
      ":9 NR-PLAN-IMPOSSIBLE no restart fits into 20s: the first comes after 10s at the earliest, and needs up to 13s to heal | Use a withRunDuration of at least 23s, or a shorter minDelay.",
    ],
  },
  {
    what: "expectations without anything to judge or to switch off",
    calls: [
      ".topologyWith((t) => t.validators(2))",
      ".expect('transaction-inclusion', { maxRefusedPercent: 2 })",
      ".without('data-availability')",
    ],
    problems: [
      ":4 NR-PLAN-EXPECTATION the expectation transaction-inclusion has nothing to judge: the plan has no workload that brings it | Add that workload, or leave out expect.",
      ':5 NR-PLAN-EXPECTATION without("data-availability"): the plan has no such expectation to switch off | Leave it out.',
    ],
  },
  {
    what: "thresholds on what the plan doesn't have",
    calls: [
      ".topologyWith((t) => t.validators(2))",
      ".withWorkload({ name: 'reads', metrics: ['readMs', 'failures'], start: async () => {} })",
      ".withWorkload({ name: 'mute', start: async () => {} })",
      ".expectThreshold('livenes.blocks > 3')",
      ".expectThreshold('agreement.highest > 3')",
      ".expectThreshold('max(mempool_pending) < 3')",
      ".expectThreshold('max(reads.writeMs) < 3s')",
      ".expectThreshold('count(reeds.failures) == 0')",
      ".expectThreshold('count(mute.failures) == 0')",
      ".expectThreshold('transaction-inclusion.inclusionP99Ms < 10s')",
    ],
    problems: [
      ":6 NR-PLAN-EXPECTATION livenes.blocks > 3 has no figure to hold: the plan has no expectation livenes | Did you mean liveness? There are agreement, no-contradiction, no-unexpected-exit, conservation, convergence, data-availability, divergence, fair-share, fault-recovery, liveness, logs, resources, sometimes, transaction-inclusion, transaction-limit.",
      ":7 NR-PLAN-EXPECTATION agreement.highest > 3 has no figure to hold: agreement has no figure highest | Did you mean highestFinal? There are naturalConflict, nodes, highestFinal, lowestFinal, firstConflict.",
      `:8 NR-PLAN-EXPECTATION max(mempool_pending) < 3 is about the metric mempool_pending, which no node shows | Did you mean tx_mempool_pending_items? There are ${METRIC_NAMES.join(", ")}.`,
      ":9 NR-PLAN-EXPECTATION max(reads.writeMs) < 3s is about the metric writeMs, which reads doesn't declare | There are readMs, failures.",
      ":10 NR-PLAN-EXPECTATION count(reeds.failures) == 0 is about reeds, and the plan has no workload or expectation of your own with that name | Did you mean reads? There are reads, mute.",
      ':11 NR-PLAN-EXPECTATION count(mute.failures) == 0 is about a metric of mute, which declares none | Give mute metrics: ["failures"].',
      ":12 NR-PLAN-EXPECTATION transaction-inclusion.inclusionP99Ms < 10s has no figure to hold: the plan has no expectation transaction-inclusion | Have the plan judge transaction-inclusion too; it judges agreement, no-contradiction, no-unexpected-exit.",
    ],
  },
  {
    what: "paths that are no fields",
    sets: ["workloads.0.options.rat=7", "rate=7", "consensus=5", "topology.nodes.validator-9.stake=4"],
    problems: [
      '--set workloads.0.options.rat=7 NR-PLAN-SET-PATH "workloads.0.options.rat" is no field of this plan | Did you mean workloads.transactions.options.rate? plan --json shows all fields.',
      '--set rate=7 NR-PLAN-SET-PATH "rate" is no field of this plan | Did you mean workloads.transactions.options.rate? plan --json shows all fields.',
      '--set consensus=5 NR-PLAN-SET-VALUE "consensus" can\'t be "5" | It must be left as it is: only single fields can be set, so name one of its parts.',
      '--set topology.nodes.validator-9.stake=4 NR-PLAN-SET-PATH "topology.nodes.validator-9.stake" is no field of this plan | Did you mean topology.nodes.validator-0.stake? plan --json shows all fields.',
    ],
  },
  {
    what: "fields that follow from others",
    sets: ["seed=7", "topology.nodes.0.neighbours=[]", "da.shares=4", "workloads.0.kind=chaos", "plan.timeScale=2"],
    problems: [
      '--set seed=7 NR-PLAN-SET-PATH "seed" can\'t be set | Use --seed.',
      '--set topology.nodes.0.neighbours=[] NR-PLAN-SET-PATH "topology.nodes.0.neighbours" can\'t be set | Peers follow from the layout: set topology.layout.',
      '--set da.shares=4 NR-PLAN-SET-PATH "da.shares" can\'t be set | It follows from the nodes and their kind.',
      '--set workloads.0.kind=chaos NR-PLAN-SET-PATH "workloads.0.kind" can\'t be set | Workloads are chosen in the file.',
      '--set plan.timeScale=2 NR-PLAN-SET-PATH "plan.timeScale" can\'t be set | It follows from the profile: use --profile.',
    ],
  },
  {
    what: "values of the wrong type",
    sets: [
      "workloads.transactions.options.rate=fast",
      "durationMs=90 seconds",
      "workloads.chaos.options.restart.includeExecutors=1",
      "topology.layout=ring",
    ],
    problems: [
      '--set workloads.transactions.options.rate=fast NR-PLAN-SET-VALUE "workloads.transactions.options.rate" can\'t be "fast" | It must be a number.',
      '--set durationMs=90 seconds NR-PLAN-SET-VALUE "durationMs" can\'t be "90 seconds" | It must be a duration such as "90s", or a number of milliseconds.',
      '--set workloads.chaos.options.restart.includeExecutors=1 NR-PLAN-SET-VALUE "workloads.chaos.options.restart.includeExecutors" can\'t be "1" | It must be true or false.',
      '--set topology.layout=ring NR-PLAN-VALUE topology.layout is "ring" | It must be "star" or "chain" or "full".',
    ],
  },
  {
    what: "values out of range",
    sets: [
      "consensus.f=1.5",
      "consensus.k=0.5",
      "consensus.slotMs=0",
      "wallets.totalFunds=10",
      "workloads.data-availability.options.pipeline=0",
      "expectations.liveness.options.power=1",
      "topology.nodes.executor-1.stake=0",
    ],
    problems: [
      "--set consensus.slotMs=0 NR-PLAN-SLOT the plan has slots of 0 ms, and nodes of the kind reference need a multiple of 1 ms | Use a slot of 1 ms.",
      "--set consensus.k=0.5 NR-PLAN-CONSENSUS the security parameter is 0.5, and it is a whole number from 1 | Use 10, the default, or another whole number.",
      "--set consensus.f=1.5 NR-PLAN-CONSENSUS the active slot coefficient is 1.5, and it is above 0 and at most 1 | Use 0.9, the default, or another number in that range.",
      "--set workloads.data-availability.options.pipeline=0 NR-PLAN-VALUE pipeline is 0 | pipeline must be at least 1.",
      "--set expectations.liveness.options.power=1 NR-PLAN-VALUE power is 1 | power must be below 1.",
      "--set topology.nodes.executor-1.stake=0 NR-PLAN-VALUE topology.nodes.executor-1.stake is 0 | It must be at least 1.",
      "--set wallets.totalFunds=10 NR-PLAN-FUNDS 10 tokens are too few for 50 wallets: each needs at least 1 | Use at least 50 tokens, or at most 10 wallets.",
    ],
  },
  {
    what: "values that contradict the scenario",
    sets: [
      "workloads.transactions.options.users=51",
      "workloads.2.options.restart.minDelayMs=25s",
      "workloads.data-availability.options.blobRate=9",
    ],
    problems: [
      "--set workloads.transactions.options.users=51 NR-PLAN-WALLETS 51 users are more than the 50 wallets | Call wallets(51), or users(50).",
      "--set workloads.data-availability.options.blobRate=9 NR-PLAN-BLOB-RATE 9 blobs per block are more than 2 channels can carry: at most 4 messages of each may wait for a block, which allows 4.06 over 45 slots | Use channelRate(4), or blobRate(4.06).",
      "--set workloads.2.options.restart.minDelayMs=25s NR-PLAN-DELAYS minDelay 25s is longer than maxDelay 20s | Use a minDelay of at most 20s, or a maxDelay of at least 25s.",
    ],
  },
  {
    what: "an environment that the node kind can't follow",
    calls: [".topologyWith((t) => t.validators(2))"],
    settings: { nodeKind: "strict" },
    env: { CONSENSUS_SLOT_TIME: "0.5" },
    problems: [
      "CONSENSUS_SLOT_TIME NR-PLAN-SLOT the plan has slots of 500 ms, and nodes of the kind strict need a multiple of 1000 ms | Use a slot of 1000 ms.",
    ],
  },
  {
    what: "limits out of range",
    calls: [".topologyWith((t) => t.validators(2).limits({ memory: '512MiB', cpus: 0.5 }))"],
    sets: ["topology.limits.memoryMiB=2", "topology.limits.cpus=-1"],
    problems: [
      "--set topology.limits.memoryMiB=2 NR-PLAN-VALUE topology.limits.memoryMiB is 2 | It must be at least 6.",
      "--set topology.limits.cpus=-1 NR-PLAN-VALUE topology.limits.cpus is -1 | It must be at least 0.01.",
    ],
  },
];

test("a plan that flags, environment or backend make impossible is refused, and each problem names its cause", async (t) => {
  const write = await scenarioFolder(t);
  for (const { what, calls = CHAOS, settings, sets = [], env = {}, problems } of cases) {
    await t.test(what, async () => {
      const file = await write(calls);
      const written = await file.load();
      const all: Settings = {
        drawnSeed: "drawn",
        sets: sets.map(setField),
        environment: readEnvironment(env),
        ...settings,
      };
      assert.deepEqual(await problemsOf(file.path, () => resolve(written, all, registry)), problems);
    });
  }
});

function setField(text: string): SetField {
  const equals = text.indexOf("=");
  return { path: text.slice(0, equals), value: text.slice(equals + 1), at: `--set ${text}` };
}
