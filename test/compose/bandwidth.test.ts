import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { basename } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { createComposeDeployer } from "../../lib/deployers/compose/compose.ts";
import type { Cluster } from "../../lib/model/cluster.ts";
import type { RunContext } from "../../lib/model/run-context.ts";
import type { LinkFaultOptions } from "../../lib/plan/faults/links.ts";
import { linksAct } from "../../lib/workloads/chaos/acts/links.ts";
import { LinkBook } from "../../lib/workloads/chaos/link-book.ts";
import { standInKind, standInPlan } from "../backends/stand-in/kind.ts";
import { openTransport, startOn } from "../backends/start-on.ts";

const run = promisify(execFile);
const RATE_KBIT = 2_000;
/** What a machine at its limits still gets across where nothing narrows the line. */
const FREE_KBIT = 10 * RATE_KBIT;

/** Counts what a connection to the first argument brings in so many ms from its first byte on: 1,000 bits a second. */
const RECEIVER = `
const [host, port, ms] = process.argv.slice(1);
let [bytes, first] = [0, 0];
const socket = require("node:net").connect(Number(port), host);
const end = () => {
  console.log((bytes * 8) / (performance.now() - first));
  process.exit();
};
socket.write("GET /bulk HTTP/1.1\\r\\nhost: peer\\r\\nconnection: close\\r\\n\\r\\n");
socket.on("data", (part) => {
  if (!first) {
    first = performance.now();
    setTimeout(end, Number(ms));
  }
  bytes += part.length;
}).on("end", end);
setTimeout(end, 20_000);
`;

const planned = standInPlan(3);
const names = planned.topology.nodes.map(({ name }) => name);
const plan = {
  ...planned,
  topology: {
    ...planned.topology,
    nodes: planned.topology.nodes.map((node) => ({ ...node, neighbours: names.filter((name) => name !== node.name) })),
  },
};

/** What a node gets from another one in a second, as it counts it in its own container. */
async function received(cluster: Cluster, to: string, from: string): Promise<number> {
  const node = cluster.node(to);
  const container = node.state === "running" ? node.handle.replace("container ", "") : assert.fail(node.why);
  const { host, peerPort } = cluster.node(from).bound;
  const program = `/usr/bin/${basename(process.execPath)}`;
  const { stdout } = await run("docker", ["exec", container, program, "-e", RECEIVER, host, String(peerPort), "2000"]);
  return Number(stdout);
}

test("a node sends its peers no more than the fault lets through, over a restart too, and the kernel shows it", async (t) => {
  await using world = await startOn(createComposeDeployer({ env: {}, openTransport }), plan);
  const { cluster } = world;
  const [a = "", b = "", c = ""] = names;
  const signal = new AbortController().signal;
  const ctx = { cluster, plan, nodeKind: standInKind, signal } as unknown as RunContext;
  const options = { kind: "bandwidth", targets: [b], links: null, oneWay: true, rateKbit: RATE_KBIT, forMs: 10_000 };
  const act = linksAct(options as unknown as LinkFaultOptions, [b], new LinkBook());
  const isFree = (kbit: number) => assert.ok(kbit > FREE_KBIT, `${kbit} kbit/s`);
  // What may leave at once comes on top. A connection on a busy machine needs a while to fill a line.
  const isNarrow = (kbit: number) => assert.ok(kbit > 0.25 * RATE_KBIT && kbit < 1.15 * RATE_KBIT, `${kbit} kbit/s`);

  isFree(await received(cluster, a, b));
  const before = await act.look(ctx);
  assert.deepEqual(before, { done: false, seen: `the kernel has no line of ${RATE_KBIT} kbit/s from ${b} to ${a}` });

  await act.begin(ctx);
  const idle = await act.look(ctx);
  assert.match(
    "seen" in idle ? idle.seen : "",
    /^\d+ packets came to 2 lines, which carried \d\.\d kB; none had to wait/,
  );
  const narrow = await received(cluster, a, b);
  t.diagnostic(`${Math.round(narrow)} kbit/s at a rate of ${RATE_KBIT}`);
  isNarrow(narrow);
  const seen = await act.look(ctx);
  assert.match(
    seen.done ? seen.value : "",
    /^\d+ packets came to 2 lines, which carried \d+\.\d kB; they had to wait \d+ times$/,
  );
  isFree(await received(cluster, a, c));
  isFree(await received(cluster, b, a));
  // The runner's own way to the node is as wide as ever.
  const { reach } = cluster.node(b).bound;
  const from = performance.now();
  await (await fetch(`http://${reach?.host}:${reach?.apiPort}/bulk`)).arrayBuffer();
  assert.ok(performance.now() - from < 20_000, "160 Mbit at the rate of the fault take 80 s");

  await cluster.control.restart(b);
  isNarrow(await received(cluster, c, b));

  // Healed even if its target is dead, and whatever it comes back as.
  await cluster.control.kill(b);
  await act.end?.(ctx);
  await cluster.control.start(b);
  assert.deepEqual(await cluster.filtered?.(b), []);
  isFree(await received(cluster, a, b));
});

test("a line that a fault narrows is put again for a node that was wiped meanwhile", async () => {
  await using world = await startOn(createComposeDeployer({ env: {}, openTransport }), plan);
  const { cluster } = world;
  const [a = "", b = ""] = names;
  const clear = { delayMs: 0, jitterMs: 0, loss: 0 };
  await cluster.control.kill(b);
  await cluster.control.setLinks([{ from: b, to: a, ...clear, bandwidthKbit: 64 }]);
  await cluster.control.wipe(b);
  await cluster.control.start(b);
  const container = cluster.node(b);
  const id = container.state === "running" ? container.handle.replace("container ", "") : assert.fail();
  const pid = execFileSync("docker", ["inspect", "-f", "{{.State.Pid}}", id], { encoding: "utf8" }).trim();
  // As the system's own tc sees it, where this machine has it.
  const shown = execFileSync("nsenter", ["-t", pid, "-n", "tc", "qdisc", "show"], { encoding: "utf8" });
  assert.match(shown, /qdisc tbf \S+ dev \S+ parent 1:1 rate 64Kbit /);
  await cluster.control.release();
  const after = execFileSync("nsenter", ["-t", pid, "-n", "tc", "qdisc", "show"], { encoding: "utf8" });
  assert.doesNotMatch(after, /tbf|htb/);
});
