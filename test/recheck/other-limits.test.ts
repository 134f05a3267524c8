import assert from "node:assert/strict";
import test from "node:test";
import { RefusedPlan } from "../../lib/plan/problem.ts";
import { withOtherLimits } from "../../lib/plan/recheck-sets.ts";
import { pieceOf, planOf } from "../support/recording.ts";

const rules = [{ pattern: "panic", flags: "", must: false, nodes: null }];
const plan = planOf(
  { validators: 2, executors: 0 },
  { expectations: [pieceOf("logs", { rules }), pieceOf("liveness", { falseAlarm: 1e-6, power: 0.95 })] },
);
const judgedBy = (path: string, value: string) =>
  withOtherLimits(plan, [{ path, value, at: `--set ${path}=${value}` }]).expectations;

test("what was searched for can't be changed once nodes are gone, whether it had to be there can", () => {
  for (const [path, value] of [
    ["expectations.logs.rules.0.pattern", "error"],
    ["expectations.0.options.rules.0.nodes", "[]"],
    ["expectations.logs.rules", "[]"],
  ] as const) {
    assert.throws(
      () => judgedBy(path, value),
      (thrown) =>
        thrown instanceof RefusedPlan && /logs were searched while the run had its nodes/.test(thrown.message),
      path,
    );
  }
  const [logs] = judgedBy("expectations.logs.rules.0.must", "true");
  assert.deepEqual(logs?.options["rules"], [{ ...rules[0], must: true }]);
});

test("a limit is found by the expectation's name and by its position", () => {
  assert.equal(judgedBy("expectations.liveness.power", "0.5")[1]?.options["power"], 0.5);
  assert.equal(judgedBy("expectations.1.options.power", "0.5")[1]?.options["power"], 0.5);
});
