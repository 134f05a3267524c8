import assert from "node:assert/strict";
import test from "node:test";
import { scratch } from "../support/program.ts";
import { selftest, wrong } from "./run-selftest.ts";

test("on real processes too", async (t) => {
  const { code, cases } = await selftest(t, scratch(t), "equivocate", "lie-about-height", "--deployer", "local");
  assert.deepEqual(wrong(cases), []);
  assert.equal(code, 0);
});
