import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { SELFTEST_CASES } from "../../lib/cli/selftest/cases.ts";
import { nomosRun, scratch } from "../support/program.ts";
import { selftest, wrong } from "./run-selftest.ts";

test("every misbehaviour is caught by the expectation that is listed, and healthy networks raise nothing", async (t) => {
  const cwd = scratch(t);
  const { code, passed, cases } = await selftest(t, cwd);
  assert.deepEqual(wrong(cases), []);
  assert.deepEqual([code, passed], [0, true]);
  assert.deepEqual(
    cases.map(({ name, expected }) => [name, expected]),
    SELFTEST_CASES.map(({ name, caught }) => [name, caught?.expectation ?? null]),
  );

  // What was recorded is judged the same again, by another process.
  const runs = new Map(cases.map(({ name, runId }) => [name, runId]));
  assert.equal(readdirSync(join(cwd, ".nomos-run/runs")).length, SELFTEST_CASES.length);
  for (const [name, expected] of [
    ["drop-transactions", 1],
    ["equivocate", 1],
    ["serve-old-tip", 1],
    ["corrupt-shares", 1],
    ["healthy-under-faults", 0],
  ] as const) {
    const again = await nomosRun(t, ["recheck", runs.get(name) ?? "", "--json"], { cwd });
    assert.equal(again.code, expected, name);
    assert.deepEqual(JSON.parse(again.stdout).changed, [], name);
  }
});
