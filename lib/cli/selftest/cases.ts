import type { Duration } from "../../core/duration.ts";
import type { Misbehaviour } from "../../devnet/misbehaviour/misbehaviour.ts";
import type { Json } from "../../model/plan.ts";
import type { ScenarioBuilder } from "../../plan/builder/scenario.ts";
import { scenario } from "../../plan/builder/scenario.ts";
import { minority } from "../../plan/builder/targets.ts";
import type { WrittenPlan } from "../../plan/written.ts";

/** Validators of every case; one executor comes after them. */
const VALIDATORS = 4;
/** Most cases are driven this long; 80 slots or so are what fair shares take to be told. */
const DRIVE: Duration = "60s";
const LONG_DRIVE: Duration = "200s";
/** The slot from which those misbehave who would keep a network from beginning: by then it has, also on real processes. */
const BEGINS = 20;

/** What a case must lead to. */
export interface Catch {
  /** The expectation that must fail. */
  readonly expectation: string;
  /** What its judgement must name: the nodes that misbehave, or what they did where no node can be told. */
  readonly names: readonly RegExp[];
}

/** One network with a misbehaviour in it, or none. */
export interface SelftestCase {
  readonly name: string;
  /** What is wrong, and with how much of it; shown in the table. */
  readonly what: string;
  /** Null where everything must pass: the network is healthy, or the dose is too small for a claim. */
  readonly caught: Catch | null;
  plan(): WrittenPlan;
}

type Dose = Misbehaviour extends infer M
  ? M extends unknown
    ? Partial<M> & Pick<Misbehaviour, "kind">
    : never
  : never;

/** Each built-in expectation against what it must catch, and healthy networks in which it must stay silent. */
export const SELFTEST_CASES: readonly SelftestCase[] = [
  caught("withhold-blocks", "one of five leaders keeps its blocks to itself", "fair-share", [/validator-2 led 0 /], {
    dose: { kind: "withhold-blocks" },
    nodes: [2],
    drive: LONG_DRIVE,
    asks: (it) => it.expectFairShare(),
  }),
  silent("withhold-few-blocks", "one leader keeps 5 % of its blocks to itself", {
    dose: { kind: "withhold-blocks", percent: 5 },
    nodes: [2],
    drive: LONG_DRIVE,
    asks: (it) => it.expectFairShare().expectConsensusLiveness(),
  }),
  caught(
    "withhold-most-blocks",
    "four of five leaders keep their blocks to themselves",
    "liveness",
    [/at least \d+ needed/],
    {
      dose: { kind: "withhold-blocks", fromSlot: BEGINS },
      nodes: [1, 2, 3, 4],
      drive: "120s",
      asks: (it) => it.expectConsensusLiveness(),
    },
  ),
  caught("stall", "one node stops at half time and still answers", "convergence", [/validator-2 did not keep up/], {
    dose: { kind: "stall", fromSlot: 20 },
    nodes: [2],
    asks: (it) => it.expectConvergence(),
  }),
  caught("stall-most", "three of five nodes stop at half time", "liveness", [/at least \d+ needed/], {
    dose: { kind: "stall", fromSlot: 30 },
    nodes: [1, 2, 3],
    drive: "120s",
    asks: (it) => it.expectConsensusLiveness(),
  }),
  caught(
    "equivocate",
    "one leader signs two blocks for each of its slots",
    "no-contradiction",
    [/validator-2 signed two blocks/],
    {
      dose: { kind: "equivocate" },
      nodes: [2],
    },
  ),
  caught(
    "equivocate-once",
    "one leader signs two blocks for one in ten of its slots",
    "no-contradiction",
    [/validator-2 signed two blocks/],
    {
      dose: { kind: "equivocate", percent: 10 },
      nodes: [2],
      drive: LONG_DRIVE,
    },
  ),
  caught(
    "serve-old-tip",
    "one node tells of its chain as it was 20 slots ago",
    "convergence",
    [/validator-3 did not keep up/],
    {
      dose: { kind: "serve-old-tip", slots: 20, fromSlot: BEGINS },
      nodes: [3],
      asks: (it) => it.expectConvergence(),
    },
  ),
  silent("serve-recent-tip", "one node tells of its chain as it was a slot ago", {
    dose: { kind: "serve-old-tip", slots: 1, fromSlot: BEGINS },
    nodes: [3],
    asks: (it) => it.expectConvergence().expectConsensusLiveness(),
  }),
  caught(
    "lie-about-height",
    "one node gives its height as 5 more than it is",
    "no-contradiction",
    [/validator-1 said of its chain/],
    {
      dose: { kind: "lie-about-height", by: 5, fromSlot: BEGINS },
      nodes: [1],
    },
  ),
  caught(
    "lie-by-one",
    "one node gives its height as 1 less than it is",
    "no-contradiction",
    [/validator-1 said of its chain/],
    {
      dose: { kind: "lie-about-height", by: -1, fromSlot: BEGINS },
      nodes: [1],
    },
  ),
  caught(
    "drop-transactions",
    "one node accepts transactions and forgets them",
    "transaction-inclusion",
    [/validator-2 dropped \d+ of/],
    {
      dose: { kind: "drop-transactions" },
      nodes: [2],
      asks: withTransactions,
    },
  ),
  caught(
    "drop-all-transactions",
    "every node accepts transactions and forgets them",
    "transaction-inclusion",
    [/at least 100 % needed/, /transaction [0-9a-f]{64} .* was accepted by/],
    {
      dose: { kind: "drop-transactions", fromSlot: 20 },
      nodes: [0, 1, 2, 3, 4],
      asks: withTransactions,
    },
  ),
  silent("drop-few-transactions", "one node forgets 1 % of the transactions that it accepts", {
    dose: { kind: "drop-transactions", percent: 1 },
    nodes: [2],
    asks: withTransactions,
  }),
  caught(
    "accept-double-spends",
    "one node takes spent notes for unspent",
    "transaction-inclusion",
    [/taken by validator-1, which had to refuse/, /double-spend\) is in block/],
    {
      dose: { kind: "accept-double-spends" },
      nodes: [1],
      // Long enough for final blocks in the profile fast too: only what one of them has spent must be refused by everyone.
      drive: LONG_DRIVE,
      asks: withDoubleSpends,
    },
  ),
  caught(
    "spend-twice-in-the-chain",
    "four of five leaders build on double spends, against one",
    "agreement",
    [/differ at or below their LIB/],
    {
      dose: { kind: "accept-double-spends" },
      nodes: [1, 2, 3, 4],
      drive: LONG_DRIVE,
      asks: withDoubleSpends,
    },
  ),
  caught(
    "lose-shares",
    "one holder loses the shares that it acknowledged",
    "data-availability",
    [/lost or spoilt by validator-2/],
    {
      dose: { kind: "lose-shares" },
      nodes: [2],
      asks: withBlobs,
    },
  ),
  caught(
    "lose-most-shares",
    "four of five holders lose their shares",
    "data-availability",
    [/lost or spoilt by (validator-[0-3](, | and )?){4} /, /was dispersed by executor-0 .* is in no canonical block/],
    {
      dose: { kind: "lose-shares", fromSlot: 20 },
      nodes: [0, 1, 2, 3],
      asks: withBlobs,
    },
  ),
  caught(
    "corrupt-shares",
    "one holder hands out shares with a byte changed",
    "data-availability",
    [/lost or spoilt by validator-2/],
    {
      dose: { kind: "corrupt-shares" },
      nodes: [2],
      asks: withBlobs,
    },
  ),
  caught(
    "corrupt-few-shares",
    "one holder changes 5 % of its shares",
    "data-availability",
    [/lost or spoilt by validator-2/],
    {
      dose: { kind: "corrupt-shares", percent: 5 },
      nodes: [2],
      asks: withBlobs,
    },
  ),
  caught(
    "withhold-shares",
    "one holder keeps its shares back",
    "data-availability",
    [/lost or spoilt by validator-2/],
    {
      dose: { kind: "withhold-shares" },
      nodes: [2],
      asks: withBlobs,
    },
  ),
  ...["a", "b", "c"].map((round) =>
    silent(`healthy-${round}`, "honest nodes, all traffic, every expectation", { drive: LONG_DRIVE, asks: everything }),
  ),
  silent("healthy-under-faults", "honest nodes under restarts, a wipe and a partition", {
    drive: LONG_DRIVE,
    asks: (it) =>
      everything(it)
        .enableNodeControl()
        .chaosWith((chaos) =>
          chaos
            .restart({ every: "30s" })
            .wipe({ at: "50s", for: "4s", targets: "validator-2" })
            .partition({ at: "110s", for: "10s", targets: minority() }),
        ),
  }),
];

