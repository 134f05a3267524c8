import test from "node:test";
import { killGuardianFirst, killRunner } from "./kill-series.ts";

/** More where nobody waits for the result. */
const RUNNER_KILLS = process.env.CI === "true" ? 25 : 10;
const GUARDIAN_KILLS = 5;

test("a run killed at a random moment leaves nothing", async (t) => {
  for (let n = 0; n < RUNNER_KILLS; n++) await t.test(`kill ${n}`, (inner) => killRunner(inner, n));
});

test("what a run leaves whose guardian was killed first is listed and cleaned", async (t) => {
  for (let n = 0; n < GUARDIAN_KILLS; n++) await t.test(`kill ${n}`, (inner) => killGuardianFirst(inner, n));
});
