import assert from "node:assert/strict";
import test from "node:test";
import { BUILT_IN_EXPECTATIONS } from "../../lib/expectations/built-in.ts";
import type { RunEvent } from "../../lib/model/events.ts";
import { referenceKind } from "../../lib/nodes/reference/kind.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { recheck } from "../../lib/run/recheck.ts";
import { runVirtually } from "../support/virtual-run.ts";

test("a workload that ignores its signal is recorded as abandoned, and the run is inconclusive and names it", async () => {
  const late = Promise.withResolvers<void>();
  const plan = scenario("stubborn")
    .topologyWith((t) => t.validators(1))
    .withWorkload({ name: "stubborn", start: () => late.promise })
    .withRunDuration("40s")
    .build();
  const run = await runVirtually(plan, { seed: "stubborn", profile: "fast" });
  late.resolve();
  assert.equal(run.verdict, "inconclusive");
  assert.match(run.why, /^workload stubborn was abandoned: it did not stop within 30s of the end of the drive/);
  const ended = run.events.filter((event) => event.type === "workload.ended");
  assert.deepEqual(
    ended.map(({ workload, outcome }) => [workload, outcome]),
    [["stubborn", "cancelled"]],
  );

  const { verdict, why } = run;
  const last = run.events.at(-1) as RunEvent;
  const recorded = { v: 1, seq: last.seq + 1, t: last.t, type: "run.verdict", verdict, why } as const;
  const again = recheck({
    plan: run.plan,
    events: [...run.events, recorded],
    registry: {
      deployers: new Map(),
      nodeKinds: new Map([[referenceKind.name, referenceKind]]),
      workloads: new Map(),
      expectations: BUILT_IN_EXPECTATIONS,
      tasks: new Map(),
    },
    customs: { workloads: new Map(), expectations: new Map() },
  });
  assert.deepEqual([again.verdict, again.why], [verdict, why]);
});
