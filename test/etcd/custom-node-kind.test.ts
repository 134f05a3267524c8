import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import test, { type TestContext } from "node:test";
import { systemCode } from "../../lib/core/errors.ts";
import { waitFor } from "../../lib/core/wait.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { nomosRun, readReport, scenario, scratch, start } from "../support/program.ts";

const SHIPPED = scenario("custom-node-kind");

/** A folder with a scenario of etcd members that nothing happens to but what `more` says. */
function folderWith(t: TestContext, more: string, options: { program?: string; imports?: string } = {}): string {
  const cwd = scratch(t);
  const kind = readFileSync(SHIPPED, "utf8");
  const { program, imports = "" } = options;
  writeFileSync(
    join(cwd, "kind.ts"),
    program === undefined ? kind : kind.replace('"/usr/bin/etcd"', JSON.stringify(program)),
  );
  writeFileSync(
    join(cwd, "own.scenario.ts"),
    `${imports}
import { scenario } from "nomos-run";
import { etcd, puts } from "./kind.ts";
export default scenario("own").topologyWith((t) => t.nodes(3)).withNodeKind(etcd)
  .enableNodeControl().withWorkload(puts)${more}.build();
`,
  );
  return cwd;
}

/** Processes of etcd that live below this folder, as the system shows them. */
function membersBelow(folder: string): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const program = basename(readlinkSync(`/proc/${pid}/exe`));
        return program === "etcd" && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch (error) {
        if (["EACCES", "ENOENT", "ESRCH"].includes(systemCode(error) ?? "")) return false; // It has ended since, or is not ours.
        throw error;
      }
    });
}

/** Where the newest run's members answer, once it has addresses. */
function members(cwd: string): string[] {
  const binding = JSON.parse(readFileSync(join(cwd, ".nomos-run/latest/binding.json"), "utf8")) as {
    nodes: { host: string; apiPort: number }[];
  };
  return binding.nodes.map(({ host, apiPort }) => `http://${host}:${apiPort}`);
}

/** Waits until etcd itself says that all three are members and have a leader. */
async function awaitCluster(cwd: string): Promise<void> {
  await waitFor({
    clock: systemClock,
    what: "three members with a leader",
    timeoutMs: 30_000,
    intervalMs: 100,
    look: async () => {
      try {
        for (const url of members(cwd)) {
          const answer = await fetch(`${url}/v3/cluster/member/list`, { method: "POST", body: "{}" });
          const { members: list } = (await answer.json()) as { members: { clientURLs?: string[] }[] };
          const up = list.filter(({ clientURLs }) => clientURLs !== undefined).length;
          if (up !== 3) return { done: false, seen: `${url} lists ${up} members` };
        }
        return { done: true, value: undefined };
      } catch (error) {
        return { done: false, seen: String(error) };
      }
    },
  });
}

test("the shipped scenario: a real etcd cluster is restarted and killed, goes on, and is gone afterwards", async (t) => {
  const cwd = scratch(t);
  const run = start(t, [SHIPPED, "--seed", "etcd"], { cwd });
  await awaitCluster(cwd);
  assert.equal(membersBelow(cwd).length, 3);
  const ps = await nomosRun(t, ["ps"], { cwd });
  for (const name of ["validator-0", "validator-1", "validator-2"]) assert.match(ps.stdout, new RegExp(name));
  const { code, stdout, stderr } = await run.finished;
  assert.equal(code, 0, stdout + stderr);
  assert.deepEqual(membersBelow(cwd), []);

  const report = readReport(join(cwd, ".nomos-run/latest"));
  const judged = new Map(report.expectations.map((one) => [one.expectation, one]));
  assert.deepEqual([...judged.keys()], ["no-unexpected-exit", "fault-recovery", "writes-go-on"]);
  const figures = judged.get("writes-go-on")?.figures ?? {};
  assert.ok(Number(figures["acknowledged"]) > 100, JSON.stringify(figures));
  assert.deepEqual([figures["lost"], figures["stale"], figures["membersRead"]], [0, 0, 3]);
  assert.equal(judged.get("fault-recovery")?.figures["healed"], 2);
  assert.equal(report.nodeKind, "etcd");

  const logs = await nomosRun(t, ["logs", "latest", "validator-0"], { cwd });
  assert.equal(logs.stdout.match(/starting etcd/g)?.length, 2, "etcd's own words, of both its starts");

  const same = await nomosRun(t, ["recheck", "latest"], { cwd });
  assert.equal(same.code, 0, same.stdout + same.stderr);
  const stricter = ["recheck", "latest", "--set", "expectations.writes-go-on.longestGapMs=250ms"];
  const flipped = await nomosRun(t, stricter, { cwd });
  assert.equal(flipped.code, 1, flipped.stdout + flipped.stderr);
});

