import assert from "node:assert/strict";
import test from "node:test";
import * as v from "valibot";
import { CAPABILITIES } from "../../lib/model/capability.ts";
import type { ChaosBuilder } from "../../lib/plan/builder/chaos.ts";
import { type ScenarioBuilder, scenario } from "../../lib/plan/builder/scenario.ts";
import { all, leaders, majority, minority, one } from "../../lib/plan/builder/targets.ts";
import { ChaosOptionsSchema } from "../../lib/plan/chaos-options.ts";
import { faultSchedule } from "../../lib/plan/faults/schedule.ts";
import { RefusedPlan } from "../../lib/plan/problem.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import { registry as limited } from "./registry.ts";

const local = { name: "local", capabilities: () => CAPABILITIES, needsNodes: [] };
const sim = { ...local, name: "sim" };
const registry = { ...limited, deployers: new Map([local, sim].map((deployer) => [deployer.name, deployer])) };

interface Setting {
  readonly validators?: number;
  readonly k?: number;
  readonly star?: boolean;
  readonly deployer?: string;
  readonly also?: (written: ScenarioBuilder) => ScenarioBuilder;
}

function planned(
  faults: (chaos: ChaosBuilder) => ChaosBuilder,
  { validators = 5, k = 10, star, deployer = "local", also }: Setting = {},
) {
  const written = scenario("faults")
    .topologyWith((t) => (star ? t.networkStar() : t.networkFull()).validators(validators).securityParam(k))
    .enableNodeControl()
    .chaosWith(faults)
    .withRunDuration("300s");
  return resolve((also?.(written) ?? written).build(), { drawnSeed: "7", deployer }, registry);
}

/** `CODE message | hint` of each problem. */
function refusals(faults: (chaos: ChaosBuilder) => ChaosBuilder, setting?: Setting): string[] {
  try {
    planned(faults, setting);
    return [];
  } catch (thrown) {
    assert.ok(thrown instanceof RefusedPlan, String(thrown));
    return thrown.problems.map(({ code, message, hint }) => `${code} ${message} | ${hint}`);
  }
}

const at = "20s";

test("a cut may last as long as finality bears, and the refusal says how long", () => {
  const cut = (seconds: number) => (chaos: ChaosBuilder) =>
    chaos.partition({ at, for: seconds * 1_000, groups: [["validator-0", "validator-1"]] });
  assert.deepEqual(refusals(cut(12)), []);
  const [text, ...others] = refusals(cut(14));
  assert.deepEqual(others, []);
  assert.match(
    text ?? "",
    /^NR-PLAN-PARTITION a partition 2\/3 for 7 slots \(14s\) outlives finality: .*k 10 blocks .* \| Use at most 6 slots \(12s\), .*expectDivergence/,
  );
  assert.deepEqual(refusals(cut(84), { k: 40 }), []);
  assert.match(refusals(cut(86), { k: 40 })[0] ?? "", /Use at most 42 slots \(84s\)/);
  assert.deepEqual(refusals(cut(60), { also: (s) => s.expectDivergence() }), []);
  const { plan } = planned(cut(60), { also: (s) => s.expectDivergence() });
  const names = plan.expectations.map(({ name }) => name);
  assert.ok(names.includes("divergence") && !names.includes("agreement"), names.join());
});

test("a star without its hub, and a chain without a middle node, count as partitions, with the time to be back", () => {
  const stop = (seconds: number) => (c: ChaosBuilder) => c.stop({ at, for: seconds * 1_000, targets: "validator-0" });
  assert.deepEqual(refusals(stop(11), { star: true }), []);
  assert.deepEqual(refusals(stop(40)), [], "a mesh holds together");
  const [text, ...others] = refusals(stop(40), { star: true });
  assert.deepEqual(others, []);
  assert.match(
    text ?? "",
    /^NR-PLAN-PARTITION without validator-0 the star falls apart: sides 1\/1\/1\/1 for 22 slots \(43s, 3s to be back counted\) outlives finality: .* in 76.2 % of such runs.* \| Use at most 7 slots \(11s\), networkFull\(\), other targets, .*expectDivergence/,
  );
  assert.deepEqual(refusals(stop(40), { star: true, also: (s) => s.expectDivergence() }), []);
  assert.deepEqual(refusals(stop(40), { star: true, k: 100 }), []);
  const star = { star: true } as const;
  const kinds: readonly [RegExp, (c: ChaosBuilder) => ChaosBuilder][] = [
    [/for 20 slots \(40s\) outlives/, (c) => c.pause({ at, for: "40s", targets: "validator-0" })],
    [/for 22 slots/, (c) => c.kill({ at, for: "40s", targets: leaders() })],
    [/for 22 slots/, (c) => c.wipe({ every: "60s", for: "40s", targets: ["validator-0"] })],
  ];
  for (const [pattern, faults] of kinds) assert.match(refusals(faults, star).join(), pattern);
  assert.deepEqual(
    refusals((c) => c.kill({ at, for: "40s", targets: "validator-1" }), star),
    [],
    "a leaf is nobody's way",
  );
  assert.match(
    refusals((c) => c.restart({ at, targets: "validator-0" }), { star: true, k: 3 })[0] ?? "",
    /NR-PLAN-PARTITION/,
  );
  const random = refusals((c) => c.restart({ minDelay: "10s", maxDelay: "20s", targetCooldown: "10s" }), {
    star: true,
    k: 3,
  });
  assert.match(random[0] ?? "", /^NR-PLAN-PARTITION without validator-0 the star falls apart/);
});

