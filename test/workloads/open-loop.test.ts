import assert from "node:assert/strict";
import test from "node:test";
import { VirtualClock } from "../../lib/deployers/simulation/virtual-clock.ts";
import { OpenLoop, type OpenLoopOptions, type PlannedStart } from "../../lib/workloads/open-loop.ts";
import { steady } from "../../lib/workloads/schedule.ts";

interface Log {
  readonly planned: PlannedStart[];
  readonly begun: (PlannedStart & { readonly at: number })[];
  readonly missed: (PlannedStart & { readonly why: string })[];
}

function loopOn(clock: VirtualClock, changes: Partial<OpenLoopOptions> = {}): { loop: OpenLoop; log: Log } {
  const log: Log = { planned: [], begun: [], missed: [] };
  const loop = new OpenLoop({
    clock,
    from: 1_000,
    until: 2_000,
    schedule: steady(100),
    patienceMs: 250,
    plan: (start) => log.planned.push(start),
    begin: (start) => {
      log.begun.push({ ...start, at: clock.now() });
      return null;
    },
    miss: (start, why) => log.missed.push({ ...start, why }),
    ...changes,
  });
  return { loop, log };
}

const never = new AbortController().signal;

test("starts come at their intended times, from the first to the last before the end", async () => {
  const clock = new VirtualClock();
  const { loop, log } = loopOn(clock);
  await clock.drive(loop.run(never), 10_000);
  assert.deepEqual(
    log.begun.map(({ at }) => at),
    Array.from({ length: 10 }, (_, n) => 1_000 + 100 * n),
  );
  assert.equal(clock.now(), 2_000);
});

test("what is not free delays nothing but itself, and is missed after its patience", async () => {
  const clock = new VirtualClock();
  let free = 3;
  const { loop, log } = loopOn(clock, {
    begin: (start) => {
      if (free === 0) return "nothing is free";
      free--;
      log.begun.push({ ...start, at: clock.now() });
      return null;
    },
  });
  clock.at(1_620, () => {
    free = 2;
    loop.dispatch();
  });
  await clock.drive(loop.run(never), 10_000);
  assert.equal(log.planned.length, 10);
  // Starts 0 to 2 at once; 3 (1,300) is given up at 1,600; 4 and 5 wait for what becomes free at 1,620.
  assert.deepEqual(
    log.begun.map(({ n, at }) => [n, at]),
    [
      [0, 1_000],
      [1, 1_100],
      [2, 1_200],
      [4, 1_620],
      [5, 1_620],
    ],
  );
  assert.deepEqual(
    log.missed.map(({ n, why }) => [n, why]),
    [
      [3, "nothing is free"],
      [6, "nothing is free"],
      [7, "nothing is free"],
      // Their patience had not run out when the schedule ended.
      [8, "nothing is free"],
      [9, "nothing is free"],
    ],
  );
});

test("a generator that came late itself says so", async () => {
  const clock = new VirtualClock(1_500);
  const { loop, log } = loopOn(clock);
  await clock.drive(loop.run(never), 10_000);
  assert.deepEqual(
    log.missed.map(({ n, why }) => [n, why]),
    [
      [0, "the generator itself came 500ms late"],
      [1, "the generator itself came 400ms late"],
      [2, "the generator itself came 300ms late"],
    ],
  );
  assert.deepEqual(
    log.begun.map(({ n }) => n),
    [3, 4, 5, 6, 7, 8, 9],
  );
});

test("it ends with the signal's reason", async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const { loop, log } = loopOn(clock);
  clock.at(1_250, () => {
    abort.abort(new Error("enough"));
    clock.wake();
  });
  await assert.rejects(clock.drive(loop.run(abort.signal), 10_000), /enough/);
  assert.equal(log.begun.length, 3);
});
