/**
 * Boot and teardown of a network of containers, each beside what a reader can do by hand: docker-compose with the file of the
 * same network, and the bare calls of dockerode that make the same containers with nothing around them. Prints one JSON object.
 *
 * usage: node bench/compose.ts [--nodes 5] [--rounds 5]
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import Docker from "dockerode";
import { createComposeDeployer } from "../lib/deployers/compose/compose.ts";
import { COMPOSE_FILE } from "../lib/deployers/compose/compose-file.ts";
import { BUILT_IN_EXPECTATIONS } from "../lib/expectations/built-in.ts";
import { startGuardian } from "../lib/host/guardian-client.ts";
import { systemClock } from "../lib/host/system-clock.ts";
import type { Binding } from "../lib/model/binding.ts";
import { createUndiciTransport } from "../lib/nodes/client/undici-transport.ts";
import { referenceKind } from "../lib/nodes/reference/kind.ts";
import { scenario } from "../lib/plan/builder/scenario.ts";
import { resolve } from "../lib/plan/resolve.ts";

const { values } = parseArgs({
  options: { nodes: { type: "string", default: "5" }, rounds: { type: "string", default: "5" } },
});
const NODES = Number(values.nodes);
const ROUNDS = Number(values.rounds);
const run = promisify(execFile);
const docker = new Docker();

const written = scenario("bench")
  .topologyWith((t) => t.networkStar().validators(NODES))
  .withRunDuration("60s")
  .build();
const deployer = createComposeDeployer({
  env: process.env,
  openTransport: (node) => createUndiciTransport(node, systemClock),
});
const registry = {
  nodeKinds: new Map([[referenceKind.name, referenceKind]]),
  deployers: new Map([[deployer.name, deployer]]),
  workloads: new Map(),
  expectations: BUILT_IN_EXPECTATIONS,
  tasks: new Map(),
};
const { plan } = resolve(written, { drawnSeed: "bench", deployer: "compose" }, registry);

interface Timed {
  readonly bootMs: number;
  readonly downMs: number;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Asks every node every 25 ms until it has its peers. */
async function allReady({ nodes }: Binding): Promise<void> {
  await Promise.all(
    nodes.map(async ({ reach }, index) => {
      const expected = index === 0 ? nodes.length - 1 : 1;
      for (;;) {
        const info = await answer(`http://127.0.0.1:${reach?.apiPort}/network/info`);
        if (info && info.n_peers >= expected) return;
        await systemClock.sleep(25);
      }
    }),
  );
}

async function answer(url: string): Promise<{ n_peers: number } | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return response.ok ? ((await response.json()) as { n_peers: number }) : null;
  } catch {
    // Not listening yet.
    return null;
  }
}

interface Template {
  readonly folder: string;
  readonly binding: Binding;
  readonly networks: readonly Docker.NetworkCreateOptions[];
  readonly containers: readonly (Docker.ContainerCreateOptions & {
    readonly peers: string;
    readonly address: string;
  })[];
}

/** Ours; what it made is noted for the others. */
async function ours(round: number): Promise<Timed & { readonly template: Template }> {
  const runId = `bench-${process.pid}-${round}`;
  const folder = await mkdtemp(join(tmpdir(), `nomos-run-${runId}-`));
  const guardian = await startGuardian({
    runId,
    clock: systemClock,
    logFile: join(folder, "guardian.log"),
    cwd: folder,
  });
  const deployment = deployer.open({
    runId,
    plan,
    nodeKind: referenceKind,
    genesis: referenceKind.genesis(plan),
    folder,
    clock: systemClock,
    spawner: guardian,
    needs: [],
    inventory: { add: () => undefined, removedByOthers: () => undefined },
    events: { emit: () => undefined },
  });
  const { signal } = new AbortController();
  let binding: Binding | undefined;
  const bootMs = await timed(async () => {
    binding = await deployment.reserve(signal);
    await deployment.deploy(binding, signal);
    await allReady(binding);
  });
  if (!binding) throw new Error("nothing was reserved");
  const template = await templateOf(runId, folder, binding);
  const downMs = await timed(() => deployment.sweep(signal));
  await guardian.stop();
  return { bootMs, downMs, template };
}

