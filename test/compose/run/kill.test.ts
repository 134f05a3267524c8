import test from "node:test";
import { killGuardianFirst, killRunner, killWhenThereIs } from "./kill-series.ts";

/** More where nobody waits for the result: `scripts/soak compose-kills`. */
const RUNNER_KILLS = Number(process.env["NOMOS_RUN_TEST_KILLS"] ?? 5);
const GUARDIAN_KILLS = 1;

test("a run in containers that is killed at a random moment leaves nothing", async (t) => {
  for (let n = 0; n < RUNNER_KILLS; n++) await t.test(`kill ${n}`, (inner) => killRunner(inner, n));
});

for (const kind of ["network", "container"] as const) {
  test(`a run that is killed when its first ${kind} is there leaves nothing`, (t) => killWhenThereIs(t, kind));
}

test("what a run leaves in the engine whose guardian was killed first is listed and cleaned", async (t) => {
  for (let n = 0; n < GUARDIAN_KILLS; n++) await t.test(`kill ${n}`, (inner) => killGuardianFirst(inner, n));
});
