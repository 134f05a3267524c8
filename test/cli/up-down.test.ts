import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { cleanRun } from "../../lib/host/runs.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { latestRun, nomosRun, readEvents, readReport, scratch, start } from "../support/program.ts";
import { markedProcesses } from "../support/world.ts";

/** What `up --json` prints. */
interface Up {
  readonly run: string;
  readonly folder: string;
  readonly slotMs: number;
  readonly nodes: readonly { name: string; role: string; api: string; testing: string; pid: number }[];
  readonly down: string;
}

function folder(t: TestContext): string {
  const cwd = scratch(t);
  writeFileSync(
    join(cwd, "net.scenario.ts"),
    `import { scenario } from "nomos-run";
export default scenario("net")
  .topologyWith((t) => t.networkStar().validators(2).executors(1))
  .wallets(10)
  .transactionsWith((txs) => txs.rate(1).users(10))
  .enableNodeControl()
  .withRunDuration("90s")
  .build();
`,
  );
  writeFileSync(
    join(cwd, "impossible.scenario.ts"),
    `import { scenario } from "nomos-run";
export default scenario("impossible")
  .topologyWith((t) => t.networkStar().validators(2))
  .wallets(1)
  .transactionsWith((txs) => txs.rate(100).users(1))
  .withRunDuration("90s")
  .build();
`,
  );
  return cwd;
}

async function up(t: TestContext, cwd: string, ...flags: string[]): Promise<Up> {
  const { code, stdout, stderr } = await nomosRun(
    t,
    ["up", "net.scenario.ts", "--profile", "fast", "--json", ...flags],
    {
      cwd,
    },
  );
  assert.equal(code, 0, stderr);
  const document = JSON.parse(stdout) as Up;
  t.after(() => cleanRun({ runId: document.run, clock: systemClock, graceMs: 0 }));
  return document;
}

const heightAt = async (api: string): Promise<number> => {
  const answer = await fetch(`${api}/cryptarchia/info`);
  return ((await answer.json()) as { height: number }).height;
};

