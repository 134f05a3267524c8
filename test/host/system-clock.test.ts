import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import test from "node:test";
import { systemClock, wallNow } from "../../lib/host/system-clock.ts";

test("a sleep is never shorter than asked for", async () => {
  for (const ms of [0, 0.3, 1, 2.5, 10]) {
    const begun = systemClock.now();
    await systemClock.sleep(ms);
    assert.ok(systemClock.now() - begun >= ms, `${ms} ms`);
  }
});

test("a thousand sleeps at once take as long as one", async () => {
  const begun = systemClock.now();
  await Promise.all(Array.from({ length: 1_000 }, () => systemClock.sleep(50)));
  assert.ok(systemClock.now() - begun < 1_000);
});

test("a sleep ends with the reason of its signal, at once, and leaves no listener behind", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("enough");
  const begun = systemClock.now();
  const sleeping = systemClock.sleep(60_000, signal);
  controller.abort(reason);
  await assert.rejects(sleeping, reason);
  await assert.rejects(systemClock.sleep(60_000, signal), reason);
  assert.ok(systemClock.now() - begun < 5_000);

  const patient = new AbortController();
  await systemClock.sleep(1, patient.signal);
  assert.equal(getEventListeners(patient.signal, "abort").length, 0);
});

test("a sleep longer than any timer is no short one", async () => {
  const controller = new AbortController();
  const sleeping = systemClock.sleep(2 ** 40, controller.signal);
  const first = await Promise.race([sleeping.then(() => "woke"), systemClock.sleep(20).then(() => "still asleep")]);
  assert.equal(first, "still asleep");
  controller.abort(new Error("enough"));
  await assert.rejects(sleeping, /enough/);
});

test("wall time is in milliseconds since 1970", () => {
  assert.ok(Math.abs(wallNow() - (performance.timeOrigin + performance.now())) < 60_000);
});
