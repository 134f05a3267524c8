import assert from "node:assert/strict";
import test from "node:test";
import { digestOf } from "../../lib/core/canonical-json.ts";
import { lockPlan, type PlanLock, readLock } from "../../lib/plan/lock.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import chaos from "../../scenarios/chaos.scenario.ts";
import { registry } from "./registry.ts";

const { plan, digest } = resolve(chaos, { drawnSeed: "7" }, registry);
const environment = { build: "0.1.0+abc", scenarioDigest: "sha256:00" };

/** A lock as it is read from a file, with a change to it. */
function stored(change: (lock: PlanLock & { plan: Record<string, unknown> }) => void): unknown {
  const lock = JSON.parse(JSON.stringify(lockPlan(plan, environment)));
  change(lock);
  return lock;
}

test("a lock reads back as it was written, and its environment is outside the digest", () => {
  const lock = lockPlan(plan, environment);
  assert.equal(lock.digest, digest);
  assert.equal(lockPlan(plan, { build: "other", scenarioDigest: null }).digest, digest);
  assert.deepEqual(readLock(JSON.parse(JSON.stringify(lock)), "plan.lock.json"), lock);
});

test("an altered plan is refused", () => {
  const altered = stored(({ plan }) => {
    plan["seed"] = "8";
  });
  assert.throws(() => readLock(altered, "runs/1/plan.lock.json"), {
    code: "NR-PLAN-LOCK-ALTERED",
    at: "runs/1/plan.lock.json",
    message: /^the plan has the digest blake2b-256:[0-9a-f]{64}, and its lock says blake2b-256:[0-9a-f]{64}$/,
  });
});

test("what is no lock is refused", () => {
  for (const [value, message] of [
    [null, "this is no plan lock: it is null, and Object was expected"],
    [{ plan, digest }, 'this is no plan lock: environment is undefined, and "environment" was expected'],
    [{ plan: { v: 2 }, digest: digestOf({ v: 2 }), environment }, "this is no plan lock: v is 2, and 1 was expected"],
  ] as const) {
    assert.throws(() => readLock(value, "file"), { code: "NR-PLAN-LOCK-FOREIGN", message });
  }
  const newer = { ...plan, invented: true };
  assert.throws(() => readLock({ plan: newer, digest: digestOf(newer), environment }, "file"), {
    code: "NR-PLAN-LOCK-FOREIGN",
    message: "the plan has fields that this version doesn't know",
  });
});
