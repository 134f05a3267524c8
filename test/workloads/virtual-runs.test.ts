import assert from "node:assert/strict";
import test from "node:test";
import type { EventOf, EventType, RunEvent } from "../../lib/model/events.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import type { ConductedRun } from "../support/conduct-run.ts";
import { runVirtually } from "../support/virtual-run.ts";

/*
 * The workloads and expectations as they run: embedded nodes, block feed and stages are the real ones, only time and
 * links are virtual. Slots are 250 ms (profile fast), so written durations shrink to an eighth.
 */

const ofType = <T extends EventType>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is EventOf<T> => event.type === type);

function judged(run: ConductedRun, kind: string) {
  const judgement = run.expectations.find((one) => one.kind === kind);
  assert.ok(judgement, `no expectation ${kind}`);
  return judgement;
}

const transfers = (name: string) =>
  scenario(name)
    .topologyWith((t) => t.networkStar().validators(3).executors(0))
    .wallets(30)
    .transactionsWith((txs) => txs.rate(5))
    .withRunDuration("30s");

test("traffic of both kinds under restarts passes every expectation", async () => {
  const plan = scenario("chaos")
    .topologyWith((t) => t.networkStar().validators(3).executors(2))
    .wallets(50)
    .transactionsWith((txs) => txs.rate(5).users(20))
    .daWith((da) => da.channelRate(1).blobRate(2))
    .enableNodeControl()
    .chaosWith((chaos) => chaos.restart({ minDelay: "10s", maxDelay: "20s", targetCooldown: "30s" }))
    .expectConsensusLiveness()
    .withRunDuration("90s")
    .build();
  const run = await runVirtually(plan, { seed: "s1", profile: "fast" });
  assert.equal(run.verdict, "passed", run.why);
  assert.ok(ofType(run.events, "fault.healed").length >= 2);
  const planned = ofType(run.events, "fault.planned");
  const firstStart = run.events.findIndex(({ type }) => type === "fault.started");
  assert.ok(
    planned.every(({ seq }) => seq < firstStart),
    "the whole schedule is on record before anything is started",
  );
  for (const { fault } of ofType(run.events, "fault.started")) {
    const own = run.events.filter((event) => "fault" in event && event.fault === fault).map(({ type }) => type);
    assert.deepEqual(own, ["fault.planned", "fault.started", "fault.effective", "fault.ended", "fault.healed"]);
  }
  const blobs = judged(run, "data-availability").figures;
  assert.deepEqual([blobs.included, blobs.readBack], [blobs.planned, blobs.planned]);
  const offered = ofType(run.events, "blob.submitted").filter(({ node }) => node.startsWith("validator"));
  assert.ok(offered.length > 0, "no blob's transaction got lost and was offered again");
});

test("transactions and blobs that a partition's losing side had accepted are sent again, and nothing is lost", async () => {
  const plan = scenario("partition")
    .topologyWith((t) => t.networkStar().validators(3).executors(1))
    .wallets(40)
    .transactionsWith((txs) => txs.rate(5))
    .daWith((da) => da.channelRate(2).blobRate(1))
    .withRunDuration("40s")
    .build();
  const run = await runVirtually(plan, {
    seed: "split",
    profile: "fast",
    tampering: {
      begin(network, _cluster, clock) {
        clock.at(4_000, () =>
          network.partition([
            ["validator-0", "validator-1"],
            ["validator-2", "executor-0"],
          ]),
        );
        clock.at(5_500, () => network.heal());
      },
    },
  });
  const inclusion = judged(run, "transaction-inclusion");
  assert.ok(Number(inclusion.figures.inAbandonedBlocks) > 0, "the partition abandoned no block");
  assert.equal(inclusion.figures.includedPercent, 100, inclusion.summary);
  assert.equal(judged(run, "agreement").outcome, "passed");
  const blobs = judged(run, "data-availability").figures;
  assert.equal(blobs.includedPercent, 100);
});

test("a refused transaction goes to another node; one that all refuse is counted, and named with their reasons", async () => {
  const seen = new Set<unknown>();
  const run = await runVirtually(transfers("refusals").build(), {
    seed: "refusals",
    profile: "fast",
    tampering: {
      submit(node, tx) {
        if (node === "validator-1") return { accepted: false, status: 500, reason: "Mempool is full" };
        seen.add(tx);
        return seen.size % 20 === 0 ? { accepted: false, status: 500, reason: "not today" } : null;
      },
    },
  });
  const refusals = ofType(run.events, "tx.refused");
  assert.ok(refusals.some(({ node, final }) => node === "validator-1" && !final));
  assert.equal(judged(run, "transaction-inclusion").figures.refused, 0, "every refusal found another node");
  assert.equal(run.verdict, "passed", run.why);
});

test("a silent node stalls neither the generator nor the transactions", async () => {
  const run = await runVirtually(transfers("silence").build(), {
    seed: "silence",
    profile: "fast",
    tampering: { submit: (node) => (node === "validator-1" ? "silence" : null) },
  });
  const { figures } = judged(run, "transaction-inclusion");
  assert.equal(figures.started, Number(figures.planned) - Number(figures.missed));
  const starts = ofType(run.events, "tx.submitted").filter(
    ({ n }, i, all) => all.findIndex((other) => other.n === n) === i,
  );
  assert.ok(
    starts.every(({ t, intended }) => t - intended <= 250),
    "a start waited for the silent node",
  );
  assert.equal(figures.includedPercent, 100);
});

test("a node that dies by itself fails the run by its name, and what only it had accepted is offered again", async () => {
  const run = await runVirtually(transfers("death").build(), {
    seed: "death",
    profile: "fast",
    tampering: {
      begin: (_network, cluster, clock) =>
        clock.at(4_300, () => cluster.end("validator-2", false, "SIGSEGV, not by us")),
    },
  });
  assert.equal(run.verdict, "failed");
  assert.match(run.why, /validator-2 ended without a fault of ours/);
  assert.equal(judged(run, "transaction-inclusion").outcome, "passed", judged(run, "transaction-inclusion").summary);
});

test("holders of missing and corrupt shares are named, and enough good ones give the blob back", async () => {
  const plan = scenario("shares")
    .topologyWith((t) => t.networkStar().validators(3).executors(1))
    .daWith((da) => da.channelRate(2).blobRate(2))
    .withRunDuration("20s");
  const run = await runVirtually(plan.build(), {
    seed: "shares",
    profile: "fast",
    tampering: {
      share: (node, share) =>
        node === "validator-1" ? { ...share, column: share.column.map((byte) => byte ^ 1) } : share,
    },
  });
  const { outcome, summary, findings, figures } = judged(run, "data-availability");
  assert.equal(outcome, "failed");
  assert.match(summary, /shares lost or spoilt by validator-1 \(at most 0 % allowed\)/);
  assert.equal(figures.readBack, figures.included);
  assert.match(findings[0] ?? "", /^validator-1: corrupt, \d+ of its shares/);
});

test("a dispersal whose answer never comes is known by the chain", async () => {
  const plan = scenario("unanswered")
    .topologyWith((t) => t.networkStar().validators(2).executors(1))
    .daWith((da) => da.channelRate(2).blobRate(2))
    .withRunDuration("20s");
  const run = await runVirtually(plan.build(), {
    seed: "unanswered",
    profile: "fast",
    tampering: { swallowDispersed: () => true },
  });
  const { outcome, summary, figures } = judged(run, "data-availability");
  assert.equal(outcome, "passed", summary);
  assert.equal(figures.dispersed, figures.sent);
});
