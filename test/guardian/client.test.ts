import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { CodedError } from "../../lib/core/errors.ts";
import { waitFor } from "../../lib/core/wait.ts";
import { type Guardian, startGuardian } from "../../lib/host/guardian-client.ts";
import { lookAt, processesOf } from "../../lib/host/processes.ts";
import { systemClock, wallNow } from "../../lib/host/system-clock.ts";

const runId = `test-client-${process.pid}`;
let folder: string;
let guardian: Guardian;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "nomos-run-client-"));
  guardian = await startGuardian({ runId, clock: systemClock, logFile: join(folder, "guardian.log"), cwd: folder });
});
after(async () => {
  await guardian.stop();
  assert.deepEqual(processesOf(runId), []);
  rmSync(folder, { recursive: true, force: true });
});

const spec = (name: string, script: string) => ({
  name,
  command: "/bin/sh",
  args: ["-c", script],
  cwd: folder,
  env: { PATH: "/usr/bin:/bin", MINE: "set" },
  logFile: join(folder, `${name}.log`),
});

test("a node's exit code arrives, with its output in its log and nothing inherited in its environment", async () => {
  const node = await guardian.spawn(spec("leaver", "env | sort; exit 7"));
  const exit = await node.exited;
  assert.deepEqual({ ...exit, wallMs: 0 }, { pid: node.pid, code: 7, signal: null, wallMs: 0 });
  assert.ok(Math.abs(exit.wallMs - wallNow()) < 10_000);
  const variables = readFileSync(join(folder, "leaver.log"), "utf8").split("\n");
  const names = variables.map((line) => line.split("=")[0]).filter((name) => name && name !== "_");
  assert.deepEqual(names, [
    "MINE",
    "NOMOS_RUN_ID",
    "NOMOS_RUN_NODE",
    "NOMOS_RUN_ROLE",
    "NOMOS_RUN_RUNNER",
    "PATH",
    "PWD",
  ]);
  assert.equal(await guardian.signal(node.pid, "SIGTERM"), false);
});

test("a node that ends at once is told, and a second start appends to its log", async () => {
  for (let i = 0; i < 2; i++) assert.equal((await (await guardian.spawn(spec("brief", "echo hello"))).exited).code, 0);
  assert.equal(readFileSync(join(folder, "brief.log"), "utf8"), "hello\nhello\n");
});

test("signals stop, continue and kill", async () => {
  const node = await guardian.spawn(spec("sleeper", "exec sleep 600"));
  const pausedIs = (wanted: boolean) =>
    waitFor({
      clock: systemClock,
      what: `paused to be ${wanted}`,
      timeoutMs: 5_000,
      intervalMs: 5,
      look: () => {
        const seen = lookAt(node);
        return seen?.paused === wanted ? { done: true, value: undefined } : { done: false, seen: JSON.stringify(seen) };
      },
    });
  assert.equal(await guardian.signal(node.pid, "SIGSTOP"), true);
  await pausedIs(true);
  assert.equal(await guardian.signal(node.pid, "SIGCONT"), true);
  await pausedIs(false);
  const told: number[] = [];
  const off = guardian.onExit((exit) => told.push(exit.pid));
  assert.equal(await guardian.signal(node.pid, "SIGKILL"), true);
  assert.equal((await node.exited).signal, "SIGKILL");
  off();
  assert.deepEqual(told, [node.pid]);
  assert.equal(lookAt(node), null);
});

test("a guardian signals nothing that it did not start", async () => {
  assert.equal(await guardian.signal(process.pid, "SIGKILL"), false);
});

test("what can't be started is a coded error that says why", async () => {
  const cases = [
    {
      change: { command: "/no/such/program" },
      message: "could not start broken: spawn /no/such/program ENOENT",
      hint: "Check that this path exists.",
    },
    {
      change: { command: join(folder, "guardian.log") },
      message: `could not start broken: spawn ${folder}/guardian.log EACCES`,
      hint: `Check that ${folder}/guardian.log may be executed.`,
    },
    {
      change: { cwd: "/no/such/folder" },
      message: "could not start broken: the working directory /no/such/folder doesn't exist",
      hint: "Check that this path exists.",
    },
    {
      change: { logFile: "/no/such/folder/log" },
      message: "could not start broken: ENOENT: no such file or directory, open '/no/such/folder/log'",
      hint: "Check that this path exists.",
    },
  ];
  for (const { change, message, hint } of cases) {
    await assert.rejects(guardian.spawn({ ...spec("broken", ":"), ...change }), (error) => {
      assert.ok(error instanceof CodedError);
      assert.deepEqual(
        { code: error.code, message: error.message, hint: error.hint },
        { code: "NR-HOST-SPAWN", message, hint },
      );
      return true;
    });
  }
});

test("a guardian that can't start is a coded error", async () => {
  await assert.rejects(
    startGuardian({
      runId: `${runId}-broken`,
      clock: systemClock,
      logFile: join(folder, "broken.log"),
      cwd: folder,
      self: () => ({ command: "/bin/sh", args: ["-c", "exit 4"] }),
    }),
    (error) => {
      assert.ok(error instanceof CodedError);
      assert.equal(error.code, "NR-HOST-GUARDIAN-START");
      assert.equal(error.message, `the guardian did not start: the guardian of run ${runId}-broken ended: code 4`);
      return true;
    },
  );
});
