import assert from "node:assert/strict";
import test from "node:test";
import { killSeries } from "./harness.ts";

test("100 runners killed at random moments leave nothing", async (t) => {
  const seed = "kill-series";
  const { booted, slowestMs } = await killSeries({ count: 100, parallel: 6, seed });
  t.diagnostic(`${booted} of 100 had booted; the slowest clean-up took ${slowestMs.toFixed(0)} ms`);
  assert.ok(booted >= 30, `only ${booted} of 100 were killed after their boot`);
});