test("heavy loss is warned of, with what it may come to", () => {
  const warnings = (loss: number, setting?: Setting) =>
    planned((c) => c.loss({ at, for: "60s", loss }), setting).warnings.map(
      ({ message, hint }) => `${message} | ${hint}`,
    );
  // Of 20 simulated runs each, agreement failed in 20 at 0.9, 14 at 0.7 and 1 at 0.5.
  assert.match(
    warnings(0.7, { star: true }).join(),
    /^a loss of 70 % for 30 slots \(60s\) may keep nodes apart .*: validator-1 catches up with the others in 2.7 % of the slots, and agreement at k 10 fails in about 100 % of such runs \| Use a loss of at most 0.23/,
  );
  assert.match(warnings(0.5, { star: true }).join(), /about 27.2 % of such runs/);
  assert.deepEqual(warnings(0.2, { star: true }), []);
  assert.deepEqual(warnings(0.4), [], "a mesh has more ways");
  assert.deepEqual(warnings(0.7, { star: true, k: 100 }), []);
});

test("leaders are a choice for every fault", () => {
  const faults: readonly ((c: ChaosBuilder) => ChaosBuilder)[] = [
    (c) => c.partition({ at, for: "8s", targets: leaders() }),
    (c) => c.clockOffset({ at, for: "4s", offset: "6s", targets: leaders() }),
    (c) => c.loss({ at, loss: 1, for: "8s", targets: leaders() }),
  ];
  for (const fault of faults) assert.deepEqual(refusals(fault), []);
  const long = refusals((c) => c.partition({ at, for: "60s", targets: leaders() }));
  assert.match(long[0] ?? "", /^NR-PLAN-PARTITION a partition 4\/1 for 30 slots/);
});

test("faults that name sides or links hit those, and nobody else", () => {
  const { plan } = planned((c) => c.restart({ at }));
  const faults = [
    { kind: "partition", atMs: 10_000, groups: [["validator-3"], ["validator-0", "validator-1"]] },
    { kind: "loss", atMs: 20_000, loss: 0.1, links: [["validator-2", "validator-4"]] },
  ];
  const schedule = faultSchedule(plan, "chaos", v.parse(ChaosOptionsSchema, { faults }));
  assert.deepEqual(
    schedule.map(({ targets }) => targets),
    [
      ["validator-3", "validator-0", "validator-1"],
      ["validator-2", "validator-4"],
    ],
  );
});

