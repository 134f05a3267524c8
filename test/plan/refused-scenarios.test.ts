import assert from "node:assert/strict";
import test from "node:test";
import { problemsOf, scenarioFolder } from "./scenario-files.ts";

/** A scenario that is refused as it is written: its calls, from line 3 on, and everything that is said about it. */
interface Case {
  readonly what: string;
  readonly calls: readonly string[];
  readonly problems: readonly string[];
}

const NODES = ".topologyWith((t) => t.validators(3).executors(1))";
const JSON_HINT = "Use strings, finite numbers, true, false, null, arrays and plain objects.";
const EXPECTATIONS =
  "agreement, data-availability, divergence, fault-recovery, liveness, no-contradiction, no-unexpected-exit, transaction-inclusion, transaction-limit, conservation, convergence, fair-share, logs, resources, sometimes, thresholds";
const THRESHOLD_HINT =
  'Write "transaction-inclusion.inclusionP99Ms < 10s", "max(mempool_transactions_pending) <= 100", "max(resources.residentMiB) < 300", or "p99(reads.readMs) < 200ms" for a metric of your own workload reads.';

const cases: readonly Case[] = [
  {
    what: "no nodes",
    calls: [],
    problems: [":2 NR-PLAN-NO-NODES the network has no node | Call validators(n) or executors(n) in topologyWith."],
  },
  {
    what: "counts below zero and fractions",
    calls: [".topologyWith((t) =>", "  t.validators(-1)", "   .executors(1.5))"],
    problems: [
      ":4 NR-PLAN-COUNT validators(-1): -1 is not a whole number from 0 to 65000 | Write a whole number from 0 to 65000.",
      ":5 NR-PLAN-COUNT executors(1.5): 1.5 is not a whole number from 0 to 65000 | Write a whole number from 0 to 65000.",
    ],
  },
  {
    what: "NaN and text for counts",
    calls: [".topologyWith((t) => t.nodes(NaN))", ".wallets('5' as never)"],
    problems: [
      ":3 NR-PLAN-COUNT nodes(NaN): NaN is not a whole number from 0 to 65000 | Write a whole number from 0 to 65000.",
      ':4 NR-PLAN-COUNT wallets("5"): "5" is not a whole number from 1 to 1000000 | Write a whole number from 1 to 1000000.',
    ],
  },
  {
    what: "more nodes than there are addresses",
    calls: [".topologyWith((t) => t.validators(65_000)", "  .executors(2))"],
    problems: [
      ":4 NR-PLAN-TOO-MANY-NODES 65000 validators and 2 executors are 65002 nodes, and 65000 are the most | Leave out 2 of them.",
    ],
  },
  {
    what: "a mesh with too many links",
    calls: [".topologyWith((t) => t.validators(2_000)", "  .networkFull())"],
    problems: [
      ":4 NR-PLAN-TOO-MANY-NODES 2000 nodes that are all peers of each other have 1999000 links, and 500000 are the most | Use networkStar() or networkChain(), or at most 1000 nodes.",
    ],
  },
  {
    what: "patches and stakes of nodes that there are not",
    calls: [".topologyWith((t) => t.validators(2)", "  .nodeConfigPatch(2, {})", "  .stake(-1, 5)", "  .stake(0, 0))"],
    problems: [
      ":4 NR-PLAN-NODE-INDEX nodeConfigPatch(2, ...) is of a node that there is not: the network has nodes 0 to 1 | Count validators first (0 to 1), then executors.",
      ":5 NR-PLAN-COUNT stake(-1, ...): -1 is not a whole number from 0 to 64999 | Write a whole number from 0 to 64999.",
      ":6 NR-PLAN-COUNT stake(0, 0): 0 is not a whole number from 1 | Write a whole number from 1.",
    ],
  },
  {
    what: "limits that are none",
    calls: [
      ".topologyWith((t) => t.validators(2)",
      "  .limits({})",
      "  .limits({ memory: '512MB' as never })",
      "  .limits({ memory: '5MiB' })",
      "  .limits({ memory: 512 as never })",
      "  .limits({ cpus: 0 })",
      "  .limits({ cpus: '2' as never })",
      "  .limits({ mem: '1GiB' } as never)",
      "  .limits(null as never))",
    ],
    problems: [
      ':4 NR-PLAN-VALUE limits without memory and cpus limit nothing | Write limits({ memory: "512MiB", cpus: 0.5 }).',
      ':5 NR-PLAN-VALUE limits memory: "512MB" is no amount of memory from "6MiB" to "1048576GiB" | Write "512MiB" or "1.5GiB", for example.',
      ':6 NR-PLAN-VALUE limits memory: "5MiB" is no amount of memory from "6MiB" to "1048576GiB" | Write "512MiB" or "1.5GiB", for example.',
      ':7 NR-PLAN-VALUE limits memory: 512 is no amount of memory from "6MiB" to "1048576GiB" | Write "512MiB" or "1.5GiB", for example.',
      ":8 NR-PLAN-VALUE limits cpus: 0 is no number of processors from 0.01 on | Write 0.5 for half of the time of one processor.",
      ':9 NR-PLAN-VALUE limits cpus: "2" is no number of processors from 0.01 on | Write 0.5 for half of the time of one processor.',
      ':10 NR-PLAN-OPTION limits has no option "mem" | It knows memory, cpus.',
      ":11 NR-PLAN-VALUE limits was given null for options | It knows memory, cpus.",
    ],
  },
  {
    what: "rates that are none",
    calls: [
      NODES,
      ".enableNodeControl()",
      ".chaosWith((c) => c.bandwidth({ at: '5s' } as never)",
      "  .bandwidth({ at: '5s', rate: 64 as never })",
      "  .bandwidth({ at: '5s', rate: '64kb' as never })",
      "  .bandwidth({ at: '5s', rate: '7kbit' })",
      "  .bandwidth({ at: '5s', rate: '11gbit' })",
      "  .bandwidth({ at: '5s', rate: '1mbit', delay: '1s' } as never))",
    ],
    problems: [
      ":5 NR-PLAN-VALUE bandwidth needs rate | Give it rate.",
      ':6 NR-PLAN-VALUE bandwidth rate: 64 is no rate from 8kbit to 10gbit | Write "512kbit" or "1.5mbit", for example.',
      ':7 NR-PLAN-VALUE bandwidth rate: "64kb" is no rate from 8kbit to 10gbit | Write "512kbit" or "1.5mbit", for example.',
      ':8 NR-PLAN-VALUE bandwidth rate: "7kbit" is no rate from 8kbit to 10gbit | Write "512kbit" or "1.5mbit", for example.',
      ':9 NR-PLAN-VALUE bandwidth rate: "11gbit" is no rate from 8kbit to 10gbit | Write "512kbit" or "1.5mbit", for example.',
      ':10 NR-PLAN-OPTION bandwidth has no option "delay" | Did you mean minDelay? It knows at, every, minDelay, maxDelay, for, targets, links, oneWay, rate.',
    ],
  },
  {
    what: "consensus parameters out of range",
    calls: [
      ".topologyWith((t) => t.validators(2)",
      "  .slotDuration('2' as never)",
      "  .slotDuration('0.5ms')",
      "  .securityParam(0)",
      "  .activeSlotCoeff(1.1)",
      "  .tieBreak('larger-id' as never))",
    ],
    problems: [
      ':4 NR-CORE-DURATION slotDuration: "2" is not a duration | Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.',
      ':5 NR-PLAN-SLOT slotDuration: a slot of 0.5 ms is not a whole number of milliseconds | Write "1ms".',
      ":6 NR-PLAN-COUNT securityParam: 0 is not a whole number from 1 | Write a whole number from 1.",
      ":7 NR-PLAN-CONSENSUS activeSlotCoeff(1.1): the active slot coefficient is above 0 and at most 1 | Write a number such as 0.9, the default.",
      ':8 NR-PLAN-CONSENSUS tieBreak("larger-id"): there is no such rule | Write "smaller-id", the default, or "first-seen".',
    ],
  },
  {
    what: "zero users and a rate of nothing",
    calls: [NODES, ".wallets(10)", ".transactionsWith((txs) => txs", "  .rate(0)", "  .users(0))"],
    problems: [
      ":6 NR-PLAN-VALUE rate(0): 0 is not a number above 0 | Write a number above 0, such as 5 or 0.5.",
      ":7 NR-PLAN-COUNT users(0): 0 is not a whole number from 1 to 1000000 | Write a whole number from 1 to 1000000.",
    ],
  },
  {
    what: "transactions without wallets",
    calls: [NODES, ".transactionsWith((txs) => txs.rate(5))"],
    problems: [":4 NR-PLAN-WALLETS transactions need wallets, and the plan has none | Call wallets(15)."],
  },
  {
    what: "more users than wallets",
    calls: [NODES, ".wallets(10)", ".transactionsWith((txs) => txs", "  .users(20))"],
    problems: [":6 NR-PLAN-WALLETS 20 users are more than the 10 wallets | Call wallets(20), or users(10)."],
  },
  {
    what: "more transactions than users carry",
    calls: [NODES, ".wallets(50)", ".transactionsWith((txs) => txs.users(10)", "  .rate(5))"],
    problems: [
      ":6 NR-PLAN-TX-RATE 5 transactions per block are more than 10 wallets can carry: each is busy for 3 blocks (1 until inclusion, 2 on top), which allows 3.33 | Use users(15), or rate(3.33).",
    ],
  },
  {
    what: "two ways to say how much is sent",
    calls: [NODES, ".wallets(50)", ".transactionsWith((txs) => txs.rate(5)", "  .ratePerSecond(2)", "  .stages([]))"],
    problems: [
      ":6 NR-PLAN-DUPLICATE ratePerSecond(...) says how much is sent when, and so does rate(...) | Leave one of them out.",
      ":7 NR-PLAN-DUPLICATE stages(...) says how much is sent when, and so does rate(...) | Leave one of them out.",
    ],
  },
  {
    what: "a rate per second of nothing",
    calls: [NODES, ".wallets(50)", ".transactionsWith((txs) => txs.ratePerSecond(-1))"],
    problems: [
      ":5 NR-PLAN-VALUE ratePerSecond(-1): -1 is not a number above 0 | Write a number above 0, such as 5 or 0.5.",
    ],
  },
  {
    what: "a search beside a rate",
    calls: [
      NODES,
      ".wallets(150)",
      ".transactionsWith((txs) => txs.rate(5)",
      "  .findLimit({ percentile: 95, within: '10s', from: 1, to: 10 }))",
    ],
    problems: [
      ":6 NR-PLAN-DUPLICATE findLimit(...) says how much is sent when, and so does rate(...) | Leave one of them out.",
    ],
  },
  {
    what: "a search that says too little, or something else",
    calls: [
      NODES,
      ".wallets(150)",
      ".transactionsWith((txs) => txs.findLimit({ percentile: 95, within: 'soon', from: 1, to: 10 } as never))",
    ],
    problems: [
      ':5 NR-CORE-DURATION findLimit(...), within: "soon" is not a duration | Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.',
    ],
  },
  {
    what: "a search with a misspelt option",
    calls: [NODES, ".wallets(150)", ".transactionsWith((txs) => txs.findLimit({ percentil: 95 } as never))"],
    problems: [
      ':5 NR-PLAN-OPTION findLimit(...) has no option "percentil" | Did you mean percentile? It knows percentile, within, from, to, per, precision, confidence, warmUp, atLeast.',
    ],
  },
  {
    what: "a search for a number",
    calls: [NODES, ".wallets(150)", ".transactionsWith((txs) => txs.findLimit(7 as never))"],
    problems: [
      ":5 NR-PLAN-VALUE findLimit(...) was given 7 for options | It knows percentile, within, from, to, per, precision, confidence, warmUp, atLeast.",
    ],
  },
  {
    what: "a search that names no percentile and no range",
    calls: [NODES, ".wallets(150)", ".transactionsWith((txs) => txs.findLimit({ within: '5s' } as never))"],
    problems: [
      ":5 NR-PLAN-VALUE findLimit(...): percentile is undefined | percentile must be given.",
      ":5 NR-PLAN-VALUE findLimit(...): from is undefined | from must be given.",
      ":5 NR-PLAN-VALUE findLimit(...): to is undefined | to must be given.",
    ],
  },
  {
    what: "a search with figures out of range",
    calls: [
      NODES,
      ".wallets(150)",
      ".transactionsWith((txs) => txs.findLimit({ percentile: 100, within: '10s', from: 0, to: NaN, per: 'hour' as never, precision: 2, confidence: 1, atLeast: -1 }))",
    ],
    problems: [
      ":5 NR-PLAN-VALUE findLimit(...): percentile is 100 | percentile must be at most 99.9.",
      ":5 NR-PLAN-VALUE findLimit(...): from is 0 | from must be above 0.",
      ":5 NR-PLAN-VALUE findLimit(...): to is NaN | to must be of type number.",
      ":5 NR-PLAN-VALUE findLimit(...): precision is 2 | precision must be at most 1.",
      ":5 NR-PLAN-VALUE findLimit(...): confidence is 1 | confidence must be at most 0.999.",
      ':5 NR-PLAN-VALUE findLimit(...): per is "hour" | per must be "block" or "second".',
    ],
  },
  {
    what: "a search over no range",
    calls: [
      NODES,
      ".wallets(150)",
      ".transactionsWith((txs) => txs.findLimit({ percentile: 95, within: '10s', from: 10, to: 10 }))",
    ],
    problems: [
      ":5 NR-PLAN-VALUE the search goes from 10 to 10 transactions per block, which is no range | Use a `to` above `from`.",
    ],
  },
  {
    what: "a search for a rate that is wanted to be nothing",
    calls: [
      NODES,
      ".wallets(150)",
      ".transactionsWith((txs) => txs.findLimit({ percentile: 95, within: '10s', from: 1, to: 10, atLeast: 0 }))",
    ],
    problems: [
      ":5 NR-PLAN-VALUE findLimit(...), atLeast: 0 is not a number above 0 | Write a number above 0, such as 5 or 0.5.",
    ],
  },
  {
    what: "no stages",
    calls: [NODES, ".wallets(50)", ".transactionsWith((txs) => txs.stages([]))"],
    problems: [
      ':5 NR-PLAN-VALUE stages(...) was given an empty list | Give it a list, such as [{ for: "30s", rate: 1 }, { for: "30s", rate: 10 }].',
    ],
  },
  {
    what: "stages that say too little, too much or something else",
    calls: [
      NODES,
      ".wallets(50)",
      ".transactionsWith((txs) => txs.stages([{ for: '30s' }, { for: '30s', rate: 1, ratePerSecond: 2 }, { for: 'soon' as never, rate: -1 }, { for: '1s', rate: 1, until: 2 } as never, 7 as never]))",
    ],
    problems: [
      ":5 NR-PLAN-VALUE stages(...), stage 1 has neither rate nor ratePerSecond | Give it one of them.",
      ":5 NR-PLAN-VALUE stages(...), stage 2 has both rate and ratePerSecond | Give it one of them.",
      ':5 NR-CORE-DURATION stages(...), stage 3, for: "soon" is not a duration | Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.',
      ":5 NR-PLAN-VALUE stages(...), stage 3, rate: -1 is not a number from 0 on | Write 0 or a number above it.",
      ':5 NR-PLAN-OPTION stages(...), stage 4 has no option "until" | It knows for, rate, ratePerSecond, to.',
      ":5 NR-PLAN-VALUE stages(...), stage 5 was given 7 for options | It knows for, rate, ratePerSecond, to.",
      ":5 NR-PLAN-VALUE stages(...), stage 5 has neither rate nor ratePerSecond | Give it one of them.",
    ],
  },
  {
    what: "shares that don't add up, and transfers to others of one wallet",
    calls: [
      NODES,
      ".wallets(50)",
      ".transactionsWith((txs) => txs.mix({ self: 80 })",
      "  .mix({ self: 80, other: 20 } as never))",
    ],
    problems: [
      ":5 NR-PLAN-VALUE mix(...): self 80 and others 0 are not two shares that make 100 percent | Write shares such as { self: 80, others: 20 }.",
      ':6 NR-PLAN-OPTION mix(...) has no option "other" | Did you mean others? It knows self, others.',
      ":6 NR-PLAN-VALUE mix(...): self 80 and others 0 are not two shares that make 100 percent | Write shares such as { self: 80, others: 20 }.",
    ],
  },
  {
    what: "transfers to others where there are none",
    calls: [NODES, ".wallets(50)", ".transactionsWith((txs) => txs.rate(0.1).users(1)", "  .mix({ others: 100 }))"],
    problems: [
      ":6 NR-PLAN-WALLETS transfers to other wallets need two of them, and one takes part | Use users(2), or leave out mix.",
    ],
  },
  {
    what: "invalid transactions of no share and no kind",
    calls: [
      NODES,
      ".wallets(50)",
      ".transactionsWith((txs) => txs.invalid({} as never)",
      "  .invalid({ percent: 5, kinds: ['theft' as never] })",
      "  .invalid({ percent: 5, kinds: [] }))",
    ],
    problems: [
      ":5 NR-PLAN-VALUE invalid(...): undefined is not a percentage from 0 to 100 | Write invalid({ percent: 5 }).",
      ':6 NR-PLAN-VALUE invalid(...): there is no invalid kind "theft" | There are wrong-signature, overspend, double-spend, unknown-note.',
      ":7 NR-PLAN-VALUE invalid(...): kinds is an empty list | There are wrong-signature, overspend, double-spend, unknown-note.",
    ],
  },
  {
    what: "a percentile's limit that is no duration",
    calls: [
      NODES,
      ".wallets(50)",
      ".transactionsWith((txs) => txs.rate(5))",
      ".expect('transaction-inclusion', { p99: 'soon' as never })",
    ],
    problems: [
      ':6 NR-CORE-DURATION expect("transaction-inclusion") p99: "soon" is not a duration | Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.',
    ],
  },
  {
    what: "stages that never send",
    calls: [NODES, ".wallets(50)", ".transactionsWith((txs) => txs.stages([{ for: '30s', rate: 0 }]))"],
    problems: [
      ":5 NR-PLAN-VALUE every stage has the rate 0, so nothing would be sent | Give one of them a rate above 0.",
    ],
  },
  {
    what: "a stage that climbs above what users carry",
    calls: [
      NODES,
      ".wallets(30)",
      ".transactionsWith((txs) => txs.stages([{ for: '20s', rate: 10 }, { for: '20s', rate: 10, to: 20 }]))",
    ],
    problems: [
      ":5 NR-PLAN-TX-RATE stage 2: 20 transactions per block are more than 30 wallets can carry: each is busy for 3 blocks (1 until inclusion, 2 on top), which allows 10 | Use wallets(60), or a rate of 10 at most.",
    ],
  },
  {
    what: "more transactions than all wallets carry",
    calls: [NODES, ".wallets(12)", ".transactionsWith((txs) => txs.users(10)", "  .rate(5))"],
    problems: [
      ":6 NR-PLAN-TX-RATE 5 transactions per block are more than 10 wallets can carry: each is busy for 3 blocks (1 until inclusion, 2 on top), which allows 3.33 | Use wallets(15) and users(15), or rate(3.33).",
    ],
  },
  {
    what: "wallets with less than a token each",
    calls: [NODES, ".initializeWallet(5, 10)"],
    problems: [
      ":4 NR-PLAN-FUNDS 5 tokens are too few for 10 wallets: each needs at least 1 | Use at least 10 tokens, or at most 5 wallets.",
    ],
  },
  {
    what: "blobs without an executor",
    calls: [".topologyWith((t) => t.validators(3))", ".daWith((da) => da.blobRate(1))"],
    problems: [
      ":4 NR-PLAN-NO-EXECUTOR blobs are dispersed by executors, and the network has none | Call executors(1) in topologyWith.",
    ],
  },
  {
    what: "channels, pipeline and headroom that are none",
    calls: [
      NODES,
      ".daWith((da) => da.channelRate(0)",
      "  .headroomPercent(-1)",
      "  .pipeline(65)",
      "  .blobSize(0.5))",
    ],
    problems: [
      ":4 NR-PLAN-COUNT channelRate(0): 0 is not a whole number from 1 to 100000 | Write a whole number from 1 to 100000.",
      ":5 NR-PLAN-VALUE headroomPercent(-1): -1 is not a number from 0 on | Write 0 or a number above it.",
      ":6 NR-PLAN-COUNT pipeline(65): 65 is not a whole number from 1 to 64 | Write a whole number from 1 to 64.",
      ":7 NR-PLAN-COUNT blobSize(0.5): 0.5 is not a whole number from 1 | Write a whole number from 1.",
    ],
  },
  {
    what: "chaos without node control",
    calls: [NODES, ".chaosWith((chaos) => chaos.restart())"],
    problems: [":4 NR-PLAN-NODE-CONTROL chaos makes faults, and node control is off | Call enableNodeControl()."],
  },
  {
    what: "a workload that acts on nodes without node control",
    calls: [NODES, '.withWorkload({ name: "down", needs: ["node.stop", "node.kill"], start: async () => {} })'],
    problems: [
      ":4 NR-PLAN-NODE-CONTROL the workload down needs node.stop, node.kill, and node control is off | Call enableNodeControl().",
    ],
  },
  {
    what: "chaos without a fault",
    calls: [NODES, ".enableNodeControl()", ".chaosWith((chaos) => chaos.apply())"],
    problems: [
      ":5 NR-PLAN-NO-FAULT chaos names no fault to make | Call restart(), partition() or another fault in chaosWith.",
    ],
  },
  {
    what: "a single validator as the only target",
    calls: [
      ".topologyWith((t) => t.validators(1))",
      ".enableNodeControl()",
      ".chaosWith((chaos) => chaos",
      "  .restart())",
    ],
    problems: [
      ":6 NR-PLAN-NO-TARGET the only target is a single validator, and without it there is no chain to watch | Call validators(3), or include executors.",
    ],
  },
  {
    what: "restarts that would leave half of the stake",
    calls: [
      ".topologyWith((t) => t.validators(1).executors(1))",
      ".enableNodeControl()",
      ".chaosWith((chaos) => chaos.restart())",
    ],
    problems: [
      ":5 NR-PLAN-NO-TARGET no node can be restarted: more than half of the stake must stay up, and 50 % of it at most would | Use at least 3 nodes.",
    ],
  },
  {
    what: "restarts of nobody",
    calls: [
      NODES,
      ".enableNodeControl()",
      ".chaosWith((chaos) => chaos.restart().includeValidators(false).includeExecutors(false))",
    ],
    problems: [
      ":5 NR-PLAN-NO-TARGET restarts include neither validators nor executors | Leave out includeValidators(false) or includeExecutors(false).",
    ],
  },
  {
    what: "restarts of executors that there are not",
    calls: [
      ".topologyWith((t) => t.validators(3))",
      ".enableNodeControl()",
      ".chaosWith((chaos) => chaos.restart().includeValidators(false))",
    ],
    problems: [
      ":5 NR-PLAN-NO-TARGET restarts are for executors only, and the network has none | Include validators, or add executors.",
    ],
  },
  {
    what: "delays that don't go together",
    calls: [
      NODES,
      ".enableNodeControl()",
      ".chaosWith((chaos) => chaos.restart()",
      "  .minDelay('40s')",
      "  .maxDelay('30s')",
      "  .targetCooldown('5s'))",
    ],
    problems: [
      ":6 NR-PLAN-DELAYS minDelay 40s is longer than maxDelay 30s | Use a minDelay of at most 30s, or a maxDelay of at least 40s.",
      ":8 NR-PLAN-DELAYS targetCooldown 5s is shorter than minDelay 40s, so it would never count | Use a targetCooldown of at least 40s.",
    ],
  },
  {
    what: "an option that restart doesn't have, and one of the wrong type",
    calls: [
      NODES,
      ".enableNodeControl()",
      ".chaosWith((chaos) => chaos.restart({ minDely: '5s', includeExecutors: 'no' } as never))",
    ],
    problems: [
      ':5 NR-PLAN-OPTION restart has no option "minDely" | Did you mean minDelay? It knows minDelay, maxDelay, targetCooldown, includeValidators, includeExecutors.',
      ':5 NR-PLAN-VALUE restart includeExecutors: "no" is neither true nor false | Write true or false.',
    ],
  },
  {
    what: "durations that are none",
    calls: [NODES, ".withRunDuration('90 s' as never)", ".withRunDuration(0)", ".withRunDuration(-5)"],
    problems: [
      ':4 NR-CORE-DURATION withRunDuration: "90 s" is not a duration | Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.',
      ':5 NR-CORE-DURATION withRunDuration: 0 is no time at all | Write a duration above 0, such as "10s".',
      ':6 NR-CORE-DURATION withRunDuration: -5 is not a duration | Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.',
    ],
  },
  {
    what: "URLs that are none, or hold a password",
    calls: [NODES, ".withMetricsQueryUrl('prometheus:9090')", ".withGrafanaUrl('http://admin:secret@127.0.0.1:3000')"],
    problems: [
      ':4 NR-PLAN-URL withMetricsQueryUrl: "prometheus:9090" is not an http or https URL | Write a URL such as http://127.0.0.1:9090.',
      ":5 NR-PLAN-URL withGrafanaUrl: the URL of 127.0.0.1:3000 has credentials in it, and plans are printed and recorded | Leave user and password out of the URL.",
    ],
  },
  {
    what: "options and patches that are not JSON",
    calls: [
      ".topologyWith((t) => t.validators(2).nodeConfigPatch(0, { at: new Date(0) as never }))",
      ".withWorkload({ name: 'mine', options: { deep: [1, { limit: NaN }] }, start: async () => {} })",
      ".withExpectation({ name: 'own', options: { f: (() => 1) as never }, judge: () => ({}) as never })",
    ],
    problems: [
      `:3 NR-PLAN-JSON nodeConfigPatch(0, ...): at is a Date, which JSON can't hold | ${JSON_HINT}`,
      `:4 NR-PLAN-JSON withWorkload("mine") options: deep.1.limit is NaN, which JSON can't hold | ${JSON_HINT}`,
      `:5 NR-PLAN-JSON withExpectation("own") options: f is a function, which JSON can't hold | ${JSON_HINT}`,
    ],
  },
  {
    what: "names that clash or are none",
    calls: [
      NODES,
      ".withWorkload({ name: 'mine', start: async () => {} })",
      ".withWorkload({ name: 'mine', start: async () => {} })",
      ".withWorkload({ name: 'chaos', start: async () => {} })",
      ".withExpectation({ name: 'my own', judge: () => ({}) as never })",
      ".withExpectation({ name: 'agreement', judge: () => ({}) as never })",
    ],
    problems: [
      ":5 NR-PLAN-DUPLICATE the workload mine can't be told apart: another workload has that name | Give it another name, such as my-mine.",
      ":6 NR-PLAN-DUPLICATE the workload chaos can't be told apart: a built-in workload has that name | Give it another name, such as my-chaos.",
      ':7 NR-PLAN-NAME withExpectation: "my own" is not a name | A name has 1 to 63 letters, digits, dashes and underscores, a letter or digit first.',
      ":8 NR-PLAN-DUPLICATE the expectation agreement can't be told apart: a built-in expectation has that name | Give it another name, such as my-agreement.",
    ],
  },
  {
    what: "a workload that is planned twice",
    calls: [
      NODES,
      ".wallets(10)",
      ".transactionsWith((txs) => txs.rate(1))",
      ".transactionsWith((txs) => txs.rate(2))",
    ],
    problems: [":6 NR-PLAN-DUPLICATE the workload transactions is in the plan already, by :5 | Set it up in one call."],
  },
  {
    what: "things that are no workload and no expectation",
    calls: [NODES, ".withWorkload({ name: 'mine' } as never)", ".withExpectation(null as never)"],
    problems: [
      ":4 NR-PLAN-VALUE withWorkload was given an object that is no workload | A workload has a name and start(ctx).",
      ":5 NR-PLAN-VALUE withExpectation was given null that is no expectation | An expectation has a name and judge(evidence).",
    ],
  },
  {
    what: "expectations that there are not, and limits that are none",
    calls: [
      NODES,
      ".expect('livenes' as never)",
      ".expect('liveness', { powr: 0.9 } as never)",
      ".expect('liveness', { power: 2 })",
      ".without('agrement')",
    ],
    problems: [
      `:4 NR-PLAN-EXPECTATION expect("livenes"): there is no such expectation | Did you mean liveness? There are ${EXPECTATIONS}.`,
      ':5 NR-PLAN-OPTION expect("liveness") has no option "powr" | Did you mean power? It knows falseAlarm, power.',
      ':6 NR-PLAN-VALUE expect("liveness"): power is 2 | power must be below 1.',
      `:7 NR-PLAN-EXPECTATION without("agrement"): there is no such expectation | Did you mean agreement? There are ${EXPECTATIONS}.`,
    ],
  },
  {
    what: "thresholds that are none",
    calls: [
      NODES,
      ".expectThreshold('everything is fine')",
      ".expectThreshold(5 as never)",
      ".expectThreshold('liveness.blocks > 3s')",
      ".expectThreshold('transaction-inclusion.inclusionP99Ms < 10')",
      ".expectThreshold('average(mempool_transactions_pending) < 1')",
      ".expectThreshold('max(resources.memory) < 1')",
      ".expectThreshold('p99(reads.readMs) < 5')",
      ".expectThreshold('p98(reads.failures) < 5')",
      ".expectThreshold('max(a b) < 1')",
    ],
    problems: [
      `:4 NR-PLAN-VALUE expectThreshold("everything is fine") is no threshold | ${THRESHOLD_HINT}`,
      `:5 NR-PLAN-VALUE expectThreshold(5) is no threshold | ${THRESHOLD_HINT}`,
      ':6 NR-PLAN-VALUE expectThreshold("liveness.blocks > 3s") gives a time for liveness.blocks, which is a number | Leave out the unit.',
      ':7 NR-PLAN-VALUE expectThreshold("transaction-inclusion.inclusionP99Ms < 10") gives no unit for inclusionP99Ms, which is a time | Write a duration, such as 10s.',
      ':8 NR-PLAN-VALUE expectThreshold("average(mempool_transactions_pending) < 1") has the function average, which there is not | There are min, max, mean, last, increase, p50, p90, p95, p99.',
      ':9 NR-PLAN-VALUE expectThreshold("max(resources.memory) < 1") is about resources.memory, which there is not | There are cpuPercent, residentMiB, privateMiB.',
      ':10 NR-PLAN-VALUE expectThreshold("p99(reads.readMs) < 5") gives no unit for readMs, which is a time | Write a duration, such as 10s.',
      ':11 NR-PLAN-VALUE expectThreshold("p98(reads.failures) < 5") has the function p98, which there is not | Did you mean p90? There are count, sum, min, max, mean, last, p50, p90, p95, p99.',
      `:12 NR-PLAN-VALUE expectThreshold("max(a b) < 1") is no threshold | ${THRESHOLD_HINT}`,
    ],
  },
  {
    what: "patterns of logs and states that are none",
    calls: [
      NODES,
      ".expectLog({})",
      ".expectLog({ mustNot: 'panic' as never })",
      ".sometimes('forked', {} as never)",
      ".sometimes('behind', { nodeBehind: 0 })",
    ],
    problems: [
      ":4 NR-PLAN-VALUE expectLog was given no pattern | Write expectLog({ mustNot: /panic/i }) or expectLog({ must: /Online/ }).",
      ':5 NR-PLAN-VALUE expectLog: mustNot is "panic", which is no regular expression | Write expectLog({ mustNot: /panic/i }) or expectLog({ must: /Online/ }).',
      ':6 NR-PLAN-VALUE sometimes("forked") names no state | Give one of fork, nodeBehind, mempool.',
      ':7 NR-PLAN-COUNT sometimes("behind") nodeBehind: 0 is not a whole number from 1 | Write a whole number from 1.',
    ],
  },
  {
    what: "limits of convergence that are none",
    calls: [
      NODES,
      ".expectConvergence({ within: '10 parsecs' as never })",
      ".expectConvergence({ withn: '1s' } as never)",
    ],
    problems: [
      `:4 NR-CORE-DURATION expectConvergence within: "10 parsecs" is not a duration | Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.`,
      ':5 NR-PLAN-OPTION expectConvergence has no option "withn" | Did you mean within? It knows within.',
    ],
  },
  {
    what: "an expectation that is asked for and switched off",
    calls: [NODES, ".expectConsensusLiveness()", ".without('liveness')"],
    problems: [
      ":5 NR-PLAN-EXPECTATION the expectation liveness is both asked for and switched off | Leave out expect or without.",
    ],
  },
  {
    what: "an empty seed",
    calls: [NODES, ".seed('')"],
    problems: [':4 NR-PLAN-VALUE seed(""): a seed is text that is not empty | Write text, such as "42".'],
  },
  {
    what: "closures that are none or can't be waited for",
    calls: [NODES, ".transactionsWith(5 as never)", ".wallets(9)", ".mapTopology((async () => {}) as never)"],
    problems: [
      ":4 NR-PLAN-VALUE transactionsWith was given 5 | Give it a function, such as (t) => t.",
      ":6 NR-PLAN-VALUE mapTopology was given an async function, and a plan can't wait for it | Await outside, before the scenario is built.",
    ],
  },
  {
    what: "tasks that are none, and options that a task can't be told",
    calls: [NODES, ".setup(5 as never)", '.setup("doctor", { backend: {} as never })', '.setup("doctor", [] as never)'],
    problems: [
      ":4 NR-PLAN-VALUE setup(5) is given no task | Name one, or hand over what task(...) returns.",
      ':5 NR-PLAN-VALUE setup("doctor"): option backend is an object | Options of tasks are text, numbers, true or false.',
      ':6 NR-PLAN-JSON setup("doctor") options: an array is not an object | Write an object, such as { key: 1 }.',
    ],
  },
  {
    what: "capabilities that there are not",
    calls: [NODES, ".withCapabilities({ nodeControll: true } as never)"],
    problems: [
      ':4 NR-PLAN-OPTION withCapabilities has no option "nodeControll" | Did you mean nodeControl? It knows nodeControl, metricsQueryUrl, metricsOtlpIngestUrl, grafanaUrl.',
    ],
  },
];

test("a scenario that no backend could run is refused with every problem at its line", async (t) => {
  const write = await scenarioFolder(t);
  for (const { what, calls, problems } of cases) {
    await t.test(what, async () => {
      const file = await write(calls);
      const found = await problemsOf(file.path, file.load);
      assert.deepEqual(
        found.map((problem) => problem.replace(file.path, "")),
        problems,
      );
    });
  }
});

test("the refusal's own text lists everything", async (t) => {
  const write = await scenarioFolder(t);
  const file = await write([".topologyWith((t) => t.validators(0))", ".seed('')"]);
  await assert.rejects(file.load(), {
    code: "NR-PLAN-REFUSED",
    class: "refused",
    message: [
      'the plan "bad" was refused: 2 problems',
      `  ${file.path}:3  NR-PLAN-NO-NODES`,
      "    the network has no node",
      "    Call validators(n) or executors(n) in topologyWith.",
      `  ${file.path}:4  NR-PLAN-VALUE`,
      '    seed(""): a seed is text that is not empty',
      '    Write text, such as "42".',
    ].join("\n"),
  });
});
