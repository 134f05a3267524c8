import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { cleanRun } from "../../lib/host/runs.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { latestRun, nomosRun, readEvents, readReport, scratch } from "../support/program.ts";
import { markedProcesses } from "../support/world.ts";

interface Up {
  readonly run: string;
  readonly folder: string;
  readonly nodes: readonly { name: string; api: string; testing: string; pid: number }[];
}

const NETWORK = ".topologyWith((t) => t.networkStar().validators(2).executors(1)).wallets(12)";

/** Scenarios of one network: to deploy it, to watch it, to write to it, and what can't be. */
function folder(t: TestContext): string {
  const cwd = scratch(t);
  const scenario = (name: string, body: string) =>
    writeFileSync(
      join(cwd, `${name}.scenario.ts`),
      `import { scenario } from "nomos-run";\nexport default scenario("${name}")${NETWORK}${body}.withRunDuration("120s").build();\n`,
    );
  scenario("net", "");
  scenario("watch", ".expectConsensusLiveness()");
  scenario(
    "load",
    `.transactionsWith((txs) => txs.rate(1).users(10)).daWith((da) => da.channelRate(1).blobRate(1)).expectConsensusLiveness()`,
  );
  scenario(
    "chaos",
    `.enableNodeControl().chaosWith((c) => c.restart({ minDelay: "10s", maxDelay: "20s", targetCooldown: "30s" }))`,
  );
  scenario(
    "own",
    `.withWorkload({ name: "sly", async start(ctx) {
      const [node] = ctx.cluster.running();
      const tried = [
        node!.client.submit({} as never),
        ctx.cluster.control.kill("validator-0"),
        ctx.cluster.control.setLinks([]),
      ];
      const codes = (await Promise.allSettled(tried)).map((each) => each.status === "rejected" && each.reason.code);
      ctx.events.emit("observation", { by: "sly", data: { codes, secrets: ctx.wallets.map(({ secret }) => [...secret]),
        hex: ctx.wallets.map(({ secret }) => Buffer.from(secret).toString("hex")), raw: ctx.wallets.map(({ secret }) => ({ ...secret })) } });
    } })`,
  );
  return cwd;
}

async function up(t: TestContext, cwd: string, env?: Record<string, string>): Promise<Up> {
  const speed = env ? [] : ["--profile", "fast"];
  const line = ["up", "net.scenario.ts", ...speed, "--json"];
  const { code, stdout, stderr } = await nomosRun(t, line, { cwd, ...(env && { env }) });
  assert.equal(code, 0, stderr);
  const document = JSON.parse(stdout) as Up;
  t.after(() => cleanRun({ runId: document.run, clock: systemClock, graceMs: 0 }));
  return document;
}

const flags = ({ nodes }: Up) => nodes.flatMap(({ name, api }) => ["--node", `${name}=${api}`]);

const outcomes = (path: string) =>
  readReport(path).expectations.map(({ expectation, outcome }) => `${expectation} ${outcome}`);

