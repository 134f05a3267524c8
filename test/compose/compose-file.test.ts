import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { parse } from "yaml";
import { waitFor } from "../../lib/core/wait.ts";
import {
  COMPOSE_FILE,
  type ComposeNode,
  type ComposeStack,
  composeFile,
} from "../../lib/deployers/compose/compose-file.ts";
import { deliver } from "../../lib/deployers/compose/deliver.ts";
import { NodeImages } from "../../lib/deployers/compose/node-images.ts";
import { reserveNetworks } from "../../lib/deployers/compose/reserve.ts";
import { createLocalDeployer } from "../../lib/deployers/local/local.ts";
import { BUILT_IN_EXPECTATIONS } from "../../lib/expectations/built-in.ts";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { connectEngine } from "../../lib/host/docker/engine.ts";
import { sweepEngine } from "../../lib/host/docker/sweep.ts";
import { systemClock, wallNow } from "../../lib/host/system-clock.ts";
import { referenceKind } from "../../lib/nodes/reference/kind.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import { BUILT_IN_WORKLOADS } from "../../lib/workloads/built-in.ts";
import { scratch } from "../support/program.ts";

const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: "utf8", timeout: 120_000, stdio: ["ignore", "pipe", "pipe"] }).trim();

const HOUR_MS = 3_600_000;