describe("up and down", { concurrency: 2 }, () => {
  it("leaves a network up at the addresses that it prints; down removes it whole, and says so in run.json", async (t) => {
    const cwd = folder(t);
    const network = await up(t, cwd);
    assert.deepEqual(
      network.nodes.map(({ name, role }) => [name, role]),
      [
        ["validator-0", "validator"],
        ["validator-1", "validator"],
        ["executor-0", "executor"],
      ],
    );
    assert.equal(network.slotMs, 250);
    assert.equal(network.folder, latestRun(cwd));
    // It stays, and its chain grows, with nobody but the guardian there.
    const [first] = network.nodes;
    const before = await heightAt(first?.api ?? "");
    for (let height = before; height < before + 2; height = await heightAt(first?.api ?? "")) {
      await systemClock.sleep(50, AbortSignal.timeout(30_000));
    }
    for (const { pid } of network.nodes) assert.ok(process.kill(pid, 0));
    const kept = readReport(network.folder);
    assert.deepEqual([kept.verdict, kept.kept, kept.expectations], ["passed", true, []]);
    assert.equal(kept.inventory.items.filter(({ kind, removed }) => kind === "process" && !removed).length, 3);
    const lines = readEvents(network.folder).length;

    const listed = await nomosRun(t, ["ps"], { cwd });
    assert.match(listed.stdout, new RegExp(`${network.run} +kept .* gone .*validator-0 \\(${first?.pid}\\)`));

    // From another folder: the id is enough.
    const elsewhere = scratch(t);
    const down = await nomosRun(t, ["down", network.run], { cwd: elsewhere });
    assert.equal(down.stdout, `${network.run}: removed 4 of 4 processes; 4 things made, 4 of them gone\n`);
    assert.equal(down.code, 0);
    assert.deepEqual(markedProcesses(network.run), []);
    const report = readReport(network.folder);
    assert.deepEqual([report.inventory.created, report.inventory.removed], [4, 4]);
    assert.ok(Date.parse(report.takenDownAt ?? "") >= Date.parse(report.endedAt));
    assert.ok(existsSync(join(network.folder, "logs/executor-0.log")));
    assert.equal(readEvents(network.folder).length, lines, "nothing is added to a sealed stream");

    const again = await nomosRun(t, ["down", "latest"], { cwd });
    assert.equal(again.stdout, `${network.run}: nothing of it was up; 4 things made, 4 of them gone\n`);
    assert.equal(again.code, 0);
    assert.equal(readReport(network.folder).takenDownAt, report.takenDownAt);
    const recheck = await nomosRun(t, ["recheck", "latest"], { cwd });
    assert.equal(recheck.code, 0, recheck.stderr);
  });

  it("two at once don't meet, and each goes by itself; a dead guardian and a lost folder don't matter", async (t) => {
    const cwd = folder(t);
    const [one, two] = await Promise.all([up(t, cwd), up(t, cwd, "--out", join(cwd, "my runs"))]);
    const hosts = new Set([...one.nodes, ...two.nodes].map(({ api }) => api));
    assert.equal(hosts.size, 6);
    const guardian = markedProcesses(one.run).find((line) => line.includes(" guardian "));
    process.kill(Number.parseInt(guardian ?? "", 10), "SIGKILL");
    const down = await nomosRun(t, ["down", one.run], { cwd });
    assert.equal(down.code, 0, down.stderr);
    assert.match(down.stderr, /the guardian of .* is gone/);
    assert.deepEqual(markedProcesses(one.run), []);
    assert.equal(markedProcesses(two.run).length, 4);

    rmSync(two.folder, { recursive: true });
    const lost = await nomosRun(t, ["down", two.run], { cwd });
    assert.equal(lost.stdout, `${two.run}: removed 4 of 4 processes\n`);
    assert.equal(lost.code, 0, lost.stderr);
    assert.deepEqual(markedProcesses(two.run), []);
  });

  it("prints for people, and an interrupted boot leaves nothing", async (t) => {
    const cwd = folder(t);
    const shown = await nomosRun(t, ["up", "net.scenario.ts", "--profile", "fast"], { cwd });
    const runId = latestRun(cwd).split("/").at(-1) ?? "";
    t.after(() => cleanRun({ runId, clock: systemClock, graceMs: 0 }));
    assert.match(shown.stdout, /^UP {2}net, run \S+, seed \S+\nNODE +API +TESTING +PROCESS\nvalidator-0 +http:/);
    assert.ok(shown.stdout.endsWith(`take it down with  nomos-run down ${runId}\n`));
    await nomosRun(t, ["down", runId], { cwd });

    const other = folder(t);
    const booting = start(t, ["up", "net.scenario.ts"], { cwd: other });
    booting.child.stderr?.on("data", (text: string) => text.includes("deploy:") && booting.child.kill("SIGINT"));
    const { code, stdout } = await booting.finished;
    assert.deepEqual([code, stdout], [130, ""]);
    const folderOfIt = latestRun(other);
    const report = readReport(folderOfIt);
    assert.deepEqual([report.verdict, report.kept], ["interrupted", false]);
    assert.deepEqual(markedProcesses(report.runId), []);
  });

  it("refuses what it can't do, and starts nothing", async (t) => {
    const cwd = folder(t);
    mkdirSync(join(cwd, "empty"));
    const refusals: [string, RegExp][] = [
      ["up impossible.scenario.ts", /NR-PLAN-TX-RATE/],
      ["up net.scenario.ts --deployer sim", /NR-CLI-OPTION: the simulated nodes of net can't stay/],
      ["up net.scenario.ts --keep", /NR-CLI-OPTION: `nomos-run up` has no option --keep/],
      ["up", /NR-CLI-ARGUMENT: <file> is missing/],
      ["down", /NR-CLI-ARGUMENT: <run> is missing/],
      ["down 20200101-000000000-aaaaaa", /NR-CLI-RUN-UNKNOWN/],
      ["down latest --out empty", /NR-CLI-RUN-UNKNOWN: there is no latest run/],
    ];
    for (const [line, says] of refusals) {
      const { code, stderr } = await nomosRun(t, line.split(" "), { cwd });
      assert.match(stderr, says, line);
      assert.equal(code, 64, line);
    }
    assert.ok(!existsSync(join(cwd, ".nomos-run")));
  });
});
