import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { firstTaken } from "../../lib/deployers/local/listeners.ts";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { connectEngine } from "../../lib/host/docker/engine.ts";
import { buildImage } from "../../lib/host/docker/image.ts";
import { rootFilesOf } from "../../lib/host/docker/root-files.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { METRIC_NAMES } from "../../lib/nodes/reference/metric-names.ts";
import { dashboardFiles } from "../../lib/tasks/observability/dashboards.ts";
import { nomosRun, scenario, scratch } from "../support/program.ts";
import { runProgram } from "../tasks/support/program.ts";

const PROMETHEUS = "/usr/bin/prometheus";
const noPrometheus = existsSync(PROMETHEUS) ? false : "there is no prometheus";
const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();

/** An image of a program of this machine, removed after the test. */
async function imageOf(t: TestContext, name: string, file: string, ...first: string[]): Promise<string> {
  const engine = await connectEngine(engineAddress({}), systemClock);
  const image = `nomos-run-test-${process.pid}:${name}`;
  const files = await rootFilesOf({ file, path: `/usr/bin/${name}` }, systemClock);
  await buildImage(engine, { name: image, files, command: [`/usr/bin/${name}`, ...first] });
  t.after(() => docker("image", "rm", "-f", image));
  return image;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function query(url: string, text: string): Promise<readonly Series[]> {
  const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: text })}`);
  const { status, data, error } = (await answer.json()) as {
    status: string;
    data: { result: Series[] };
    error?: string;
  };
  assert.equal(status, "success", `${text}: ${error}`);
  return data.result;
}

function queries(): readonly string[] {
  return [...dashboardFiles().values()].flatMap((text) =>
    (JSON.parse(text) as { panels: { targets: { expr: string }[] }[] }).panels.flatMap(({ targets }) =>
      targets.map(({ expr }) => expr),
    ),
  );
}

test("every metric of the embedded node is in a dashboard", () => {
  const all = queries().join("\n");
  assert.deepEqual(
    METRIC_NAMES.filter((name) => !new RegExp(`\\b${name}\\b`).test(all)),
    [],
  );
});

test("Prometheus scrapes the nodes of a run, and every graph of the dashboards is a query that it answers", {
  skip: noPrometheus,
}, async (t) => {
  const cwd = scratch(t);
  const image = await imageOf(t, "prometheus", PROMETHEUS);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const task = (...args: string[]) => runProgram(t, ["task", "setup-observability", ...args], { cwd });
  const up = await nomosRun(t, ["up", scenario("smoke"), "--profile", "fast", "--json"], { cwd });
  try {
    assert.equal(up.code, 0, up.stderr);
    const nodes = (JSON.parse(up.stdout).nodes as { name: string }[]).map(({ name }) => name).toSorted();
    const own = [`prometheus=${image}`, "grafana=none", `prometheus-port=${port}`, "interval-ms=200"];
    const { code, stdout, stderr } = await task("run=.nomos-run/latest", ...own);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^setup-observability: NOMOS_METRICS_QUERY_URL=${url}$`, "m"));
    const heights = await waitFor({
      clock: systemClock,
      what: "a height of every node in Prometheus",
      timeoutMs: 20_000,
      intervalMs: 100,
      look: async () => {
        const found = await query(url, "consensus_tip_height > 0");
        const names = found.map(({ metric }) => metric["node"] ?? "").toSorted();
        return names.length === nodes.length ? { done: true, value: names } : { done: false, seen: names.join() };
      },
    });
    assert.deepEqual(heights, nodes);
    const silent: string[] = [];
    for (const text of queries()) {
      const known = METRIC_NAMES.some((name) => text.includes(name));
      if ((await query(url, text)).length === 0 && known) silent.push(text);
    }
    // A rate needs two scrapes, and is there as soon as the second one is.
    assert.deepEqual(
      silent.filter((text) => !text.includes("rate(")),
      [],
    );

    // Started again it is another container; nobody else's port is taken.
    const before = docker("ps", "-q", "--filter", "name=^nomos-run-prometheus$");
    assert.equal((await task(`targets=127.0.0.1:1`, ...own)).code, 0);
    assert.notEqual(docker("ps", "-q", "--filter", "name=^nomos-run-prometheus$"), before);
    const down = await task("action=down");
    assert.match(down.stdout, /nomos-run-prometheus is removed\n/);
    assert.match((await task("action=down")).stdout, /nomos-run-prometheus was not there\n/);
    assert.equal(await firstTaken([{ host: "127.0.0.1", port }]), null);
  } finally {
    await nomosRun(t, ["down", "latest"], { cwd });
    await task("action=down");
  }
});

