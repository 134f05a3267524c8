import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { RunEvent } from "../../lib/model/events.ts";
import { latestRun, nomosRun, readEvents, readReport, scratch } from "../support/program.ts";

const SCENARIO = `import { minority, one, scenario } from "nomos-run";
export default scenario("replayed")
  .topologyWith((t) => t.networkFull().validators(4))
  .wallets(10)
  .transactionsWith((txs) => txs.rate(1).users(10))
  .enableNodeControl()
  .chaosWith((chaos) =>
    chaos
      .kill({ minDelay: "8s", maxDelay: "14s", for: "4s", targets: one() })
      .partition({ at: "32s", for: "6s", targets: minority() }),
  )
  .withRunDuration("60s")
  .build();
`;

/** Runs the scenario in a simulation, without a seed of its author's. */
async function recorded(t: TestContext): Promise<{ cwd: string; run: string }> {
  const cwd = scratch(t);
  writeFileSync(join(cwd, "replayed.scenario.ts"), SCENARIO);
  const { code, stdout, stderr } = await nomosRun(t, ["run", "replayed.scenario.ts", "--deployer", "sim"], { cwd });
  assert.ok(code === 0 || code === 2, stdout + stderr);
  return { cwd, run: latestRun(cwd) };
}

function of(run: string, ...types: readonly RunEvent["type"][]): readonly RunEvent[] {
  return readEvents(run).filter(({ type }) => types.includes(type));
}

test("replay repeats seed, plan, traffic and faults, from a copied folder without the scenario too", async (t) => {
  const { cwd, run } = await recorded(t);
  rmSync(join(cwd, "replayed.scenario.ts"));
  const copy = join(cwd, "elsewhere");
  cpSync(run, copy, { recursive: true });
  const before = readReport(run);
  for (const name of ["latest", "./elsewhere"]) {
    const { code, stdout, stderr } = await nomosRun(t, ["replay", name], { cwd });
    assert.ok(code === 0 || code === 2, stdout + stderr);
    const again = latestRun(cwd);
    assert.notEqual(again, run, "a replay is a run of its own");
    const report = readReport(again);
    assert.deepEqual([report.planDigest, report.verdict], [before.planDigest, before.verdict]);
    const faults = ["fault.planned", "fault.started", "fault.skipped", "fault.effective", "fault.healed"] as const;
    assert.ok(of(run, "fault.started").length >= 3);
    assert.deepEqual(of(again, ...faults), of(run, ...faults));
    assert.ok(of(run, "tx.submitted").length >= 20);
    assert.deepEqual(of(again, "tx.planned", "tx.submitted"), of(run, "tx.planned", "tx.submitted"));
    // Nothing is left to chance in a simulation: every byte is the same.
    assert.ok(readFileSync(join(again, "events.ndjson")).equals(readFileSync(join(run, "events.ndjson"))));
  }
  assert.deepEqual(readReport(run), before, "the recorded run is left as it was");
});

test("replay refuses what is no whole run, and says when another build made it", async (t) => {
  const { cwd, run } = await recorded(t);
  const damaged = (name: string, file: string, change: (text: string) => string) => {
    const folder = join(cwd, name);
    cpSync(run, folder, { recursive: true });
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file), "utf8")));
    return `./${name}`;
  };
  const cases: readonly [string, string, RegExp][] = [
    ["no such run", "nothing-like-it", /NR-\S+.*there is no run "nothing-like-it"/],
    ["no such folder", "./nowhere", /there is no run/],
    [
      "an edited plan",
      damaged("edited", "plan.lock.json", (text) => text.replace(/"seed": ?"[^"]+"/, '"seed":"other"')),
      /NR-PLAN-LOCK-ALTERED.*digest/,
    ],
    [
      "a truncated plan",
      damaged("cut", "plan.lock.json", (text) => text.slice(0, text.length / 2)),
      /NR-(PLAN-LOCK|EVIDENCE)-\S+/,
    ],
    [
      "a truncated report",
      damaged("cut-report", "run.json", (text) => text.slice(0, text.length / 2)),
      /NR-EVIDENCE-\S+/,
    ],
    [
      "a field of another version",
      damaged("foreign", "plan.lock.json", (text) => text.replace('"v"', '"w"')),
      /NR-PLAN-LOCK-\S+/,
    ],
  ];
  for (const [what, name, pattern] of cases) {
    const { code, stdout, stderr } = await nomosRun(t, ["replay", name], { cwd });
    assert.ok(code === 64 || code === 3, `${what}: exit code ${code}`);
    assert.match(stdout + stderr, pattern, what);
    assert.match(stdout + stderr, /hint|Use |Name |run|Restore/i, what);
  }
  const none = await nomosRun(t, ["replay"], { cwd });
  assert.equal(none.code, 64, none.stderr);

  const other = damaged("other-build", "plan.lock.json", (text) =>
    text.replace(/"build": ?"[^"]+"/, '"build":"0.0.9 (abc)"'),
  );
  const { code, stdout, stderr } = await nomosRun(t, ["replay", other], { cwd });
  assert.ok(code === 0 || code === 2, stdout + stderr);
  assert.match(stderr, /that run was made by 0\.0\.9 \(abc\), and this is 0\.1\.0 .*the faults are the same/);
});