test("a network can be kept and cleaned away; a recorded run is replayed and judged again from its file only", async (t) => {
  const cwd = folderWith(t, '.withRunDuration("4s")');
  const { code, stdout } = await nomosRun(t, ["own.scenario.ts", "--keep"], { cwd });
  assert.equal(code, 0, stdout);
  assert.equal(membersBelow(cwd).length, 3, "kept");
  const { runId } = readReport(join(cwd, ".nomos-run/latest"));
  const cleaned = await nomosRun(t, ["clean", runId], { cwd });
  assert.equal(cleaned.code, 0, cleaned.stdout + cleaned.stderr);
  assert.deepEqual(membersBelow(cwd), []);

  const again = await nomosRun(t, ["replay", "latest"], { cwd });
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.equal(readReport(join(cwd, ".nomos-run/latest")).nodeKind, "etcd");
  writeFileSync(join(cwd, "own.scenario.ts"), `${readFileSync(join(cwd, "own.scenario.ts"), "utf8")}// changed\n`);
  for (const command of ["replay", "recheck"]) {
    const changed = await nomosRun(t, [command, "latest"], { cwd });
    assert.equal(changed.code, 64);
    assert.match(changed.stderr, /NR-EVIDENCE-SCENARIO/);
  }
});

test("without a quorum no write is taken, and the expectation says for how long", async (t) => {
  const cwd = folderWith(
    t,
    `.withWorkload({
      name: "no-quorum",
      async start({ clock, cluster, signal }) {
        await clock.sleep(2_000, signal);
        await Promise.all(["validator-1", "validator-2"].map((name) => cluster.control.kill(name, signal)));
        await clock.sleep(6_000, signal);
        await Promise.all(["validator-1", "validator-2"].map((name) => cluster.control.start(name, signal)));
      },
    }).withRunDuration("14s")`,
  );
  const { code, stdout } = await nomosRun(
    t,
    ["own.scenario.ts", "--set", "expectations.writes-go-on.options.longestGapMs=4s"],
    { cwd },
  );
  assert.equal(code, 1, stdout);
  const report = readReport(join(cwd, ".nomos-run/latest"));
  const { outcome, figures } = report.expectations.find(({ expectation }) => expectation === "writes-go-on") ?? {};
  assert.equal(outcome, "failed");
  assert.ok(Number(figures?.["longestGapMs"]) > 6_000, JSON.stringify(figures));
  assert.equal(figures?.["lost"], 0);
});

test("a port that somebody takes while its member is down is named, with who has it", async (t) => {
  const cwd = folderWith(
    t,
    `.withWorkload({
      name: "thief",
      async start({ cluster, signal }) {
        await cluster.control.stop("validator-2", signal);
        const { host, peerPort } = cluster.node("validator-2").bound;
        const thief = createServer().listen(peerPort, host);
        await once(thief, "listening");
        try {
          await cluster.control.start("validator-2", signal);
        } finally {
          thief.close();
        }
      },
    }).withRunDuration("10s")`,
    { imports: 'import { once } from "node:events";\nimport { createServer } from "node:net";' },
  );
  const { code, stdout } = await nomosRun(t, ["own.scenario.ts"], { cwd });
  assert.equal(code, 3, stdout);
  assert.match(stdout, /NR-LOCAL-PORT-TAKEN.*validator-2 can't start: 127\.\d+\.\d+\.\d+:\d+, held by pid \d+/);
  assert.deepEqual(membersBelow(cwd), []);
});

test("a runner that is killed leaves no member behind", async (t) => {
  const cwd = folderWith(t, '.withRunDuration("60s")');
  const run = start(t, ["own.scenario.ts"], { cwd });
  await awaitCluster(cwd);
  run.child.kill("SIGKILL");
  await waitFor({
    clock: systemClock,
    what: "the guardian to remove the members",
    timeoutMs: 20_000,
    intervalMs: 100,
    look: () => {
      const left = membersBelow(cwd);
      return left.length === 0 ? { done: true, value: undefined } : { done: false, seen: `pids ${left.join(", ")}` };
    },
  });
});

test("where etcd is missing or too old, the run says what to install, and nothing was started", async (t) => {
  const old = join(scratch(t), "etcd");
  writeFileSync(old, "#!/bin/sh\necho etcd Version: 3.2.9\n");
  chmodSync(old, 0o755);
  for (const [program, why] of [
    ["/nowhere/etcd", /\/nowhere\/etcd can't be started; install Debian's etcd-server/],
    [old, /etcd Version: 3\.2\.9, and 3\.4 is the oldest that will do/],
  ] as const) {
    const cwd = folderWith(t, '.withRunDuration("10s")', { program });
    const plan = await nomosRun(t, ["plan", "own.scenario.ts"], { cwd });
    assert.equal(plan.code, 0, "a plan needs none of it");
    const { code, stdout } = await nomosRun(t, ["own.scenario.ts"], { cwd });
    assert.equal(code, 3, stdout);
    assert.match(stdout, /NR-NODE-MISSING/);
    assert.match(stdout, why);
    assert.equal(readReport(join(cwd, ".nomos-run/latest")).inventory.created, 0);
  }
});
