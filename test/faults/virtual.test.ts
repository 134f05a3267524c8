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
const at = "12s";
const held = { at, for: "8s" } as const;

/** Every fault, and the calls that make it. */
const FAULTS: readonly [string, (chaos: ChaosBuilder) => ChaosBuilder, Partial<NodeControl>][] = [
  ["restart", (c) => c.restart({ at, targets: "validator-1" }), { restart: nothing }],
  ["stop", (c) => c.stop(held), { stop: nothing, start: nothing }],
  ["kill", (c) => c.kill({ ...held, targets: leaders() }), { kill: nothing, start: nothing }],
  ["pause", (c) => c.pause(held), { pause: nothing, resume: nothing }],
  ["wipe", (c) => c.wipe(held), { stop: nothing, wipe: nothing, start: nothing }],
  ["partition", (c) => c.partition(held), { setLinks: nothing }],
  ["one-way partition", (c) => c.partition({ ...held, targets: "validator-2", oneWay: true }), { setLinks: nothing }],
  ["delay", (c) => c.delay({ ...held, delay: "200ms", jitter: "50ms" }), { setLinks: nothing }],
  ["loss", (c) => c.loss({ ...held, loss: 0.2 }), { setLinks: nothing }],
  ["clock", (c) => c.clockOffset({ at, for: "4s", offset: "8s" }), { setClockOffset: nothing }],
  ["clock behind", (c) => c.clockOffset({ at, for: "6s", offset: "-6s" }), { setClockOffset: nothing }],
];

function written(faults: (chaos: ChaosBuilder) => ChaosBuilder, also = (s: ScenarioBuilder) => s) {
  return also(
    scenario("fault")
      .topologyWith((t) => t.networkFull().validators(4))
      .enableNodeControl()
      .chaosWith(faults)
      .withRunDuration("40s"),
  ).build();
}

for (const [what, faults, noop] of FAULTS) {
  test(`${what}: seen to take effect, healed, and nothing is seen where the call does nothing`, async () => {
    const run = await runVirtually(written(faults), { seed: "fault", memo });
    const steps = run.events.flatMap(({ type }) => (type.startsWith("fault.") ? [type] : []));
    assert.deepEqual(
      steps.filter((step) => step !== "fault.ended"),
      ["fault.planned", "fault.started", "fault.effective", "fault.healed"],
      JSON.stringify(run.events.filter(({ type }) => type.startsWith("fault."))),
    );
    assert.equal(run.verdict, "passed", run.why);

    const begin = (_: unknown, cluster: { control: NodeControl }) => void Object.assign(cluster.control, noop);
    const idle = await runVirtually(written(faults), { seed: "fault", memo, tampering: { begin } });
    const seen = idle.events.flatMap((event) => (event.type === "fault.effective" ? [event.seen] : []));
    assert.equal(idle.verdict, "inconclusive", `${idle.why}; ${seen.join()}`);
    assert.ok(idle.events.some(({ type }) => type === "fault.ineffective"));
  });
}

test("a cut that outlives finality comes to two final blocks of one height, and is judged by that", async () => {
  const cut = (chaos: ChaosBuilder) => chaos.partition({ at, for: "60s", groups: [["validator-0", "validator-1"]] });
  const run = await runVirtually(
    written(cut, (s) => s.expectDivergence().withRunDuration("90s")),
    { seed: "divergence", memo },
  );
  const judged = run.expectations.find(({ kind }) => kind === "divergence");
  assert.equal(judged?.outcome, "passed", judged?.summary);
  const apart = (chaos: ChaosBuilder) => chaos.partition({ at, for: "8s" });
  const short = await runVirtually(
    written(apart, (s) => s.expectDivergence()),
    { seed: "divergence", memo },
  );
  assert.equal(short.expectations.find(({ kind }) => kind === "divergence")?.outcome, "inconclusive");
});

test("a rolling restart takes one node after the other, and a join comes late", async () => {
  const run = await runVirtually(
    written(
      (c) => c.rollingRestart({ at: "4s", pause: "2s" }),
      (s) => s.withRunDuration("90s"),
    ),
    { seed: "rolling", memo },
  );
  assert.equal(run.verdict, "passed", run.why);
  const open = run.events.flatMap(({ type }) => (type === "fault.started" ? [1] : type === "fault.healed" ? [-1] : []));
  assert.deepEqual(open, [1, -1, 1, -1, 1, -1, 1, -1]);
  const late = await runVirtually(
    written((c) => c.join({ at: "12s", targets: "validator-3" })),
    { seed: "late", memo },
  );
  assert.equal(late.verdict, "passed", late.why);
});
