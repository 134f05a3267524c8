import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { checkLimits } from "../../lib/deployers/compose/check-limits.ts";
import { createComposeDeployer } from "../../lib/deployers/compose/compose.ts";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { connectEngine } from "../../lib/host/docker/engine.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { Cluster } from "../../lib/model/cluster.ts";
import { standInPlan } from "../backends/stand-in/kind.ts";
import { openTransport, startOn } from "../backends/start-on.ts";

const MIB = 2 ** 20;
const deployer = createComposeDeployer({ env: {}, openTransport });

interface HeldTo {
  readonly Memory: number;
  readonly MemorySwap: number;
  readonly NanoCpus: number;
}

/** What Docker's own program says that a node's container is held to. */
function heldTo(cluster: Cluster, name: string): HeldTo {
  const node = cluster.node(name);
  const container = node.state === "running" ? node.handle.replace("container ", "") : assert.fail(node.why);
  const said = execFileSync("docker", ["inspect", "-f", "{{json .HostConfig}}", container], { encoding: "utf8" });
  const { Memory, MemorySwap, NanoCpus } = JSON.parse(said) as HeldTo;
  return { Memory, MemorySwap, NanoCpus };
}

test("nodes get the plan's limits, also after a wipe, and one that takes more memory is said to be out of it", async () => {
  const plan = standInPlan(2);
  await using run = await startOn(deployer, {
    ...plan,
    topology: { ...plan.topology, limits: { memoryMiB: 160.5, cpus: 0.75 } },
  });
  const { cluster, events } = run;
  const limits = { Memory: 160.5 * MIB, MemorySwap: 160.5 * MIB, NanoCpus: 750_000_000 };
  assert.deepEqual(heldTo(cluster, "validator-0"), limits);
  await cluster.control.kill("validator-0");
  await cluster.control.wipe("validator-0");
  await cluster.control.start("validator-0");
  assert.deepEqual(heldTo(cluster, "validator-0"), limits);
  const compose = readFileSync(join(run.folder, "docker-compose.yml"), "utf8");
  assert.match(compose, /mem_limit: 168296448\n\s+memswap_limit: 168296448\n\s+cpus: 0.75\n/);

  const greedy = cluster.node("validator-1");
  const { reach } = greedy.bound;
  await fetch(`http://${reach?.host}:${reach?.apiPort}`, { method: "POST" });
  const ended = await waitFor({
    clock: systemClock,
    what: "the end of the node that takes memory",
    timeoutMs: 30_000,
    intervalMs: 50,
    look: async () => {
      const end = events.find((event) => event.type === "node.ended" && event.node === "validator-1");
      return end ? { done: true, value: end } : { done: false, seen: "it runs" };
    },
  });
  const { why, expected } = ended as unknown as { why: string; expected: boolean };
  assert.equal(why, "SIGKILL, out of memory: its container may take 160.5 MiB");
  assert.equal(expected, false);
  // What ended it doesn't stick to it.
  await cluster.control.start("validator-1");
  await cluster.control.kill("validator-1");
  const again = events.filter((event) => event.type === "node.ended").at(-1);
  assert.equal((again as unknown as { why: string }).why, "SIGKILL, as asked");
});

test("without limits a node may take a gibibyte and every processor", async () => {
  await using run = await startOn(deployer, standInPlan(1));
  const { Memory, NanoCpus } = heldTo(run.cluster, "validator-0");
  assert.deepEqual([Memory, NanoCpus], [1_024 * MIB, 0]);
});

test("limits that the engine's machine can't hold nodes to are refused with its figures", async () => {
  const engine = await connectEngine(engineAddress({}), systemClock);
  const machine = Number(execFileSync("docker", ["info", "-f", "{{.NCPU}}"], { encoding: "utf8" }));
  await checkLimits(engine, {});
  await checkLimits(engine, { memoryMiB: 64, cpus: machine });
  await assert.rejects(checkLimits(engine, { cpus: machine + 0.5 }), {
    code: "NR-DOCKER-LIMITS",
    message: `each node is limited to ${machine + 0.5} processors, and the Docker Engine at unix:///var/run/docker.sock has ${machine}`,
  });
});
