import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import test, { after } from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { procTable, psTable } from "../../lib/host/process-table.ts";
import { identify, lookAt, processesOf, signalProcess, sweepProcesses } from "../../lib/host/processes.ts";
import { markVariables, readMarks } from "../../lib/host/run-marks.ts";
import { cleanRun, listRuns } from "../../lib/host/runs.ts";
import { systemClock } from "../../lib/host/system-clock.ts";

const tables = process.platform === "linux" ? { proc: procTable, ps: psTable } : { ps: psTable };
const runs: string[] = [];
function newRun(): string {
  const runId = `test-processes-${process.pid}-${runs.length}`;
  runs.push(runId);
  return runId;
}
// A test that fails leaves its processes, and this one would wait for them.
after(() => Promise.all(runs.map((runId) => sweepProcesses({ runId, clock: systemClock }))));

function sleeper(runId: string, node: string, script = "exec sleep 600") {
  const child = spawn("/bin/sh", ["-c", script], {
    env: { PATH: "/usr/bin:/bin", ...markVariables({ runId, role: "node", node, runner: { pid: 1, startTicks: 2 } }) },
    stdio: "ignore",
    detached: true,
  });
  return child;
}

test("marks survive the way through an environment", () => {
  const marks = { runId: "r", role: "node", node: "validator-0", runner: { pid: 12, startTicks: 34 } } as const;
  const variables = Object.entries(markVariables(marks)).map(([name, value]) => `${name}=${value}`);
  assert.deepEqual(readMarks(["PATH=/bin", ...variables]), marks);
  assert.equal(readMarks(["PATH=/bin", "NOMOS_RUN_NODE=x"]), null);
  assert.equal(readMarks(["NOMOS_RUN_ID="]), null);
});

for (const [name, table] of Object.entries(tables)) {
  test(`${name}: finds what carries the mark, with its name and command`, async () => {
    const runId = newRun();
    const child = sleeper(runId, "validator-0");
    await once(child, "spawn");
    const found = processesOf(runId, table);
    assert.equal(found.length, 1);
    const [one] = found;
    assert.deepEqual(
      { ...one, startTicks: 0, command: "" },
      {
        pid: child.pid,
        parent: process.pid,
        paused: false,
        startTicks: 0,
        runId,
        role: "node",
        node: "validator-0",
        runner: { pid: 1, startTicks: 2 },
        command: "",
      },
    );
    assert.match(one?.command ?? "", /sleep 600$/);

    // The same pid with another start is another process.
    const identity = identify(child.pid ?? 0, table);
    assert.ok(identity);
    const reused = { ...identity, startTicks: identity.startTicks - 1 };
    assert.equal(lookAt(reused, table), null);
    assert.equal(signalProcess(reused, "SIGKILL", table), false);
    assert.ok(lookAt(identity, table), "the process that has the pid now was not signalled");

    assert.equal(signalProcess(identity, "SIGKILL", table), true);
    await once(child, "exit");
    assert.equal(signalProcess(identity, "SIGKILL", table), false);
    assert.deepEqual(processesOf(runId, table), []);
  });
}

test("a sweep removes all of its run, paused ones too, and nothing of another", async () => {
  const [mine, other] = [newRun(), newRun()];
  const children = [
    sleeper(mine, "a"),
    sleeper(mine, "b", "sleep 600 & exec setsid sleep 600"),
    sleeper(mine, "c", "kill -STOP $$"),
    sleeper(other, "a"),
  ];
  await Promise.all(children.map((child) => once(child, "spawn")));
  const sweep = await sweepProcesses({ runId: mine, clock: systemClock });
  assert.deepEqual(sweep.left, []);
  assert.ok(sweep.removed.length >= 3);
  assert.deepEqual(processesOf(mine), []);
  assert.equal(processesOf(other).length, 1);
  assert.equal((await cleanRun({ runId: other, clock: systemClock })).removed.length, 1);
});

test("a sweep with a grace lets processes end by themselves, and kills those that don't", async () => {
  const runId = newRun();
  const polite = sleeper(runId, "polite", "trap 'exit 5' TERM; while :; do sleep 0.01; done");
  const stubborn = sleeper(runId, "stubborn", "trap '' TERM; while :; do sleep 0.01; done");
  const exits = [once(polite, "exit"), once(stubborn, "exit")];
  await Promise.all([once(polite, "spawn"), once(stubborn, "spawn")]);
  await procTrapsSet(runId);
  const begun = systemClock.now();
  const sweep = await sweepProcesses({ runId, clock: systemClock, graceMs: 400 });
  assert.ok(systemClock.now() - begun >= 400);
  assert.deepEqual(sweep.left, []);
  assert.deepEqual(await Promise.all(exits), [
    [5, null],
    [null, "SIGKILL"],
  ]);
});

/** The shells run their loops, so their traps are set, once each has a `sleep` as a child. */
async function procTrapsSet(runId: string): Promise<void> {
  await waitFor({
    clock: systemClock,
    what: "both shells to run their loops",
    timeoutMs: 5_000,
    intervalMs: 5,
    look: () => {
      const sleeps = processesOf(runId).filter(({ command }) => command.startsWith("sleep"));
      const loops = new Set(sleeps.map(({ parent }) => parent)).size;
      return loops === 2 ? { done: true, value: undefined } : { done: false, seen: `${loops} loops` };
    },
  });
}

test("a sweep names what it may not remove", async () => {
  const runId = newRun();
  const child = sleeper(runId, "kept");
  await once(child, "spawn");
  const untouchable = { ...procTable, marked: () => procTable.marked().map((found) => ({ ...found, startTicks: -1 })) };
  const sweep = await sweepProcesses({ runId, clock: systemClock, timeoutMs: 60, table: untouchable });
  assert.deepEqual(
    sweep.left.map(({ pid, node }) => ({ pid, node })),
    [{ pid: child.pid, node: "kept" }],
  );
  await cleanRun({ runId, clock: systemClock });
});

test("runs are listed from the world, leftovers told from running ones", async () => {
  const [left, running] = [newRun(), newRun()];
  const own = identify(process.pid);
  assert.ok(own);
  const orphan = sleeper(left, "validator-0");
  const held = spawn("/bin/sleep", ["600"], {
    env: markVariables({ runId: running, role: "node", node: "executor-0", runner: own }),
    stdio: "ignore",
  });
  await Promise.all([once(orphan, "spawn"), once(held, "spawn")]);
  const states = new Map(listRuns().map((run) => [run.runId, run.state]));
  assert.equal(states.get(left), "leftover");
  assert.equal(states.get(running), "running");
  for (const runId of [left, running]) await cleanRun({ runId, clock: systemClock });
  assert.ok(!listRuns().some(({ runId }) => runId === left || runId === running));
});
