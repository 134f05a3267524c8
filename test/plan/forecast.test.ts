import assert from "node:assert/strict";
import test from "node:test";
import { scenario } from "../../lib/index.ts";
import { channelsFor, sustainableBlobRate } from "../../lib/plan/blob-capacity.ts";
import { channelsOpened, sustainableTxRate, usersFor } from "../../lib/plan/capacity.ts";
import { settleSlots } from "../../lib/plan/forecast.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import chaos from "../../scenarios/chaos.scenario.ts";
import { registry } from "./registry.ts";

test("the forecast of the chaos scenario", () => {
  const { forecast } = resolve(chaos, { drawnSeed: "7" }, registry);
  assert.ok(Math.abs(forecast.p - 0.9) < 1e-9);
  assert.ok(Math.abs(forecast.blockIntervalMs - 2_000 / 0.9) < 1e-6);
  assert.deepEqual(
    [forecast.driveSlots, forecast.settleSlots, forecast.windowSlots, forecast.minimumBlocks],
    [45, 17, 62, 42],
  );
  assert.ok(Math.abs(forecast.expectedBlocks - 62 * 0.9) < 1e-6);
  assert.ok(forecast.powerAtHalfSpeed > 0.999);
  assert.equal(forecast.shortestWindowSlots, 38);
  assert.ok(forecast.naturalConflict < 1e-15);
});

test("settle makes the drive final, where something depends on that", () => {
  const quiet = scenario("quiet").topologyWith((t) => t.validators(2));
  const { forecast } = resolve(quiet.build(), { drawnSeed: "7" }, registry);
  assert.deepEqual([forecast.driveSlots, forecast.settleSlots, forecast.windowSlots], [30, 17, 47]);
  const { forecast: bare } = resolve(quiet.without("agreement").build(), { drawnSeed: "7" }, registry);
  assert.deepEqual([bare.driveSlots, bare.settleSlots, bare.windowSlots], [30, 0, 30]);
});

test("liveness is forecast with the limits that the plan sets", () => {
  const lax = scenario("lax")
    .topologyWith((t) => t.validators(2))
    .expect("liveness", { power: 0.5, falseAlarm: 0.01 })
    .build();
  const { forecast } = resolve(lax, { drawnSeed: "7" }, registry);
  assert.ok(forecast.shortestWindowSlots < 20);
});

test("finality takes (k + 2) / p slots and three deviations more", () => {
  assert.equal(settleSlots(10, 1), 12);
  assert.equal(settleSlots(10, 0.9), Math.ceil((12 + 3 * Math.sqrt(1.2)) / 0.9));
  assert.equal(settleSlots(40, 0.9), 54);
});

test("wallets and channels carry what the formulas say, and advice is the least that does", () => {
  assert.equal(sustainableTxRate(20), 20 / 3);
  for (const rate of [0.1, 1, 5, 6.67]) {
    assert.ok(sustainableTxRate(usersFor(rate)) >= rate);
    assert.ok(sustainableTxRate(usersFor(rate) - 1) < rate);
  }
  for (const predictableIds of [true, false]) {
    const chain = { p: 0.9, slots: 45, predictableIds };
    for (const headroomPercent of [0, 20, 150]) {
      for (const blobRate of [0.2, 3, 17, 100]) {
        const options = { channels: 1, headroomPercent, blobRate, blobSize: 248, pipeline: 4 };
        const channels = channelsFor(options, chain);
        assert.ok(sustainableBlobRate({ ...options, channels }, chain) >= blobRate);
        if (channels > 1) assert.ok(sustainableBlobRate({ ...options, channels: channels - 1 }, chain) < blobRate);
      }
    }
  }
  assert.equal(channelsOpened({ channels: 1, headroomPercent: 20 }), 2);
  assert.equal(channelsOpened({ channels: 10, headroomPercent: 0 }), 10);
});
