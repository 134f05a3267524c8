import { txHash } from "../../../lib/chain/suite.ts";
import type { TxHash } from "../../../lib/chain/types.ts";
import { type Random, randomStream } from "../../../lib/core/random.ts";
import type { VirtualClock } from "../../../lib/deployers/simulation/virtual-clock.ts";
import type { VirtualNetwork } from "../../../lib/deployers/simulation/virtual-network.ts";
import type { Divergence } from "../../../lib/evidence/agreement.ts";
import { FinalityWatch } from "./finality.ts";
import { CONSENSUS, createNetwork, slotTime, WALLET_VALUE, type World } from "./network.ts";
import { Traffic } from "./traffic.ts";

/** Slots of quiet after the chaos, in which everything must come together. */
const SETTLE_SLOTS = 20;
/** What clocks differ by from the common one, at most. */
const SKEW_MS = 50;
/** Share of the nodes that may be down at a time. */
const MAX_DOWN = 0.3;

export interface ChaosOptions {
  readonly seed: string;
  readonly slots: number;
  /** Longest partition, in slots; 0 for none. */
  readonly maxPartitionSlots: number;
}

export interface ChaosResult {
  readonly divergence: Divergence | null;
  readonly converged: boolean;
  readonly kills: number;
  readonly partitions: number;
  readonly proposals: number;
  /** Node and slot of each slot that was proposed twice. */
  readonly proposedTwice: readonly string[];
  /** Transactions that a node accepted, and those that are in the chain in the end: a mempool does not outlive its node. */
  readonly accepted: number;
  readonly included: number;
  readonly finalHeight: number;
}

/** Runs a network through losses, delays, skewed clocks, kills in mid-write, partitions and traffic, all from one seed. */
export function runChaos(world: World, { seed, slots, maxPartitionSlots }: ChaosOptions): ChaosResult {
  const random = randomStream(seed, "chaos");
  const proposals = new Proposals();
  const skews = new Map(world.names.map((name) => [name, random.int(-SKEW_MS, SKEW_MS)]));
  const { network, clock } = createNetwork(world, {
    seed,
    link: { delayMs: random.int(5, 40), jitterMs: random.int(0, 120), loss: random.float() * 0.08 },
    watch: (node, output) => {
      if (output.type === "persist" && output.record.type === "proposed") proposals.note(node, output.record.slot);
    },
    skew: (name) => skews.get(name) ?? 0,
  });
  const supply = 1_000n * BigInt(world.names.length) + WALLET_VALUE * BigInt(world.wallets.length);
  const finality = new FinalityWatch(network, world.genesis.id, supply);
  const chaos = new Chaos(network, clock, random, maxPartitionSlots);
  const traffic = new Traffic(world, randomStream(seed, "traffic"));
  const accepted: TxHash[] = [];
  for (let slot = 1; slot <= slots; slot++) {
    clock.runUntil(slotTime(slot) - 1);
    finality.look();
    chaos.act(slot);
    const up = network.running().map(([name]) => name);
    const transfer = traffic.transfer();
    if (network.submit(random.pick(up), transfer) === null) accepted.push(txHash(transfer.tx));
    if (random.float() < 0.2) for (const spend of traffic.doubleSpend()) network.submit(random.pick(up), spend);
  }
  chaos.end();
  let converged = false;
  for (let slot = slots + 1; slot <= slots + SETTLE_SLOTS; slot++) {
    clock.runUntil(slotTime(slot) - SKEW_MS - 1);
    finality.look();
    converged = new Set(network.running().map(([, machine]) => machine.info().tip)).size === 1;
  }
  const status = network.running()[0]?.[1].txStatus(accepted) ?? [];
  return {
    divergence: finality.divergence(),
    converged,
    kills: chaos.kills,
    partitions: chaos.partitions,
    proposals: proposals.count,
    proposedTwice: proposals.twice,
    accepted: accepted.length,
    included: status.filter(({ type }) => type === "in-block").length,
    finalHeight: finality.heights().least,
  };
}

/** Who proposed when. */
class Proposals {
  readonly #seen = new Set<string>();
  readonly twice: string[] = [];

  get count(): number {
    return this.#seen.size;
  }

  note(node: string, slot: number): void {
    const key = `${node} in slot ${slot}`;
    if (this.#seen.has(key)) this.twice.push(key);
    this.#seen.add(key);
  }
}

/** Kills nodes in mid-write and starts them again, splits the network and heals it. */
class Chaos {
  readonly #network: VirtualNetwork;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #maxPartitionSlots: number;
  #partitionEnd = 0;
  #nextPartition = 0;
  kills = 0;
  partitions = 0;

  constructor(network: VirtualNetwork, clock: VirtualClock, random: Random, maxPartitionSlots: number) {
    this.#network = network;
    this.#clock = clock;
    this.#random = random;
    this.#maxPartitionSlots = maxPartitionSlots;
  }

  act(slot: number): void {
    const names = this.#network.names();
    const down = names.filter((name) => !this.#network.isUp(name)).length;
    if (down < names.length * MAX_DOWN && this.#random.float() < 0.6) this.#kill(this.#random.pick(names));
    this.#split(slot);
  }

  /** Lets a node die at one of its next records, and restarts it up to five slots later. */
  #kill(name: string): void {
    this.kills++;
    this.#network.killAfter(name, this.#random.int(0, 4));
    const restart = this.#clock.now() + this.#random.int(1, 5 * CONSENSUS.slotMs);
    this.#clock.at(restart, () => {
      this.#network.kill(name);
      this.#network.start(name);
    });
  }

  #split(slot: number): void {
    if (this.#partitionEnd > 0 && slot >= this.#partitionEnd) {
      this.#network.heal();
      this.#partitionEnd = 0;
      this.#nextPartition = slot + 2 * this.#maxPartitionSlots;
    } else if (this.#maxPartitionSlots > 0 && this.#partitionEnd === 0 && slot >= this.#nextPartition) {
      if (this.#random.float() > 0.3) return;
      const names = this.#random.shuffle(this.#network.names());
      const cut = this.#random.int(1, names.length - 1);
      this.#network.partition([names.slice(0, cut), names.slice(cut)]);
      this.#partitionEnd = slot + this.#random.int(1, this.#maxPartitionSlots);
      this.partitions++;
    }
  }

  /** Heals the network, links included, and starts what is down. */
  end(): void {
    const { links } = this.#network;
    links.common = { ...links.common, loss: 0 };
    this.#network.heal();
    for (const name of this.#network.names()) this.#network.start(name);
  }
}
