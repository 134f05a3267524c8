import { buildGenesis } from "../../../lib/chain/genesis.ts";
import { signerOf } from "../../../lib/chain/keys.ts";
import type { ConsensusParams, DaParams, Genesis } from "../../../lib/chain/types.ts";
import { leaderSecret, type Wallet, walletOf, walletSecret } from "../../../lib/chain/wallet.ts";
import { randomStream } from "../../../lib/core/random.ts";
import { VirtualClock } from "../../../lib/deployers/simulation/virtual-clock.ts";
import type { LinkModel } from "../../../lib/deployers/simulation/virtual-links.ts";
import { VirtualNetwork } from "../../../lib/deployers/simulation/virtual-network.ts";
import { createSharedMemo, type SharedMemo } from "../../../lib/devnet/machine/shared-memo.ts";
import type { MachineConfig, Output } from "../../../lib/devnet/machine/types.ts";

/** Start of slot 0: time for nodes to start and connect before. */
export const CHAIN_START = 1_000;
export const WALLET_VALUE = 100n;

export const CONSENSUS: ConsensusParams = { slotMs: 1_000, k: 10, f: 0.9, tieBreak: "smaller-id" };

export type Topology = "star" | "full" | "sparse";

/** Who the nodes of a test network are and what they agree on. */
export interface World {
  readonly names: readonly string[];
  readonly genesis: Genesis;
  readonly wallets: readonly Wallet[];
  readonly memo: SharedMemo;
  config(name: string): MachineConfig;
}

export interface WorldOptions {
  readonly nodes: number;
  readonly wallets?: number;
  /** Nodes that disperse blobs, the last ones; none by default. */
  readonly executors?: number;
  readonly consensus?: Partial<ConsensusParams>;
  readonly topology?: Topology;
  /** Members per subnetwork; one subnetwork a node. */
  readonly da?: Partial<DaParams>;
  readonly seed?: string;
}

const NO_DA: DaParams = { shares: 1, needed: 1, members: [[]], samples: 0 };

/** Keys, genesis and configurations from a seed. */
export function createWorld(options: WorldOptions): World {
  const { nodes, wallets: walletCount = 0, executors = 0, topology = "full", seed = "world" } = options;
  const names = Array.from({ length: nodes }, (_, i) =>
    i < nodes - executors ? `validator-${i}` : `executor-${i - (nodes - executors)}`,
  );
  const secrets = new Map(names.map((name) => [name, leaderSecret(seed, name)]));
  const wallets = Array.from({ length: walletCount }, (_, i) => walletOf(walletSecret(seed, i)));
  const genesis = buildGenesis({
    nodes: names.map((name) => ({ name, leaderKey: signerOf(secretOf(secrets, name)).key })),
    wallets: wallets.map(({ pk }) => ({ pk, value: WALLET_VALUE })),
  });
  const neighbours = neighboursOf(names, topology, seed);
  const da: DaParams = { ...NO_DA, ...options.da };
  return {
    names,
    genesis,
    wallets,
    memo: createSharedMemo(),
    config: (name) => ({
      identity: {
        name,
        role: name.startsWith("executor") ? "executor" : "validator",
        leaderSecret: secretOf(secrets, name),
      },
      genesis,
      consensus: { ...CONSENSUS, ...options.consensus },
      da,
      chainStart: CHAIN_START,
      neighbours: neighbours.get(name) ?? [],
    }),
  };
}

function secretOf(secrets: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  return secrets.get(name) ?? new Uint8Array(32);
}

/** `sparse`: a ring with two more links a node, so that the network stays connected with short ways. */
function neighboursOf(names: readonly string[], topology: Topology, seed: string): Map<string, string[]> {
  const sets = new Map(names.map((name) => [name, new Set<string>()]));
  const link = (a: string, b: string) => {
    if (a === b) return;
    sets.get(a)?.add(b);
    sets.get(b)?.add(a);
  };
  const random = randomStream(seed, "topology");
  names.forEach((name, i) => {
    if (topology === "star") link(name, names[0] as string);
    else if (topology === "full") for (const other of names) link(name, other);
    else {
      link(name, names[(i + 1) % names.length] as string);
      link(name, random.pick(names));
      link(name, random.pick(names));
    }
  });
  return new Map([...sets].map(([name, set]) => [name, [...set]]));
}

export interface NetworkOptions {
  readonly seed?: string;
  readonly link?: Partial<LinkModel>;
  readonly memo?: SharedMemo;
  readonly watch?: (node: string, output: Output) => void;
  /** Nodes to start at time 0; all by default. */
  readonly up?: readonly string[];
  /** What a node's clock shows beyond the common one, in ms. */
  readonly skew?: (name: string) => number;
}

/** A network of a world's nodes on quick links, started. */
export function createNetwork(
  world: World,
  options: NetworkOptions = {},
): { network: VirtualNetwork; clock: VirtualClock } {
  const clock = new VirtualClock();
  const network = new VirtualNetwork({
    clock,
    seed: options.seed ?? "network",
    link: { delayMs: 20, jitterMs: 30, loss: 0, ...options.link },
    memo: options.memo ?? world.memo,
    ...(options.watch ? { watch: options.watch } : {}),
  });
  for (const name of world.names) network.add(world.config(name), options.skew?.(name) ?? 0);
  for (const name of options.up ?? world.names) network.start(name);
  return { network, clock };
}

/** The time at which a slot begins. */
export function slotTime(slot: number, slotMs = CONSENSUS.slotMs): number {
  return CHAIN_START + slot * slotMs;
}