interface Arrangement {
  readonly dose?: Dose;
  /** Positions of the nodes that misbehave: validators first. */
  readonly nodes?: readonly number[];
  readonly drive?: Duration;
  asks?(it: ScenarioBuilder): ScenarioBuilder;
}

function caught(
  name: string,
  what: string,
  expectation: string,
  names: readonly RegExp[],
  arrangement: Arrangement,
): SelftestCase {
  return { name, what, caught: { expectation, names }, plan: () => planOf(name, arrangement) };
}

function silent(name: string, what: string, arrangement: Arrangement): SelftestCase {
  return { name, what, caught: null, plan: () => planOf(name, arrangement) };
}

function planOf(name: string, { dose, nodes = [], drive = DRIVE, asks = (it) => it }: Arrangement): WrittenPlan {
  const written = asks(
    scenario(`selftest-${name}`).topologyWith((t) => {
      t.networkFull().validators(VALIDATORS).executors(1);
      for (const index of nodes) t.nodeConfigPatch(index, { misbehave: { ...dose } as Json });
      return t;
    }),
  )
    .withRunDuration(drive)
    .build();
  return { ...written, sites: new Map() };
}

function withTransactions(it: ScenarioBuilder): ScenarioBuilder {
  return it.wallets(60).transactionsWith((txs) => txs.rate(5).users(60));
}

function withDoubleSpends(it: ScenarioBuilder): ScenarioBuilder {
  return it.wallets(60).transactionsWith((txs) =>
    txs
      .rate(4)
      .users(60)
      .invalid({ percent: 20, kinds: ["double-spend"] }),
  );
}

function withBlobs(it: ScenarioBuilder): ScenarioBuilder {
  return it.daWith((da) => da.channelRate(2).blobRate(1));
}

function everything(it: ScenarioBuilder): ScenarioBuilder {
  return withBlobs(withTransactions(it))
    .expectConsensusLiveness()
    .expectConservation()
    .expectConvergence()
    .expectFairShare();
}