test("Grafana is given its source and the dashboards where it looks for them", async (t) => {
  const cwd = scratch(t);
  const port = await freePort();
  const grafanaPort = await freePort();
  // Servers that answer and show their files: neither program can be had everywhere.
  const node = process.execPath;
  const serve = "require('http').createServer((q,a)=>a.end('ok')).listen(PORT,'127.0.0.1')";
  const prometheus = await imageOf(t, "prometheus", node, "-e", serve.replace("PORT", String(port)), "--");
  const grafana = await imageOf(
    t,
    "grafana",
    node,
    "-e",
    serve.replace("PORT,'127.0.0.1'", "process.env.GF_SERVER_HTTP_PORT,process.env.GF_SERVER_HTTP_ADDR"),
  );
  const archive = join(cwd, "grafana.tar");
  docker("save", "-o", archive, grafana);
  const options = [`prometheus=${prometheus}`, `prometheus-port=${port}`, `grafana-port=${grafanaPort}`];
  const task = (...args: string[]) => runProgram(t, ["task", "setup-observability", ...args], { cwd });
  try {
    const { code, stdout, stderr } = await task("grafana=grafana.tar", ...options);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^setup-observability: NOMOS_GRAFANA_URL=http://127.0.0.1:${grafanaPort}$`, "m"));
    const file = (path: string) =>
      execFileSync("sh", ["-c", `docker cp nomos-run-grafana:${path} - | tar xO`], { encoding: "utf8" });
    const { datasources } = JSON.parse(file("/etc/grafana/provisioning/datasources/nomos-run.yaml"));
    assert.equal(datasources[0].url, `http://127.0.0.1:${port}`);
    const { providers } = JSON.parse(file("/etc/grafana/provisioning/dashboards/nomos-run.yaml"));
    for (const [name, content] of dashboardFiles()) {
      assert.equal(file(`${providers[0].options.path}/${name}`), content);
      const { panels } = JSON.parse(content) as { panels: { datasource: { uid: string } }[] };
      for (const panel of panels) assert.equal(panel.datasource.uid, datasources[0].uid);
    }
  } finally {
    await task("action=down");
  }
});

test("servers that can't come up say why, and leave nothing", async (t) => {
  const cwd = scratch(t);
  const echo = await imageOf(t, "echo", "/bin/echo", "these are", "my last words");
  const server = createServer((socket) => socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const taken = (server.address() as { port: number }).port;
  mkdirSync(join(cwd, "run"));
  writeFileSync(join(cwd, "run/binding.json"), "{}");
  writeFileSync(join(cwd, "text.tar"), "no tar");
  const free = await freePort();
  const rows: readonly [args: readonly string[], says: RegExp][] = [
    [
      [`prometheus=${echo}`, "grafana=none", `prometheus-port=${free}`],
      /NR-DOCKER-SERVICE: nomos-run-prometheus ended with 0: these are my last words /,
    ],
    [
      [`prometheus=${echo}`, "grafana=none", `prometheus-port=${taken}`],
      /NR-DOCKER-PORT: somebody answers at http:\/\/127\.0\.0\.1:\d+, where nomos-run-prometheus would be/,
    ],
    [["prometheus=no/such:image"], /NR-DOCKER-IMAGE: there is no image no\/such:image in the engine/],
    [
      [`prometheus=${echo}`, "grafana=no/such:image"],
      /NR-DOCKER-IMAGE: there is no image no\/such:image in the engine/,
    ],
    [["prometheus=text.tar"], /NR-DOCKER-ARCHIVE: \S*text.tar is no archive of an image/],
    [["run=none"], /NR-TASK-INPUT: \S*none\/binding.json does not say where a run's nodes are: ENOENT/],
    [["run=run"], /NR-TASK-INPUT: \S*run\/binding.json does not say where a run's nodes are/],
    [
      ["targets=a"],
      /NR-TASK-OPTION: task setup-observability can't use targets "a": it has "a" in it, which is not HOST:PORT/,
    ],
    [["prometheus-port=70000"], /NR-TASK-OPTION: .*prometheus-port "70000": it is no port/],
    [["interval-ms=0"], /NR-TASK-OPTION: .*interval-ms "0": it is no number of milliseconds/],
    [["action=restart"], /NR-TASK-OPTION: .*action "restart": it is neither up nor down/],
    [["prometheus=A B"], /NR-TASK-OPTION: .*prometheus "A B": it is not an image's name/],
  ];
  for (const [args, says] of rows) {
    const { code, stderr } = await runProgram(t, ["task", "setup-observability", ...args], { cwd });
    assert.notEqual(code, 0, says.source);
    assert.match(stderr, says);
  }
  assert.equal(docker("ps", "-aq", "--filter", "label=nomos-run.service"), "");
});
