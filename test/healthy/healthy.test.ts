import assert from "node:assert/strict";
import test from "node:test";
import { binomialAtMost } from "../../lib/core/statistics/binomial.ts";
import { caughtOf, HALF_SPEED, healthySeries, STALLED } from "./series.ts";

test("healthy networks of all sizes raise no alarm and make the blocks that the plan printed", async () => {
  const { runs, alarms, blocks, expected, sigma } = await healthySeries(40, "healthy");
  assert.equal(runs, 40);
  assert.deepEqual(alarms, []);
  assert.ok(Math.abs(blocks - expected) < 3 * sigma, `${blocks} blocks, ${expected} expected, sigma ${sigma}`);
});

test("a chain at half speed is caught with the stated power", async () => {
  const runs = 10;
  const { caught, power } = await caughtOf(runs, "half", HALF_SPEED);
  assert.ok(power >= 0.95, `stated power ${power}`);
  assert.ok(binomialAtMost(runs, power, caught) > 1e-3, `${caught} of ${runs} caught at a power of ${power}`);
});

test("a chain that stalls is always caught", async () => {
  assert.equal((await caughtOf(5, "stalled", STALLED)).caught, 5);
});
