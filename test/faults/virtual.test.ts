import assert from "node:assert/strict";
import test from "node:test";
import { createSharedMemo } from "../../lib/devnet/machine/shared-memo.ts";
import type { NodeControl } from "../../lib/model/cluster.ts";
import type { ChaosBuilder } from "../../lib/plan/builder/chaos.ts";
import { type ScenarioBuilder, scenario } from "../../lib/plan/builder/scenario.ts";
import { leaders } from "../../lib/plan/builder/targets.ts";
import { runVirtually } from "../support/virtual-run.ts";

const memo = createSharedMemo();
const nothing = async () => undefined;
const at = "6s";
const held = { at, for: "6s" } as const;

/** What stands in for the calls of a fault so that they do nothing, or not what they should. */
type Idle = (control: NodeControl) => Partial<NodeControl>;
const idle = (...calls: readonly (keyof NodeControl)[]): Idle => {
  return () => Object.fromEntries(calls.map((call) => [call, nothing]));
};

/** Every fault, the ways in which it may come to nothing, and how long it takes to heal. */
const FAULTS: readonly {
  readonly what: string;
  readonly make: (chaos: ChaosBuilder) => ChaosBuilder;
  readonly idle: Readonly<Record<string, Idle>>;
  readonly seconds?: number;
}[] = [
  {
    what: "restart",
    make: (c) => c.restart({ at, targets: "validator-1" }),
    idle: { "the process stays": idle("restart") },
  },
  {
    what: "rolling restart",
    make: (c) => c.rollingRestart({ at, targets: ["validator-1", "validator-2"], pause: "1s" }),
    idle: { "the processes stay": idle("restart") },
    seconds: 40,
  },
  { what: "stop", make: (c) => c.stop(held), idle: { "the process stays": idle("stop", "start") } },
  {
    what: "kill",
    make: (c) => c.kill({ ...held, targets: leaders() }),
    idle: { "the process stays": idle("kill", "start") },
  },
  { what: "pause", make: (c) => c.pause(held), idle: { "it goes on": idle("pause", "resume") } },
  {
    what: "wipe",
    make: (c) => c.wipe(held),
    idle: { "nothing happens": idle("stop", "wipe", "start"), "only the deletion is left out": idle("wipe") },
  },
  {
    what: "join",
    make: (c) => c.join({ at, targets: "validator-3" }),
    idle: { "it isn't started": idle("start") },
  },
  {
    what: "partition",
    make: (c) => c.partition(held),
    idle: {
      "nothing is cut": idle("setLinks"),
      "one link is left": (control) => {
        const real = control.setLinks.bind(control);
        return { setLinks: (conditions, signal) => real(conditions.slice(2), signal) };
      },
      "it is a delay": (control) => {
        const real = control.setLinks.bind(control);
        return {
          setLinks: (conditions, signal) =>
            real(
              conditions.map((one) => ({ ...one, loss: 0, delayMs: 300 })),
              signal,
            ),
        };
      },
    },
  },
  {
    what: "one-way partition",
    make: (c) => c.partition({ ...held, targets: "validator-2", oneWay: true }),
    idle: { "nothing is cut": idle("setLinks") },
  },
  {
    what: "delay",
    make: (c) => c.delay({ ...held, delay: "200ms", jitter: "50ms" }),
    idle: { "nothing is slow": idle("setLinks") },
  },
  {
    what: "delay below the links' own",
    make: (c) => c.delay({ ...held, delay: "8ms" }),
    idle: { "nothing is slow": idle("setLinks") },
  },
  { what: "loss", make: (c) => c.loss({ ...held, loss: 0.2 }), idle: { "nothing is lost": idle("setLinks") } },
  {
    what: "total loss",
    make: (c) => c.loss({ ...held, loss: 1, targets: "validator-1" }),
    idle: { "nothing is lost": idle("setLinks") },
  },
  {
    what: "clock ahead",
    make: (c) => c.clockOffset({ at, for: "4s", offset: "8s" }),
    idle: { "the clock is right": idle("setClockOffset") },
    seconds: 32,
  },
  {
    what: "clock behind",
    make: (c) => c.clockOffset({ at, for: "6s", offset: "-4s" }),
    idle: { "the clock is right": idle("setClockOffset") },
    seconds: 30,
  },
];