async function templateOf(runId: string, folder: string, binding: Binding): Promise<Template> {
  const filters = { label: [`nomos-run.run=${runId}`] };
  const networks = await docker.listNetworks({ filters });
  const containers = await docker.listContainers({ filters });
  return {
    folder,
    binding,
    networks: networks.map(({ Name, Internal, Options, IPAM }) => ({
      Name,
      Internal,
      Options: Options ?? {},
      IPAM: IPAM as never,
    })),
    containers: await Promise.all(
      containers.map(async ({ Id }) => {
        const { Name, Config, HostConfig, NetworkSettings } = await docker.getContainer(Id).inspect();
        const [peers = "", network] =
          Object.entries(NetworkSettings.Networks).find(([name]) => name.endsWith("_peers")) ?? [];
        const node = Config.Labels["nomos-run.node"] ?? "";
        return {
          name: Name.slice(1),
          Image: Config.Image,
          Cmd: Config.Cmd,
          Env: Config.Env,
          ExposedPorts: Config.ExposedPorts ?? {},
          HostConfig: { ...HostConfig, Binds: [`${folder}/nodes/${node}/node.json:/node/node.json:ro`] },
          peers,
          address: network?.IPAddress ?? "",
        };
      }),
    ),
  };
}

/** The same with the file that a run leaves. */
async function dockerCompose({ folder, binding }: Template): Promise<Timed> {
  const compose = (...args: string[]) => run("docker-compose", ["-f", join(folder, COMPOSE_FILE), ...args]);
  const bootMs = await timed(async () => {
    await compose("up", "-d");
    await allReady(binding);
  });
  const downMs = await timed(() => compose("down", "-t", "0"));
  return { bootMs, downMs };
}

/** The same containers by bare calls, all at once. */
async function bare({ binding, networks, containers }: Template): Promise<Timed> {
  const bootMs = await timed(async () => {
    await Promise.all(networks.map((network) => docker.createNetwork(network)));
    await Promise.all(
      containers.map(async ({ peers, address, ...options }) => {
        const container = await docker.createContainer(options);
        const EndpointConfig = { IPAMConfig: { IPv4Address: address } };
        await docker.getNetwork(peers).connect({ Container: container.id, EndpointConfig });
        await container.start();
      }),
    );
    await allReady(binding);
  });
  const downMs = await timed(async () => {
    await Promise.all(containers.map(({ name }) => docker.getContainer(name ?? "").remove({ force: true })));
    await Promise.all(networks.map(({ Name }) => docker.getNetwork(Name).remove()));
  });
  return { bootMs, downMs };
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
}

// The image is made before: only its reuse is measured.
await rm((await ours(-1)).template.folder, { recursive: true });
const rounds: { ours: Timed; compose: Timed; bare: Timed }[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const { template, ...mine } = await ours(round);
  rounds.push({ ours: mine, compose: await dockerCompose(template), bare: await bare(template) });
  await rm(template.folder, { recursive: true });
}
const ratio = (of: (round: (typeof rounds)[number]) => number) => median(rounds.map(of));
console.log(
  JSON.stringify(
    {
      nodes: NODES,
      rounds,
      bootToCompose: { ratio: ratio(({ ours, compose }) => ours.bootMs / compose.bootMs), limit: 0.8 },
      bootToBare: { ratio: ratio(({ ours, bare }) => ours.bootMs / bare.bootMs), limit: 1.25 },
      downToCompose: { ratio: ratio(({ ours, compose }) => ours.downMs / compose.downMs), limit: 0.8 },
    },
    null,
    2,
  ),
);
process.exit();
