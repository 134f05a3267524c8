import { mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { txHash } from "../../lib/chain/suite.ts";
import type { Genesis } from "../../lib/chain/types.ts";
import { signSelfTransfer, walletOf, walletSecret } from "../../lib/chain/wallet.ts";
import { must } from "../../lib/core/errors.ts";
import { waitFor } from "../../lib/core/wait.ts";
import { createLocalDeployer } from "../../lib/deployers/local/local.ts";
import { BUILT_IN_EXPECTATIONS } from "../../lib/expectations/built-in.ts";
import { startGuardian } from "../../lib/host/guardian-client.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { Cluster, RunningNode } from "../../lib/model/cluster.ts";
import type { Plan } from "../../lib/model/plan.ts";
import { createUndiciTransport } from "../../lib/nodes/client/undici-transport.ts";
import { referenceKind } from "../../lib/nodes/reference/kind.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import { BUILT_IN_WORKLOADS } from "../../lib/workloads/built-in.ts";

/** Embedded nodes as processes of this machine, without a run around them. */
export interface FaultNetwork extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly plan: Plan;
  readonly genesis: Genesis;
  readonly folder: string;
}

const COMPILED = join(import.meta.dirname, "../../node_modules/.cache/compile");
let networks = 0;

/** @param late a node that is to join late: it isn't started */
export async function startNetwork(validators: number, late?: string): Promise<FaultNetwork> {
  const runId = `faults-${process.pid}-${networks++}`;
  const folder = await mkdtemp(join(tmpdir(), `nomos-run-${runId}-`));
  const guardian = await startGuardian({
    runId,
    clock: systemClock,
    logFile: join(folder, "guardian.log"),
    cwd: folder,
  });
  const deployer = createLocalDeployer({ openTransport: (node) => createUndiciTransport(node, systemClock) });
  const written = scenario("faults")
    .topologyWith((t) => t.networkFull().validators(validators))
    .wallets(20)
    .withRunDuration("60s");
  if (late !== undefined) written.enableNodeControl().chaosWith((chaos) => chaos.join({ at: "10s", targets: late }));
  const registry = {
    nodeKinds: new Map([[referenceKind.name, referenceKind]]),
    deployers: new Map([[deployer.name, deployer]]),
    workloads: BUILT_IN_WORKLOADS,
    expectations: BUILT_IN_EXPECTATIONS,
    tasks: new Map(),
  };
  const { plan } = resolve(written.build(), { drawnSeed: "faults", profile: "fast" }, registry);
  const genesis = referenceKind.genesis(plan);
  const { signal } = new AbortController();
  const deployment = deployer.open({
    runId,
    plan,
    nodeKind: referenceKind,
    genesis,
    folder,
    clock: systemClock,
    // A node's sources are compiled once, not at each start.
    spawner: {
      spawn: (spec) => guardian.spawn({ ...spec, env: { ...spec.env, NODE_COMPILE_CACHE: COMPILED } }),
      signal: (pid, name) => guardian.signal(pid, name),
      atEnd: (args, env) => guardian.atEnd(args, env),
    },
    needs: [],
    inventory: { add: () => undefined, removedByOthers: () => undefined },
    events: { emit: () => undefined },
  });
  const cluster = await deployment.deploy(await deployment.reserve(signal), signal);
  const network: FaultNetwork = {
    cluster,
    plan,
    genesis,
    folder,
    async [Symbol.asyncDispose]() {
      await deployment.sweep(signal);
      await guardian.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  const there = plan.topology.nodes.filter(({ joinsLate }) => !joinsLate);
  await Promise.all(there.map(({ name }) => hasPeers(cluster, name, there.length - 1)));
  return network;
}

export function running(cluster: Cluster, name: string): RunningNode {
  const node = cluster.node(name);
  if (node.state === "stopped") throw new Error(`${name} is stopped: ${node.why}`);
  return node;
}

/** The process of a node, as the backend names it. */
export function pidOf(cluster: Cluster, name: string): number {
  return Number(running(cluster, name).handle.replace("pid ", ""));
}

/** Whether anybody listens at a node's peer port, as the kernel has it. */
export async function listens(cluster: Cluster, name: string): Promise<boolean> {
  const { host, peerPort } = cluster.node(name).bound;
  const rows = (await readFile("/proc/net/tcp", "utf8")).split("\n").map((row) => row.trim().split(/\s+/));
  return rows.some(([, local, , state]) => local === `${hex(host)}:${port(peerPort)}` && state === "0A");
}

/** Waits, at most 20 s, until the look is what is wanted. */
export async function until(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  await waitFor({
    clock: systemClock,
    what,
    timeoutMs: 20_000,
    intervalMs: 20,
    look: async () => {
      try {
        return (await look()) ? { done: true, value: undefined } : { done: false, seen: "not yet" };
      } catch (error) {
        return { done: false, seen: String(error) };
      }
    },
  });
}

export function hasPeers(cluster: Cluster, name: string, peers: number): Promise<void> {
  return until(`${peers} peers of ${name}`, async () => {
    return (await running(cluster, name).client.networkInfo()).peers === peers;
  });
}

/** Ms from the submission of a wallet's transfer to one node until another has it; null when it didn't come in time. */
export async function travelMs(
  { cluster, plan, genesis }: FaultNetwork,
  wallet: number,
  from: string,
  to: string,
  timeoutMs = 5_000,
): Promise<number | null> {
  const { pk, signer } = walletOf(walletSecret(plan.seed, wallet));
  const { id, note } = must(genesisNoteOf(genesis, pk), "a genesis note");
  const transfer = signSelfTransfer({ pk, signer }, id, note.value);
  const began = systemClock.now();
  await running(cluster, from).client.submit(transfer);
  while (systemClock.now() - began < timeoutMs) {
    const [status] = await running(cluster, to).client.txStatus([txHash(transfer.tx)]);
    if (status && status.type !== "unknown") return systemClock.now() - began;
    await systemClock.sleep(5);
  }
  return null;
}

/**
 * Connections between nodes' peer ports as the kernel has them, `dialler>listener`, whoever says what: every state but
 * those of a socket that has nothing to send any more (TIME_WAIT, CLOSE).
 */
export async function peerConnections(cluster: Cluster): Promise<ReadonlySet<string>> {
  const places = new Map(
    cluster.nodes().map(({ planned, bound }) => [`${hex(bound.host)}:${port(bound.peerPort)}`, planned.name]),
  );
  const rows = (await readFile("/proc/net/tcp", "utf8"))
    .split("\n")
    .slice(1, -1)
    .map((row) => row.trim().split(/\s+/));
  const dialled = new Map(
    rows.flatMap(([, , remote, state, , , , , , inode]) => {
      const listener = places.get(remote ?? "");
      return listener && state !== "06" && state !== "07" ? [[inode ?? "", listener] as const] : [];
    }),
  );
  const found = await Promise.all(
    cluster.running().map(async ({ planned, handle }) => {
      const inodes = await socketsOf(Number(handle.replace("pid ", "")));
      return inodes.flatMap((inode) => (dialled.has(inode) ? [`${planned.name}>${dialled.get(inode)}`] : []));
    }),
  );
  return new Set(found.flat());
}

async function socketsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => "")), // Closed meanwhile.
  );
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

/** An address as /proc/net/tcp writes it: bytes in the machine's order. */
function hex(host: string): string {
  return host
    .split(".")
    .reverse()
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
}

function port(number: number): string {
  return number.toString(16).toUpperCase().padStart(4, "0");
}