function written(faults: (chaos: ChaosBuilder) => ChaosBuilder, seconds = 26, also = (s: ScenarioBuilder) => s) {
  return also(
    scenario("fault")
      .topologyWith((t) => t.networkFull().validators(4))
      .enableNodeControl()
      .chaosWith(faults)
      .withRunDuration(seconds * 1_000),
  ).build();
}

for (const { what, make, idle: ways, seconds } of FAULTS) {
  test(`${what}: seen to take effect, and healed`, async () => {
    const run = await runVirtually(written(make, seconds), { seed: "fault", memo });
    const steps = run.events.flatMap(({ type }) => (type.startsWith("fault.") ? [type] : []));
    const rounds = steps.filter((step) => step === "fault.started").length;
    assert.deepEqual(
      steps.filter((step) => step !== "fault.ended" && step !== "fault.planned"),
      Array.from({ length: rounds }, () => ["fault.started", "fault.effective", "fault.healed"]).flat(),
      JSON.stringify(run.events.filter(({ type }) => type.startsWith("fault."))),
    );
    assert.equal(rounds, steps.filter((step) => step === "fault.planned").length);
    assert.equal(run.verdict, "passed", run.why);
  });

  for (const [how, tampered] of Object.entries(ways)) {
    test(`${what}: where ${how}, nothing is seen and the run is inconclusive`, async () => {
      const begin = (_: unknown, cluster: { control: NodeControl }) =>
        void Object.assign(cluster.control, tampered(cluster.control));
      const run = await runVirtually(written(make, seconds), { seed: "fault", memo, tampering: { begin } });
      const seen = run.events.flatMap((event) => (event.type === "fault.effective" ? [event.seen] : []));
      assert.equal(run.verdict, "inconclusive", `${run.why}; ${seen.join()}`);
      assert.deepEqual(seen, []);
      assert.ok(run.events.some(({ type }) => type === "fault.ineffective"));
    });
  }
}

test("join: where the node came with the others, nothing is seen and the run is inconclusive", async () => {
  const run = await runVirtually(
    written((c) => c.join({ at, targets: "validator-3" })),
    { seed: "early", memo, tampering: { begin: (_, cluster) => void cluster.control.start("validator-3") } },
  );
  assert.equal(run.verdict, "inconclusive", run.why);
  assert.ok(run.events.some(({ type }) => type === "fault.ineffective"));
});

test("a cut that outlives finality comes to two final blocks of one height, is judged by that, and ends as soon as all go on", async () => {
  const cut = (chaos: ChaosBuilder) => chaos.partition({ at, for: "60s", groups: [["validator-0", "validator-1"]] });
  const run = await runVirtually(
    written(cut, 84, (s) => s.expectDivergence()),
    { seed: "divergence", memo },
  );
  const judged = run.expectations.find(({ kind }) => kind === "divergence");
  assert.equal(judged?.outcome, "passed", judged?.summary);
  const healed = run.events.find((event) => event.type === "stage.ended" && event.stage === "heal");
  const began = run.events.find((event) => event.type === "stage.started" && event.stage === "heal");
  const took = (healed?.t ?? Number.POSITIVE_INFINITY) - (began?.t ?? 0);
  assert.ok(took < 15_000, `heal took ${took} ms`);
  const apart = (chaos: ChaosBuilder) => chaos.partition(held);
  const short = await runVirtually(
    written(apart, 26, (s) => s.expectDivergence()),
    { seed: "divergence", memo },
  );
  assert.equal(short.expectations.find(({ kind }) => kind === "divergence")?.outcome, "inconclusive");
});

test("a rolling restart takes one node after the other", async () => {
  const run = await runVirtually(
    written((c) => c.rollingRestart({ at: "4s", pause: "2s" }), 60),
    { seed: "rolling", memo },
  );
  assert.equal(run.verdict, "passed", run.why);
  const open = run.events.flatMap(({ type }) => (type === "fault.started" ? [1] : type === "fault.healed" ? [-1] : []));
  assert.deepEqual(open, [1, -1, 1, -1, 1, -1, 1, -1]);
});
