import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { waitFor, withDeadline } from "../../lib/core/wait.ts";
import { EventQueue } from "../../lib/deployers/simulation/event-queue.ts";
import { VirtualClock } from "../../lib/deployers/simulation/virtual-clock.ts";

test("events come out by time, and those of one time in the order they went in", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (times) => {
      const queue = new EventQueue<[time: number, order: number]>();
      times.forEach((time, order) => queue.push(time, [time, order]));
      const out = times.map(() => queue.pop());
      const expected = times.map((time, order) => [time, order] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      assert.deepEqual(out, expected);
      assert.equal(queue.pop(), undefined);
    }),
  );
});

test("events run at their time and may schedule others; what is past runs next", () => {
  const clock = new VirtualClock(100);
  const seen: string[] = [];
  clock.at(130, () => {
    seen.push(`b at ${clock.now()}`);
    clock.at(50, () => seen.push(`late at ${clock.now()}`));
    clock.at(140, () => seen.push(`c at ${clock.now()}`));
  });
  clock.at(110, () => seen.push(`a at ${clock.now()}`));
  clock.runUntil(135);
  assert.deepEqual(seen, ["a at 110", "b at 130", "late at 130"]);
  assert.equal(clock.now(), 135);
  clock.runUntil(140);
  assert.equal(seen.at(-1), "c at 140");
});

test("asynchronous code that sleeps, polls and has deadlines runs in virtual time", async () => {
  const clock = new VirtualClock();
  let ready = false;
  clock.at(5_000, () => {
    ready = true;
  });
  const work = async () => {
    await clock.sleep(60_000);
    const started = clock.now();
    const polled = waitFor({
      clock,
      what: "the flag",
      timeoutMs: 1_000,
      intervalMs: 100,
      look: () => (ready ? { done: true, value: clock.now() } : { done: false, seen: "no flag" }),
    });
    assert.equal(await polled, started);
    await assert.rejects(
      withDeadline({ clock, what: "a sleep", timeoutMs: 2_000 }, (signal) => clock.sleep(10_000, signal)),
      /a sleep took longer than 2s/,
    );
    return clock.now();
  };
  assert.equal(await clock.drive(work(), 100_000), 62_000);
});

test("work that nothing will ever finish is an error, not a hang", async () => {
  const clock = new VirtualClock();
  await assert.rejects(
    clock.drive(Promise.withResolvers<void>().promise, 1_000),
    /not done by 1s.*nothing is scheduled/,
  );
});

test("a sleep ends early when it is aborted", async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const sleep = clock.sleep(1_000, abort.signal);
  abort.abort(new Error("enough"));
  await assert.rejects(sleep, /enough/);
  await assert.rejects(clock.sleep(1, abort.signal), /enough/);
});
