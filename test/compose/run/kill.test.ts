import assert from "node:assert/strict";
import test from "node:test";
import { thingsInEngine } from "./engine-world.ts";
import { killGuardianFirst, killRunner, killWhenThereIs, killWhileImageIsMade } from "./kill-series.ts";

/** More where nobody waits for the result: `scripts/soak compose-kills`. */
const RUNNER_KILLS = Number(process.env["NOMOS_RUN_TEST_KILLS"] ?? 5);
const GUARDIAN_KILLS = 1;

test("a run in containers that is killed at a random moment leaves nothing", async (t) => {
  const ids: string[] = [];
  for (let n = 0; n < RUNNER_KILLS; n++) {
    await t.test(`kill ${n}`, async (inner) => void ids.push((await killRunner(inner, n)) ?? "none"));
  }
  // What was under way when a run was swept is there by now.
  for (const id of ids) assert.deepEqual(await thingsInEngine(id), []);
});

for (const kind of ["network", "container"] as const) {
  test(`a run that is killed when its first ${kind} is there leaves nothing`, (t) => killWhenThereIs(t, kind));
}

test("a run that is killed while its image is being made leaves nothing, no half of an image either", (t) =>
  killWhileImageIsMade(t));

test("what a run leaves in the engine whose guardian was killed first is listed and cleaned", async (t) => {
  for (let n = 0; n < GUARDIAN_KILLS; n++) await t.test(`kill ${n}`, (inner) => killGuardianFirst(inner, n));
});