/** What a node says of its chain over its published port; null while it doesn't. */
async function chainOf({ bound }: ComposeNode): Promise<{ readonly height: number; readonly tip: string } | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${bound.reach?.apiPort}/cryptarchia/info`, {
      signal: AbortSignal.timeout(2_000),
    });
    return (await answer.json()) as { height: number; tip: string };
  } catch {
    // Not yet, or no more.
    return null;
  }
}

function reachHeight(nodes: readonly ComposeNode[], height: number): Promise<readonly number[]> {
  return waitFor({
    clock: systemClock,
    what: `every node at height ${height}`,
    timeoutMs: 60_000,
    intervalMs: 100,
    look: async () => {
      const heights = (await Promise.all(nodes.map(chainOf))).map((chain) => chain?.height ?? -1);
      return heights.every((each) => each >= height)
        ? { done: true, value: heights }
        : { done: false, seen: heights.join(", ") };
    },
  });
}

test("the file of a run that is over boots its network with docker-compose, which makes blocks and goes without a trace", async (t) => {
  const folder = scratch(t);
  const runId = `compose-file-${process.pid}`;
  const engine = await connectEngine(engineAddress({}), systemClock);
  const registry = {
    nodeKinds: new Map([[referenceKind.name, referenceKind]]),
    deployers: new Map([["local", createLocalDeployer({ openTransport: () => assert.fail("nothing is deployed") })]]),
    workloads: BUILT_IN_WORKLOADS,
    expectations: BUILT_IN_EXPECTATIONS,
    tasks: new Map(),
  };
  const boots = scenario("boot")
    .topologyWith((topology) => topology.networkStar().validators(2).executors(1))
    .withRunDuration("60s");
  const { plan } = resolve(boots.build(), { drawnSeed: "boot", profile: "fast" }, registry);

  // Addresses that are free, which the run has let go.
  const names = plan.topology.nodes.map(({ name }) => name);
  const inventory = { add: () => undefined };
  const reservation = await reserveNetworks(engine, { runId, names, inventory }, new AbortController().signal);
  const sweep = () => sweepEngine(engine, { runId, clock: systemClock, graceMs: 0 });
  t.after(sweep);
  await sweep();

  const binding = { runId, chainStartMs: wallNow() - HOUR_MS, nodes: [...reservation.nodes] };
  const never = () => assert.fail("nothing is started");
  const context = {
    runId,
    plan,
    nodeKind: referenceKind,
    genesis: referenceKind.genesis(plan),
    folder,
    clock: systemClock,
    spawner: { spawn: never, signal: never, atEnd: never },
    inventory: { ...inventory, removedByOthers: never },
    events: { emit: never },
    needs: [],
  };
  const place = { images: new NodeImages(engine, systemClock), binding, networks: reservation };
  const delivered = await deliver(context, place, new AbortController().signal);
  // A node that was last started under a fault.
  delivered[0]?.files({ links: {}, clockOffsetMs: -HOUR_MS });
  const written = JSON.parse(readFileSync(join(folder, "nodes/validator-0/node.json"), "utf8"));
  assert.equal(written.imposed, undefined, "what is booted later is under no fault");
  const nodes = delivered.map(({ spec }) => spec);
  const file = join(folder, COMPOSE_FILE);
  writeFileSync(file, await composeFile({ runId, subnets: reservation.subnets, nodes }));
  const compose = (...args: string[]) => run("docker-compose", "-p", runId, "-f", file, ...args);
  try {
    await bootAndEnd(compose, { runId, nodes, subnets: reservation.subnets });
  } finally {
    compose("down", "-t", "0");
  }
});

async function bootAndEnd(
  compose: (...args: string[]) => string,
  { runId, nodes, subnets }: ComposeStack,
): Promise<void> {
  compose("up", "-d");
  await reachHeight(nodes, 3);
  for (const { bound } of nodes) {
    const id = compose("ps", "-q", bound.name);
    const [{ Config, HostConfig, NetworkSettings, State }] = JSON.parse(run("docker", "inspect", id));
    assert.equal(State.Running, true);
    assert.equal(Config.User, "65532:65532");
    assert.equal(Config.Hostname, bound.name);
    assert.equal(Config.Labels["nomos-run.run"], undefined, "what is booted by hand is no run's");
    assert.equal(HostConfig.Memory, 2 ** 30);
    assert.deepEqual(HostConfig.CapDrop, ["ALL"]);
    assert.deepEqual(HostConfig.SecurityOpt, ["no-new-privileges"]);
    assert.deepEqual(HostConfig.LogConfig, { Type: "json-file", Config: { "max-file": "2", "max-size": "16m" } });
    const { reach } = bound;
    assert.deepEqual(HostConfig.PortBindings, {
      "18080/tcp": [{ HostIp: "127.0.0.1", HostPort: String(reach?.apiPort) }],
      "18081/tcp": [{ HostIp: "127.0.0.1", HostPort: String(reach?.testingPort) }],
    });
    assert.equal(NetworkSettings.Networks[`${runId}_peers`].IPAddress, bound.host);
    assert.deepEqual(Object.keys(NetworkSettings.Networks).toSorted(), [`${runId}_control`, `${runId}_peers`]);
  }
  const networks = ["peers", "control"].map((name) => {
    const [{ Internal, IPAM, Options }] = JSON.parse(run("docker", "network", "inspect", `${runId}_${name}`));
    return { internal: Internal, subnet: IPAM.Config[0].Subnet, options: Options };
  });
  assert.deepEqual(networks, [
    { internal: true, subnet: subnets.peers, options: {} },
    {
      internal: false,
      subnet: subnets.control,
      options: { "com.docker.network.bridge.enable_icc": "false" },
    },
  ]);

  // State is the container's: it survives a restart, and what was agreed upon goes on.
  const before = await reachHeight(nodes, 5);
  compose("restart", "-t", "5");
  await reachHeight(nodes, Math.max(...before) + 2);

  compose("down", "-t", "5");
  const left = ["ps -aq", "network ls -q", "volume ls -q"].map((list) =>
    run("docker", ...list.split(" "), "--filter", `label=com.docker.compose.project=${runId}`),
  );
  assert.deepEqual(left, ["", "", ""]);
}

test("docker-compose reads every text as it was meant", async (t) => {
  const folder = scratch(t);
  const odd = [
    "=",
    "<<",
    "y",
    "~",
    "null",
    "0777",
    "1:20",
    "1_000",
    "2001-01-01",
    "- a",
    "# a",
    "a: b",
    "{}",
    "'",
    '"',
  ];
  const texts = [
    ...odd,
    "$HOME ${HOME} $$",
    "two\nlines\n",
    "\ttab ",
    "é\u{1f600}",
    "",
    "C:\\n",
    "%YAML",
    "*a",
    "&a",
    "!a",
  ];
  const bound = {
    name: "validator-0",
    host: "198.19.4.10",
    apiPort: 18_080,
    testingPort: 18_081,
    peerPort: 18_082,
    reach: { host: "10.0.0.7", apiPort: 20_096, testingPort: 20_097 },
  };
  const env = Object.fromEntries(texts.map((text, i) => [i === 0 ? "ON" : `V${i}`, text]));
  const node = { bound, image: "some/image:1", args: texts, env, files: [{ path: "a/$b c.json", content: "" }] };
  const file = join(folder, COMPOSE_FILE);
  const subnets = { peers: "198.19.4.0/24", control: "198.19.5.0/24" };
  writeFileSync(
    file,
    await composeFile({ runId: "texts", subnets, nodes: [{ ...node, memoryBytes: 2 ** 30, cpus: 0.5 }] }),
  );

  const read = parse(run("docker-compose", "-f", file, "config"), { version: "1.1" });
  const service = JSON.parse(JSON.stringify(read.services["validator-0"]).replaceAll("$$", "$"));
  assert.deepEqual(service.command, texts);
  assert.deepEqual(service.environment, env);
  assert.equal(service.volumes[0].source, join(folder, "nodes/validator-0/a/$b c.json"));
  assert.equal(service.volumes[0].target, "/node/a/$b c.json");
  assert.deepEqual(service.ports, ["0.0.0.0:20096:18080/tcp", "0.0.0.0:20097:18081/tcp"]);
  assert.deepEqual([service.mem_limit, service.memswap_limit, service.cpus], [2 ** 30, 2 ** 30, 0.5]);
});