test("what no fault can be is refused with figures", () => {
  const cases: readonly [RegExp, (chaos: ChaosBuilder) => ChaosBuilder, Setting?][] = [
    [/^NR-PLAN-DELAYS pause doesn't say when \| Give it at/, (c) => c.pause({})],
    [/^NR-PLAN-DELAYS .* holds for 10s and begins again after 5s/, (c) => c.kill({ every: "5s" })],
    [
      /^NR-PLAN-DELAYS minDelay 9s is longer than maxDelay 8s/,
      (c) => c.kill({ for: "1s", minDelay: "9s", maxDelay: "8s" }),
    ],
    [/^NR-PLAN-DELAYS .*don't go together/, (c) => c.kill({ minDelay: "9s" })],
    [
      /^NR-PLAN-NO-TARGET stop names "validator-9".* \| Did you mean validator-/,
      (c) => c.stop({ at, targets: "validator-9" }),
    ],
    [/^NR-PLAN-NO-TARGET .* for a role that no node/, (c) => c.stop({ at, targets: one("executor") })],
    [
      /^NR-PLAN-QUORUM stop takes up to 2 nodes away at once, and at most 1/,
      (c) => c.stop({ at, targets: minority() }),
    ],
    [
      /^NR-PLAN-QUORUM pause of 5 nodes leaves 0 % of the stake up/,
      (c) => c.maxUnavailable(5).pause({ at, targets: all() }),
    ],
    [
      /^NR-PLAN-QUORUM .*of validator-0 leaves 50 % of the stake up/,
      (c) => c.rollingRestart({ at }),
      { validators: 2 },
    ],
    [
      /^NR-PLAN-QUORUM .* only 40 % of the stake is there at the start/,
      (c) => c.join({ at, targets: ["validator-2", "validator-3", "validator-4"] }),
    ],
    [
      /^NR-PLAN-IMPOSSIBLE without validator-0 the star falls apart/,
      (c) => c.join({ at, targets: "validator-0" }),
      { star: true },
    ],
    [
      /^NR-PLAN-VALUE validator-0 is on two sides/,
      (c) => c.partition({ at, groups: [["validator-0"], ["validator-0"]] }),
    ],
    [/^NR-PLAN-VALUE the partition of these 5 nodes has one side only/, (c) => c.partition({ at, targets: all() })],
    [
      /^NR-PLAN-IMPOSSIBLE messages are up to 2.1s under way, a slot is 2s/,
      (c) => c.delay({ at, delay: "2s", jitter: "100ms" }),
    ],
    [/^NR-PLAN-VALUE delay\(|^NR-PLAN-VALUE delay needs delay/, (c) => c.delay({ at } as never)],
    [/^NR-PLAN-VALUE loss loss: 0 is no probability/, (c) => c.loss({ at, loss: 0 })],
    [/^NR-PLAN-VALUE clockOffset needs offset/, (c) => c.clockOffset({ at } as never)],
    [
      /^NR-PLAN-IMPOSSIBLE a clock 1s off can't be seen in slots of 2s/,
      (c) => c.clockOffset({ at, for: "2s", offset: "-1s" }),
    ],
    [
      /^NR-PLAN-PARTITION clocks that far apart 1\/4 for \d+ slots/,
      (c) => c.clockOffset({ at, for: "100s", offset: "6s" }),
    ],
    [/^NR-PLAN-IMPOSSIBLE stop at 290s doesn't fit into 5m: it takes 23s/, (c) => c.stop({ at: "290s" })],
    [/^NR-PLAN-IMPOSSIBLE kill begins after the run's 5m/, (c) => c.kill({ every: "400s" })],
    [/^NR-PLAN-OPTION pause has no option "fro" \| Did you mean for\?/, (c) => c.pause({ at, fro: "2s" } as never)],
    [
      /^NR-PLAN-VALUE stop targets: .* is no choice of nodes/,
      (c) => c.stop({ at, targets: { pick: "some" } as never }),
    ],
    [/^NR-PLAN-VALUE partition groups: .* is no list of sides/, (c) => c.partition({ at, groups: [] })],
    [
      /^NR-PLAN-VALUE delay links: .* is no list of links/,
      (c) => c.delay({ at, delay: "1s", links: [["validator-0"]] as never }),
    ],
    [
      /^NR-PLAN-IMPOSSIBLE 2 delays hold at once at 25s and add up: messages are up to 2.2s under way, a slot is 2s/,
      (c) => c.delay({ at, for: "10s", delay: "1200ms" }).delay({ at: "25s", for: "10s", delay: "1s" }),
    ],
    [
      /^NR-PLAN-IMPOSSIBLE there is no link between validator-1 and validator-2 in a star network \| validator-1 has links to validator-0/,
      (c) => c.loss({ at, loss: 0.1, links: [["validator-1", "validator-2"]] }),
      { star: true },
    ],
    [
      /^NR-PLAN-IMPOSSIBLE kill names validator-4 at 20s, and validator-4 joins at 30s \| Let it begin after 30s/,
      (c) => c.kill({ at, targets: "validator-4" }).join({ at: "30s", targets: "validator-4" }),
    ],
    [/^NR-CORE-DURATION stop for: "soon" is not a duration/, (c) => c.stop({ at, for: "soon" as never })],
  ];
  for (const [pattern, faults, setting] of cases) {
    const found = refusals(faults, setting);
    assert.equal(found.length, 1, `${pattern}: ${found.join("\n")}`);
    assert.match(found[0] ?? "", pattern);
  }
});

test("schedules follow from the seed, keep their times, and an entry more shifts no other's draws", () => {
  const schedule = (faults: object[], seed = "a") => {
    const { plan } = planned((c) => c.restart({ at }));
    return faultSchedule({ ...plan, seed }, "chaos", v.parse(ChaosOptionsSchema, { faults }));
  };
  const kill = { kind: "kill", minDelayMs: 20_000, maxDelayMs: 40_000 };
  const cut = { kind: "partition", everyMs: 50_000, forMs: 5_000 };
  assert.deepEqual(schedule([kill, cut]), schedule([kill, cut]));
  assert.notDeepEqual(schedule([kill]), schedule([kill], "b"));
  const times = (list: ReturnType<typeof schedule>, kind: string) =>
    list.filter((fault) => fault.kind === kind).map((fault) => [fault.at, fault.targets]);
  assert.deepEqual(times(schedule([kill, cut]), "kill"), times(schedule([kill]), "kill"));
  assert.deepEqual(
    times(schedule([cut]), "partition").map(([when]) => when),
    [50_000, 100_000, 150_000, 200_000, 250_000],
  );
  const sizes = (pick: object) =>
    schedule([{ kind: "partition", everyMs: 20_000, targets: pick }]).map((f) => f.targets.length);
  assert.deepEqual([...new Set(sizes(minority()))], [2]);
  assert.deepEqual([...new Set(sizes(majority()))], [3]);
  assert.deepEqual([...new Set(sizes(leaders()))], [0], "the run chooses");
  const rolling = schedule([{ kind: "rolling-restart", atMs: 10_000 }]);
  assert.deepEqual(
    rolling.map(({ targets }) => targets[0]),
    [0, 1, 2, 3, 4].map((i) => `validator-${i}`),
  );
  assert.deepEqual(
    rolling.map(({ follows }) => follows?.fault),
    [undefined, "chaos 1", "chaos 2", "chaos 3", "chaos 4"],
  );
});

test("equal seeds give equal schedules on every backend, and every choice of targets is what it says", () => {
  const every = "40s";
  const faults = (c: ChaosBuilder) =>
    c
      .maxUnavailable(2)
      .stop({ every, for: "5s", targets: one("validator") })
      .kill({ minDelay: "30s", maxDelay: "60s", for: "5s", targets: minority() })
      .partition({ every, for: "8s", targets: majority() })
      .delay({ every, for: "5s", delay: "100ms", targets: all() })
      .pause({ every, for: "5s", targets: leaders() })
      .rollingRestart({ at: "10s" })
      .restart({ minDelay: "10s", maxDelay: "20s", targetCooldown: "20s" });
  const on = (deployer: string) => {
    const { plan } = planned(faults, { deployer });
    const chaos = plan.workloads.find(({ kind }) => kind === "chaos");
    return faultSchedule(plan, "chaos", v.parse(ChaosOptionsSchema, chaos?.options));
  };
  const schedule = on("local");
  assert.deepEqual(on("sim"), schedule);
  const sizes = (kind: string) => [
    ...new Set(schedule.filter((f) => f.options?.kind === kind).map(({ targets }) => targets.length)),
  ];
  assert.deepEqual(["stop", "kill", "partition", "delay", "pause", "rolling-restart"].map(sizes), [
    [1],
    [2],
    [3],
    [5],
    [0],
    [1],
  ]);
  assert.ok(schedule.length >= 40, `${schedule.length} faults`);
});

test("delays that follow one another, or are of other links, don't add up", () => {
  const after = refusals((c) =>
    c.delay({ at, for: "10s", delay: "1200ms" }).delay({ at: "30s", for: "10s", delay: "1s" }),
  );
  assert.deepEqual(after, []);
  const elsewhere = refusals((c) =>
    c
      .delay({ at, for: "10s", delay: "1200ms", links: [["validator-0", "validator-1"]] })
      .delay({ at, for: "10s", delay: "1s", links: [["validator-2", "validator-1"]] }),
  );
  assert.deepEqual(elsewhere, []);
});

test("blobs whose holders join late are refused", () => {
  const blobs = (s: ScenarioBuilder) =>
    s.topologyWith((t) => t.networkFull().validators(4).executors(1)).daWith((da) => da.channelRate(1).blobRate(1));
  const late = (...targets: string[]) => refusals((c) => c.join({ at, targets }), { also: blobs });
  assert.deepEqual(late("validator-3"), [], "another member of each subnetwork is there");
  assert.match(
    late("validator-2", "validator-3").join(),
    /^NR-PLAN-IMPOSSIBLE blobs are dispersed from the start of the drive, and 1 of 5 subnetworks have no member until validator-2 and validator-3 join/,
  );
  assert.match(
    late("executor-0").join(),
    /^NR-PLAN-IMPOSSIBLE .*every executor joins late: executor-0 \| Let one executor/,
  );
});

test("nodes that join late are known to the plan", () => {
  const { plan } = planned((c) => c.join({ at, targets: "validator-3" }));
  assert.deepEqual(
    plan.topology.nodes.filter(({ joinsLate }) => joinsLate).map(({ name }) => name),
    ["validator-3"],
  );
});
