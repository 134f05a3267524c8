import { must } from "../../lib/core/errors.ts";
import { createSharedMemo } from "../../lib/devnet/machine/shared-memo.ts";
import type { RunEvent } from "../../lib/model/events.ts";
import type { Json, Plan } from "../../lib/model/plan.ts";
import { type ScenarioBuilder, scenario } from "../../lib/plan/builder/scenario.ts";
import { minority } from "../../lib/plan/builder/targets.ts";
import { simulate } from "../simulation/simulate.ts";
import { runLocally } from "../support/local-cluster.ts";

/** What a whole run recorded. */
export interface Recorded {
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
}

const memo = createSharedMemo();

/** The run is made when it is first asked for, and once. */
function once(make: () => Promise<Recorded>): () => Promise<Recorded> {
  let made: Promise<Recorded> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

type Simulation = Parameters<typeof simulate>[1];

const simulated = (name: string, write: (written: ScenarioBuilder) => unknown, options: Partial<Simulation> = {}) =>
  once(async () => {
    const written = scenario(name);
    write(written);
    return simulate(written.build(), { seed: name, memo, ...options });
  });

/** What makes one node of four misbehave from a slot within the judged window on. */
const misbehave = (index: number, how: { readonly [key: string]: Json }) => (written: ScenarioBuilder) =>
  written.topologyWith((t) => t.networkFull().validators(4).nodeConfigPatch(index, { misbehave: how }));

const transfers = (written: ScenarioBuilder) => written.wallets(20).transactionsWith((txs) => txs.rate(2));

/** Everything that a run can do, on nodes that behave. */
export const healthy = simulated("healthy", (written) =>
  transfers(written)
    .topologyWith((t) => t.networkFull().validators(4).executors(1))
    .daWith((da) => da.channelRate(2).blobRate(1))
    .enableNodeControl()
    .chaosWith((chaos) => chaos.restart({ minDelay: "40s", maxDelay: "60s", targetCooldown: "90s" }))
    .expectConsensusLiveness()
    .expectConvergence({ within: "30s" })
    .expectConservation()
    .expectFairShare()
    .expectLog({ mustNot: /panic/ })
    .expectResources({ maxResidentMiB: 100 })
    .expectThreshold("agreement.highestFinal > 20")
    .expectThreshold("max(consensus_tip_height) > 20")
    .sometimes("waiting", { mempool: 1 })
    .withRunDuration("5m"),
);

/** Nothing but a network that makes blocks, and restarts that come to nothing because none is asked for. */
export const quiet = simulated("quiet", (written) =>
  written.topologyWith((t) => t.networkFull().validators(3)).withRunDuration("20s"),
);

/** A run that was cut short before it had a node. */
export const cutShort = simulated(
  "cut-short",
  (written) => written.topologyWith((t) => t.networkFull().validators(3)).withRunDuration("20s"),
  { interrupt: AbortSignal.abort() },
);

/** Two sides that each bury a fork of their own. */
export const divided = simulated("divided", (written) =>
  written
    .topologyWith((t) => t.networkFull().validators(5).securityParam(3))
    .enableNodeControl()
    .chaosWith((chaos) => chaos.partition({ at: "20s", for: "60s", targets: minority() }))
    .expectDivergence()
    .withRunDuration("100s"),
);

/** Two sides that meet again before they have finalised anything. */
export const hardlyDivided = simulated("hardly-divided", (written) =>
  written
    .topologyWith((t) => t.networkFull().validators(5))
    .enableNodeControl()
    .chaosWith((chaos) => chaos.partition({ at: "20s", for: "6s", targets: minority() }))
    .expectDivergence()
    .withRunDuration("60s"),
);

/** All nodes do nothing any more from slot 30 on, and still answer. */
export const stalled = simulated("stalled", (written) =>
  written
    .topologyWith((t) => {
      t.networkFull().validators(3);
      for (const index of [0, 1, 2]) t.nodeConfigPatch(index, { misbehave: { kind: "stall", fromSlot: 30 } });
    })
    .expectConsensusLiveness()
    .withRunDuration("3m"),
);

/** The same from slot 8 on, before anything is final. */
export const stalledEarly = simulated("stalled-early", (written) =>
  written
    .topologyWith((t) => {
      t.networkFull().validators(3);
      for (const index of [0, 1, 2]) t.nodeConfigPatch(index, { misbehave: { kind: "stall", fromSlot: 8 } });
    })
    .withRunDuration("30s"),
);

/** validator-3 dies, and no call of ours did it. */
export const dead = simulated(
  "dead",
  (written) => written.topologyWith((t) => t.networkFull().validators(4)).withRunDuration("60s"),
  { begin: (cluster, clock) => clock.at(40_000, () => cluster.end("validator-3", false, "SIGSEGV, not by us")) },
);

/** validator-3 keeps its blocks to itself. */
export const withheld = simulated("withheld", (written) => {
  misbehave(3, { kind: "withhold-blocks" })(written);
  written.expectFairShare().withRunDuration("5m");
});

/** validator-3 keeps a third of its blocks to itself. */
export const partlyWithheld = simulated("partly-withheld", (written) => {
  misbehave(3, { kind: "withhold-blocks", percent: 33 })(written);
  written.expectFairShare().withRunDuration("5m");
});

/** validator-1 takes transactions and forgets them. */
export const dropped = simulated("dropped", (written) => {
  misbehave(1, { kind: "drop-transactions" })(written);
  transfers(written).withRunDuration("90s");
});

/** Three of four holders spoil two thirds of what they hand out. */
export const corrupt = simulated("corrupt", (written) =>
  written
    .topologyWith((t) => {
      t.networkFull().validators(3).executors(1);
      for (const index of [0, 1, 2]) {
        t.nodeConfigPatch(index, { misbehave: { kind: "corrupt-shares", percent: 70 } });
      }
    })
    .daWith((da) => da.channelRate(2).blobRate(1))
    .expect("data-availability", { maxBadSharesPercent: 100 })
    .withRunDuration("60s"),
);

/** validator-3 is let go on after a pause, and its chain stays where it was. */
export const notRecovered = simulated("not-recovered", (written) => {
  misbehave(3, { kind: "stall", fromSlot: 25 })(written);
  written
    .enableNodeControl()
    .chaosWith((chaos) => chaos.pause({ at: "60s", for: "10s", targets: ["validator-3"] }))
    .expectConvergence({ within: "10s" })
    .withRunDuration("2m");
});

/** validator-2 signs two blocks for each slot that it leads. */
export const equivocated = simulated("equivocated", (written) => {
  written
    .topologyWith((t) =>
      t
        .networkStar()
        .validators(4)
        .nodeConfigPatch(2, { misbehave: { kind: "equivocate" } }),
    )
    .withRunDuration("60s");
});

/** All nodes take what is spent already. */
export const spentTwice = simulated("spent-twice", (written) =>
  written
    .topologyWith((t) => {
      t.networkFull().validators(3);
      for (const index of [0, 1, 2]) t.nodeConfigPatch(index, { misbehave: { kind: "accept-double-spends" } });
    })
    .wallets(20)
    .transactionsWith((txs) => txs.rate(2).invalid({ percent: 30, kinds: ["double-spend"] }))
    .expectConservation()
    .withRunDuration("60s"),
);

/** Looks for the highest rate between two that the network carries with ease. */
export const searched = simulated("searched", (written) =>
  written
    .topologyWith((t) => t.networkFull().validators(3))
    .wallets(100)
    .transactionsWith((txs) => txs.findLimit({ percentile: 50, within: "20s", from: 3, to: 4, precision: 0.5 }))
    .expect("transaction-limit", { atLeast: 3 })
    .withRunDuration("10m"),
);

/** Processes of this machine. */
export const measured = once(async () => {
  const written = scenario("measured")
    .topologyWith((t) => t.networkStar().validators(2).securityParam(3))
    .expectResources({ maxResidentMiB: 2_000 })
    .withRunDuration("20s")
    .build();
  const { plan, events, verdict, why } = await runLocally(written, { seed: "measured", profile: "fast" });
  const { t } = must(events.at(-1), "an event");
  return { plan, events: [...events, { v: 1, seq: events.length, t, type: "run.verdict", verdict, why }] };
});
