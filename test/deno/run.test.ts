import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { systemClock } from "../../lib/host/system-clock.ts";
import { killGuardianFirst, killRunner } from "../run/kill-series.ts";
import { denoAlone, UNDER_DENO } from "../support/deno.ts";
import {
  awaitEvent,
  latestRun,
  nomosRun,
  readEvents,
  readReport,
  scenario,
  scratch,
  start,
} from "../support/program.ts";
import { markedProcesses } from "../support/world.ts";

/** How this program is started here, in a folder of its own. */
function lab(t: TestContext) {
  const cwd = scratch(t);
  return { cwd, env: denoAlone(cwd), program: UNDER_DENO };
}

test("smoke passes with Deno alone on the PATH, every process of the run is Deno, and it can be judged again", async (t) => {
  const options = lab(t);
  const run = start(t, ["run", scenario("smoke"), "--reporter", "plain"], options);
  const programs = new Map<string, string>();
  const enough = new AbortController();
  const looks = lookOften(run.pid, programs, enough.signal);
  const { code, stdout, stderr } = await run.finished;
  enough.abort();
  await looks;
  assert.equal(code, 0, `${stdout}\n${stderr}`);

  const report = readReport(latestRun(options.cwd));
  assert.equal(report.verdict, "passed");
  assert.equal(report.inventory.created, report.inventory.removed);
  assert.deepEqual(new Set(programs.values()), new Set([realpathSync(UNDER_DENO[0])]));
  // The runner, its guardian and three nodes.
  assert.ok(programs.size >= 5, [...programs.keys()].join());
  assert.deepEqual(markedProcesses(report.runId), []);

  const again = await nomosRun(t, ["recheck", "latest"], options);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /the verdict is as recorded: passed/);
});

test("a run whose runner is killed leaves nothing; one whose guardian is killed first is listed and cleaned", async (t) => {
  const { env, program } = lab(t);
  for (let n = 0; n < 3; n++) await t.test(`kill ${n}`, (inner) => killRunner(inner, n, { env, program }));
  await t.test("the guardian first", (inner) => killGuardianFirst(inner, 0, { env, program }));
});

test("Ctrl-C to the process group ends the run in order", async (t) => {
  const options = lab(t);
  const run = start(t, [scenario("chaos"), "--profile", "fast", "--seed", "interrupt"], { ...options, ownGroup: true });
  await awaitEvent(options.cwd, "the drive", (event) => event.type === "stage.started" && event.stage === "drive");
  process.kill(-run.pid, "SIGINT");
  const { code, stderr } = await run.finished;
  assert.equal(code, 130, stderr);
  const folder = latestRun(options.cwd);
  const report = readReport(folder);
  assert.equal(report.verdict, "interrupted");
  assert.equal(report.inventory.created, report.inventory.removed);
  assert.deepEqual(report.errors, []);
  assert.equal(readEvents(folder).at(-1)?.type, "run.ended");
  assert.deepEqual(markedProcesses(report.runId), []);
});

test("a network is left up, listed and taken down", async (t) => {
  const options = lab(t);
  const up = await nomosRun(t, ["up", scenario("smoke"), "--profile", "fast"], options);
  assert.equal(up.code, 0, up.stderr);
  const { runId } = readReport(latestRun(options.cwd));
  assert.match((await nomosRun(t, ["ps"], options)).stdout, new RegExp(`^${runId} .*kept`, "m"));
  const down = await nomosRun(t, ["down", "latest"], options);
  assert.equal(down.code, 0, down.stderr);
  assert.deepEqual(markedProcesses(runId), []);
});

test("tasks run, with zx's shell in them", async (t) => {
  const { cwd, env, program } = lab(t);
  writeFileSync(
    join(cwd, "nomos.tasks.ts"),
    `import { writeFileSync } from "node:fs";
import { task } from "nomos-run";
export const hello = task("hello", {
  description: "greets",
  run: async ({ $ }) => { writeFileSync("greeting", (await $\`echo hello \${"two  words"} $((1 + 2))\`).stdout); },
});
`,
  );
  // A shell is found in its usual place; what it runs here is built into it.
  const { code, stdout, stderr } = await nomosRun(t, ["task", "hello"], { cwd, env, program });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.equal(readFileSync(join(cwd, "greeting"), "utf8"), "hello two  words 3\n");
  const doctor = await nomosRun(t, ["doctor", "local"], { cwd, env, program });
  assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
  assert.match(doctor.stdout, /^local {2}can run$/m);
});

/** Collects the programs of a process and of all below it, by pid. */
async function lookOften(root: number, programs: Map<string, string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const family = new Set([root]);
    // A parent's pid may be above its child's: passes until one adds nobody.
    for (let before = 0; before < family.size; ) {
      before = family.size;
      for (const [pid, parent] of parents()) if (family.has(parent)) family.add(pid);
    }
    for (const pid of family) {
      try {
        programs.set(String(pid), readlinkSync(`/proc/${pid}/exe`));
      } catch {
        // It has ended since the listing.
      }
    }
    await systemClock.sleep(100, signal).catch(() => undefined);
  }
}

function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      found.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended since the listing.
    }
  }
  return found;
}