describe("attach", { concurrency: 2 }, () => {
  it("judges a network at given addresses, reading only, and touches nothing of it", async (t) => {
    const cwd = folder(t);
    const network = await up(t, cwd);
    const before = markedProcesses(network.run);
    const logs = () =>
      network.nodes.map(
        ({ name }) => readFileSync(join(network.folder, `logs/${name}.log`), "utf8").split("\n").length,
      );
    const started = logs();
    const watch = await nomosRun(t, ["attach", "watch.scenario.ts", "--profile", "fast", ...flags(network)], { cwd });
    assert.equal(watch.code, 0, watch.stdout + watch.stderr);
    const path = latestRun(cwd);
    assert.notEqual(path, network.folder);
    for (const name of ["agreement", "no-unexpected-exit", "liveness"]) {
      assert.ok(outcomes(path).includes(`${name} passed`), name);
    }
    const report = readReport(path);
    assert.equal(report.deployer, "attached");
    assert.deepEqual([report.inventory.created, report.inventory.removed, report.kept], [0, 0, false]);
    assert.deepEqual(markedProcesses(network.run), before, "its processes are the same");
    assert.deepEqual(markedProcesses(report.runId), []);
    const seen = readEvents(path).filter((event) => event.type === "block.seen");
    assert.ok(seen.length > 20);
    // What was judged is the network's own chain, by plain HTTP.
    const last = seen.at(-1);
    const answer = await fetch(`${network.nodes[0]?.api}/storage/block`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(last?.block),
    });
    assert.equal(answer.status, 200);
    assert.ok(logs().every((lines, i) => lines >= (started[i] ?? 0)));

    const recheck = await nomosRun(t, ["recheck", "latest"], { cwd });
    assert.equal(recheck.code, 0, recheck.stdout);
    const replay = await nomosRun(t, ["replay", "latest"], { cwd });
    assert.equal(replay.code, 64);
    assert.match(replay.stderr, /attached/);
    // The newest run is the one that was attached; the network is another's.
    const down = await nomosRun(t, ["down", "latest"], { cwd });
    const told = `still up is ${network.run}; take it down with: nomos-run down ${network.run}\n`;
    assert.ok(down.stdout.endsWith(told), down.stdout);
    assert.deepEqual(markedProcesses(network.run), before);
  });

  it("sends to a run's own network when that is allowed, twice, from the notes that are there then", async (t) => {
    const cwd = folder(t);
    // Slots that a busy machine keeps up with.
    const env = { CONSENSUS_SLOT_TIME: "0.5" };
    const network = await up(t, cwd, env);
    const other = await nomosRun(t, ["attach", "watch.scenario.ts", "--run", network.run], { cwd });
    assert.equal(other.code, 64);
    assert.match(
      other.stderr,
      /NR-ATTACH-NETWORK: run .* deployed another network. its slot: 500 ms; the plan's: 2000 ms/,
    );
    const readOnly = await nomosRun(t, ["attach", "load.scenario.ts", "--run", network.run], { cwd, env });
    assert.equal(readOnly.code, 64);
    assert.match(
      readOnly.stderr,
      /NR-ATTACH-WRITES\n.*transactions writes to the network .*: 1 transactions per block/,
    );
    assert.match(readOnly.stderr, /data-availability writes to the network/);
    assert.equal(latestRun(cwd), network.folder, "nothing was started");

    for (const round of [1, 2]) {
      const scenario = round === 1 ? "load.scenario.ts" : "again.scenario.ts";
      if (round === 2) {
        writeFileSync(
          join(cwd, scenario),
          readFileSync(join(cwd, "load.scenario.ts"), "utf8").replace(/\.daWith\(.*?blobRate\(1\)\)/, ""),
        );
      }
      const load = await nomosRun(
        t,
        ["attach", scenario, "--run", network.run, "--allow-writes", "--duration", "40s"],
        { cwd, env },
      );
      // On a busy machine a generator may not keep its rate; what it sent must have gone well all the same.
      const figures = (kind: string) =>
        readReport(latestRun(cwd)).expectations.find((each) => each.expectation === kind)?.figures ?? {};
      const { accepted, included, refused } = figures("transaction-inclusion");
      assert.ok(Number(accepted) > 5, load.stdout + load.stderr);
      assert.deepEqual([included, refused], [accepted, 0]);
      if (round === 1) assert.ok(Number(figures("data-availability")["readBack"]) > 5, load.stdout);
    }
    const killed = network.nodes[1];
    process.kill(killed?.pid ?? 0, "SIGKILL");
    const watch = await nomosRun(t, ["attach", "watch.scenario.ts", "--run", network.run], { cwd, env });
    assert.equal(watch.code, 3, watch.stdout);
    assert.match(watch.stdout, /NR-ATTACH-NODE.*2 of 3 addresses answers.*validator-1/s);
  });

  it("a workload of the scenario's own can neither write nor control, and the user's keys are in no file", async (t) => {
    const cwd = folder(t);
    const network = await up(t, cwd);
    const secret = "5e".repeat(16) + "c3".repeat(16);
    const keys = [{ secret, note: "ab".repeat(32), value: "7" }];
    writeFileSync(join(cwd, "keys.json"), JSON.stringify(keys));
    const line = ["attach", "own.scenario.ts", "--profile", "fast", "--keys", "keys.json", "--reporter", "json"];
    const own = await nomosRun(t, [...line, ...flags(network)], { cwd });
    const path = latestRun(cwd);
    const event = readEvents(path).find(({ type }) => type === "observation");
    assert.ok(event?.type === "observation", own.stdout + own.stderr);
    assert.deepEqual(event.data["codes"], ["NR-ATTACH-READ-ONLY", "NR-ATTACH-CONTROL", "NR-ATTACH-CONTROL"]);
    const bytes = [...Buffer.from(secret, "hex")];
    const forms = [
      secret,
      secret.toUpperCase(),
      Buffer.from(secret, "hex").toString("base64").slice(0, 40),
      bytes.join(","),
      JSON.stringify(Object.fromEntries(bytes.entries())).slice(1, -1),
    ];
    const written = readdirSync(path, { recursive: true, encoding: "utf8" })
      .map((file) => join(path, file))
      .filter((file) => statSync(file).isFile())
      .map((file) => readFileSync(file, "utf8"));
    for (const text of [...written, own.stdout, own.stderr]) {
      for (const form of forms) assert.ok(!text.includes(form), `${form} is in ${text.slice(0, 100)}`);
    }
    assert.deepEqual(event.data["hex"], ["[redacted]"]);
  });

  it("refuses what can't be, before anything is asked", async (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, "secret.json"), `[{ "secret": "s3cret", "note": "x", "value": 1 }]`);
    writeFileSync(join(cwd, "broken.json"), `{ s3cret`);
    writeFileSync(
      join(cwd, "logs.scenario.ts"),
      `import { scenario } from "nomos-run";
export default scenario("logs").topologyWith((t) => t.networkStar().validators(1)).expectLog({ mustNot: /panic/ }).withRunDuration("90s").build();
`,
    );
    const all =
      "--node validator-0=http://127.0.0.1:1 --node validator-1=http://127.0.0.1:2 --node executor-0=http://127.0.0.1:3";
    const refusals: [string, RegExp][] = [
      ["attach watch.scenario.ts", /NR-CLI-OPTION: nothing to attach to was named/],
      [`attach watch.scenario.ts --run latest ${all}`, /NR-CLI-OPTION: --run and --node exclude each other/],
      ["attach watch.scenario.ts --run latest", /NR-CLI-RUN-UNKNOWN: there is no latest run/],
      ["attach watch.scenario.ts --node validator-0", /NR-CLI-VALUE: --node validator-0 can't be read/],
      ["attach watch.scenario.ts --node validator-0=nowhere", /NR-CLI-VALUE: the address of validator-0 can't be read/],
      [
        "attach watch.scenario.ts --node validator-0=https://h:1",
        /NR-CLI-VALUE: the address of validator-0, https:\/\/h:1, can't/,
      ],
      [
        "attach watch.scenario.ts --node validator-0=http://me:hunter2@h:1",
        /NR-CLI-VALUE: the address of validator-0, which has a password, can't/,
      ],
      [
        "attach watch.scenario.ts --node validator-0=http://h:1 --node validator-0=http://h:2",
        /NR-CLI-OPTION: --node names validator-0 twice/,
      ],
      [
        "attach watch.scenario.ts --node validator-0=http://h:1",
        /NR-ATTACH-NETWORK: 2 of the plan's 3 nodes have no address: validator-1, executor-0/,
      ],
      [
        `attach watch.scenario.ts ${all} --node validator-2=http://h:1`,
        /NR-ATTACH-NETWORK: the plan has no node validator-2\n.*validator-/,
      ],
      [
        `attach watch.scenario.ts ${all} --testing validator-7=1`,
        /NR-CLI-OPTION: --testing validator-7=1 names a node without --node/,
      ],
      [
        `attach watch.scenario.ts ${all} --testing validator-0=99999`,
        /NR-CLI-VALUE: --testing validator-0=99999 can't be read/,
      ],
      [`attach chaos.scenario.ts ${all}`, /NR-PLAN-CAPABILITY\n.*the backend attached can't do that/],
      [
        `attach load.scenario.ts ${all} --allow-writes`,
        /NR-ATTACH-WALLETS\n.*sends from 10 wallets, and there are keys of 0/,
      ],
      [
        `attach load.scenario.ts ${all} --allow-writes`,
        /NR-ATTACH-WRITES\n.*testing servers, and validator-0, validator-1, executor-0 has none/,
      ],
      [
        "attach logs.scenario.ts --node validator-0=http://127.0.0.1:1",
        /NR-ATTACH-EXPECTATION\n.*reads the nodes' logs/,
      ],
      [`attach load.scenario.ts ${all} --keys nothing.json`, /NR-ATTACH-KEYS: .*can't be read \(ENOENT\)/],
      [`attach load.scenario.ts ${all} --keys secret.json`, /NR-ATTACH-KEYS: .*secret of entry 1 is not 64 hex digits/],
      [`attach load.scenario.ts ${all} --keys broken.json`, /NR-ATTACH-KEYS: .*it is not JSON/],
    ];
    for (const [line, says] of refusals) {
      const { code, stderr, stdout } = await nomosRun(t, line.split(" "), { cwd });
      assert.match(stderr, says, line);
      assert.doesNotMatch(stderr + stdout, /s3cret|hunter2/);
      assert.equal(code, 64, line);
    }
    assert.ok(!existsSync(join(cwd, ".nomos-run")));
  });
});
