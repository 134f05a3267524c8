import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import test, { after, before } from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { processesOf, signalProcess, sweepProcesses } from "../../lib/host/processes.ts";
import { cleanRun, listRuns } from "../../lib/host/runs.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { ended, guardianLog, type Lab, nothingLeft, openLab, printed, type Runner, startRunner } from "./harness.ts";

let lab: Lab;
before(() => {
  lab = openLab();
});
after(() => lab.dispose());

const runOf = ({ runId }: Runner) => listRuns().find((run) => run.runId === runId);

/** The nodes' names with pid, in order: changes with every start. Their children, which come later, are left out. */
function nodesOf({ runId }: Runner): string[] {
  const found = processesOf(runId);
  const guardian = found.find(({ role }) => role === "guardian");
  return found
    .filter(({ role, parent }) => role === "node" && parent === guardian?.pid)
    .map(({ node, pid }) => `${node}:${pid}`)
    .sort();
}

/** Waits until the guardian has seen its runner end. */
async function held(runner: Runner): Promise<void> {
  await waitFor({
    clock: systemClock,
    what: `the guardian of ${runner.runId} to hold its nodes`,
    timeoutMs: 5_000,
    intervalMs: 20,
    look: () => {
      const log = guardianLog(runner);
      return log.includes("holding its nodes until SIGTERM")
        ? { done: true, value: undefined }
        : { done: false, seen: log };
    },
  });
}

test("what a guardian killed before its runner leaves is listed, and cleaned", async (t) => {
  for (let i = 0; i < 5; i++) {
    await t.test(`time ${i + 1}`, async () => {
      const runner = startRunner(lab, "hold");
      await printed(runner, "booted");
      const running = runOf(runner);
      assert.equal(running?.state, "running");
      assert.equal(running.runner?.pid, runner.process.pid);
      assert.ok(running.guardian && signalProcess(running.guardian, "SIGKILL"));
      await printed(runner, "NR-HOST-GUARDIAN-DIED");
      await ended(runner);

      const leftover = runOf(runner);
      assert.equal(leftover?.state, "leftover");
      assert.deepEqual([...new Set(leftover.processes.map(({ node }) => node))], ["node-0", "node-1", "node-2"]);

      const sweep = await cleanRun({ runId: runner.runId, clock: systemClock });
      assert.deepEqual(sweep.left, []);
      // More can be there by now: the nodes' shells still start their children.
      const removed = new Set(sweep.removed.map(({ pid }) => pid));
      for (const { pid } of leftover.processes) assert.ok(removed.has(pid));
      assert.equal(runOf(runner), undefined);
    });
  }
});

test("a stop removes everything and names it", async () => {
  const runner = startRunner(lab, "stop");
  await ended(runner);
  const report = JSON.parse(runner.printed().split("\n")[1] ?? "");
  assert.deepEqual(report.left, []);
  const names = new Set<string>(report.removed.map(({ name }: { name: string }) => name));
  assert.deepEqual(names, new Set(["node-0", "node-1", "node-2"]));
  assert.deepEqual(processesOf(runner.runId), []);
  assert.ok(!existsSync(`${runner.folder}-outside`));
  assert.match(guardianLog(runner), /told to stop: removing 3 nodes[^]*removed: nothing is left\n$/);
});

test("Ctrl-C to the runner's process group reaches neither guardian nor nodes", async () => {
  const runner = startRunner(lab, "hold", { detached: true });
  await printed(runner, "booted");
  const before = nodesOf(runner);
  assert.equal(before.length, 3);
  // What the terminal does: the signal goes to every member of the foreground group.
  process.kill(-(runner.process.pid ?? 0), "SIGINT");
  await ended(runner);
  await nothingLeft(runner);
  const log = guardianLog(runner);
  assert.match(log, /runner gone/);
  assert.doesNotMatch(log, /SIGINT/);
  // Each of the three was ended by the guardian, after it saw the runner go.
  assert.doesNotMatch(log.slice(0, log.indexOf("runner gone")), /ended/);
});

test("a node whose creation is under way when the runner dies is removed too", async () => {
  const runner = startRunner(lab, "create-in-flight");
  await ended(runner);
  assert.equal(runner.process.signalCode, "SIGKILL");
  await nothingLeft(runner);
  assert.match(guardianLog(runner), /runner gone/);
});

test("two runs at once don't touch each other", async () => {
  const [one, two] = [startRunner(lab, "hold"), startRunner(lab, "hold")];
  await Promise.all([printed(one, "booted"), printed(two, "booted")]);
  const before = nodesOf(two);
  one.process.kill("SIGKILL");
  await nothingLeft(one);
  assert.deepEqual(nodesOf(two), before);
  assert.ok(existsSync(`${two.folder}-outside`));
  two.process.kill("SIGKILL");
  await nothingLeft(two);
});

test("a kept run outlives its runner until its guardian is told to end", async () => {
  const runner = startRunner(lab, "keep");
  await ended(runner);
  await held(runner);
  const run = runOf(runner);
  assert.equal(run?.state, "kept");
  assert.equal(run?.runner, null);
  assert.equal(nodesOf(runner).length, 3);
  assert.ok(existsSync(`${runner.folder}-outside`));

  const sweep = await cleanRun({ runId: runner.runId, clock: systemClock });
  assert.deepEqual(sweep.left, []);
  await nothingLeft(runner);
  assert.match(guardianLog(runner), /terminated: removing \d nodes[^]*removed: nothing is left\n$/);
  assert.equal(readFileSync(`${runner.folder}/node-0.log`, "utf8"), "");
});

test("a kept run is held although no process of it lives: its nodes may be containers", async () => {
  const runner = startRunner(lab, "keep");
  await ended(runner);
  await held(runner);
  const isGuardian = ({ role }: { readonly role: string }) => role === "guardian";
  await sweepProcesses({ runId: runner.runId, clock: systemClock, except: isGuardian });
  // Time in which it would end, as it did when it had nothing left to wait for.
  await systemClock.sleep(300);
  const guardian = processesOf(runner.runId).find(isGuardian);
  assert.ok(guardian && signalProcess(guardian, "SIGTERM"));
  await nothingLeft(runner);
  assert.match(guardianLog(runner), /terminated: removing 0 nodes[^]*removed: nothing is left\n$/);
});
