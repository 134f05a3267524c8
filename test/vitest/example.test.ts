import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { it, type TestContext } from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { readReport } from "../support/program.ts";
import { markedProcesses } from "../support/world.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../examples");

/** The example, copied beside itself so that its paths hold and its runs are this test's own. */
function example(t: TestContext): string {
  const copy = mkdtempSync(join(EXAMPLES, ".test-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  for (const file of ["network.test.ts", "package.json", "tsconfig.json", "vitest.config.ts"]) {
    cpSync(join(EXAMPLES, "vitest", file), join(copy, file));
  }
  symlinkSync(join(EXAMPLES, "vitest/node_modules"), join(copy, "node_modules"));
  return copy;
}

const runsIn = (folder: string): string[] => {
  try {
    return readdirSync(join(folder, ".nomos-run/runs"));
  } catch {
    // Nothing has run there yet.
    return [];
  }
};

it("the example compiles, passes under vitest, and leaves nothing", (t) => {
  const cwd = example(t);
  const types = spawnSync(resolve(EXAMPLES, "../node_modules/.bin/tsc"), ["-p", "."], { cwd, encoding: "utf8" });
  assert.equal(types.status, 0, types.stdout);
  const { status, stdout, stderr } = spawnSync(
    join(cwd, "node_modules/.bin/vitest"),
    ["run", "--reporter=json", "--outputFile=report.json"],
    {
      cwd,
      encoding: "utf8",
    },
  );
  assert.equal(status, 0, stdout + stderr);
  const told = JSON.parse(readFileSync(join(cwd, "report.json"), "utf8")) as { numPassedTests: number };
  assert.equal(told.numPassedTests, 1);
  const [runId = ""] = runsIn(cwd);
  const { inventory } = readReport(join(cwd, ".nomos-run/runs", runId));
  // Three nodes, one of them started twice, and the hold on their addresses.
  assert.deepEqual([inventory.created, inventory.removed], [5, 5]);
  assert.deepEqual(markedProcesses(runId), []);
});

it("vitest killed in the middle of it leaves no node", async (t) => {
  const cwd = example(t);
  const vitest = spawn(join(cwd, "node_modules/.bin/vitest"), ["run"], { cwd, stdio: "ignore", detached: true });
  const group = -(vitest.pid ?? 0);
  const seen = (what: string, done: (lines: readonly string[]) => boolean) =>
    waitFor({
      clock: systemClock,
      what,
      timeoutMs: 90_000,
      intervalMs: 50,
      look() {
        const [runId] = runsIn(cwd);
        const lines = runId === undefined ? [] : markedProcesses(runId);
        return done(lines) ? { done: true, value: runId } : { done: false, seen: lines.join("; ") };
      },
    });
  await seen("the network", (lines) => lines.length >= 4);
  process.kill(group, "SIGKILL");
  await seen("nothing of it", (lines) => lines.length === 0);
});
