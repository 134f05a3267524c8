import { randomStream } from "../../lib/core/random.ts";

/** A network of nodes that play the leader lottery, exchange blocks and choose between chains. Slots are its only time. */
export interface Network {
  /** Share of the stake of each node; the sum may be below 1. */
  readonly shares: readonly number[];
  /** Active slot coefficient: a node wins a slot with probability 1 - (1 - f)^share. */
  readonly f: number;
  /** Security parameter: the LIB is the block at this depth, and a reorganisation that is deeper is refused. */
  readonly k: number;
  readonly tieBreak: "smaller-id" | "first-seen";
  /** Slots that a block needs to reach other nodes: with 0 it is there before the next slot. */
  readonly delaySlots?: number;
  /** P(a delivery takes one slot more than that), drawn for each block and receiver. */
  readonly lateness?: number;
  /** Cuts the network in groups from the slot `from` up to but not including `to`, when all tips are exchanged. */
  readonly partition?: { readonly from: number; readonly to: number; readonly groupOf: readonly number[] };
  /** Probability that a winner does make its block, by slot: 1 is healthy, 0 a chain at a standstill. */
  readonly speed?: (slot: number) => number;
}

/** What a simulated run showed. */
export interface SimulatedRun {
  readonly slots: number;
  /** Slots in which a node made a block. */
  readonly occupied: number;
  /** Slots in which two nodes or more did. */
  readonly contested: number;
  /** Slots of the blocks of the longest chain, lowest first; its length is the chain's growth. */
  readonly chain: readonly number[];
  /** Blocks on the longer side of the deepest fork between two nodes' tips, seen at the end of any slot. */
  readonly deepestFork: number;
  /** First slot at whose end two nodes disagreed at or below their LIB; the run ends with it. */
  readonly conflictAt: number | null;
}

/** Plays `slots` slots. Equal arguments give equal runs. */
export function simulate(
  network: Network,
  slots: number,
  seed: string,
  ...name: readonly (string | number)[]
): SimulatedRun {
  const { shares, f, k, partition } = network;
  const nodes = shares.length;
  const smallerId = network.tieBreak === "smaller-id";
  const delay = network.delaySlots ?? 0;
  const lateness = network.lateness ?? 0;
  const random = randomStream(seed, "network", ...name);
  const wins = Float64Array.from(shares, (share) => 1 - (1 - f) ** share);

  const capacity = slots * nodes + 1;
  const parent = new Int32Array(capacity);
  const height = new Int32Array(capacity);
  const slotOf = new Int32Array(capacity);
  const maker = new Int32Array(capacity);
  const id = new Float64Array(capacity);
  let blocks = 1;

  const tip = new Int32Array(nodes);
  const order = Int32Array.from({ length: nodes }, (_, i) => i);
  /** pending[s % length]: deliveries of slot s, as pairs of block and receiver. */
  const pending: number[][] = Array.from({ length: delay + 2 }, () => []);
  let occupied = 0;
  let contested = 0;
  let deepestFork = 0;

  const forkHeight = (a: number, b: number): number => {
    let x = a;
    let y = b;
    while (x !== y) {
      if ((height[x] as number) >= (height[y] as number)) x = parent[x] as number;
      else y = parent[y] as number;
    }
    return height[x] as number;
  };
  const hear = (node: number, block: number): void => {
    const own = tip[node] as number;
    if (parent[block] === own) {
      tip[node] = block;
      return;
    }
    const gain = (height[block] as number) - (height[own] as number);
    const better = gain > 0 || (gain === 0 && smallerId && (id[block] as number) < (id[own] as number));
    if (better && (height[own] as number) - forkHeight(own, block) <= k) tip[node] = block;
  };
  const connected = (a: number, b: number, slot: number): boolean =>
    !partition || slot < partition.from || slot >= partition.to || partition.groupOf[a] === partition.groupOf[b];
  /** Whether the nodes' LIBs lie on one chain; keeps the deepest fork on the way. */
  const conflict = (): boolean => {
    let best = tip[0] as number;
    for (let node = 1; node < nodes; node++) {
      if ((height[tip[node] as number] as number) > (height[best] as number)) best = tip[node] as number;
    }
    let found = false;
    for (let node = 0; node < nodes; node++) {
      const own = tip[node] as number;
      if (own === best) continue;
      const fork = forkHeight(own, best);
      deepestFork = Math.max(deepestFork, (height[best] as number) - fork);
      if (fork < (height[own] as number) - k) found = true;
    }
    return found;
  };
  const result = (played: number, conflictAt: number | null): SimulatedRun => {
    const best = tip.reduce((a, b) => ((height[b] as number) > (height[a] as number) ? b : a));
    const chain: number[] = [];
    for (let block = best; block !== 0; block = parent[block] as number) chain.push(slotOf[block] as number);
    return { slots: played, occupied, contested, chain: chain.reverse(), deepestFork, conflictAt };
  };

  for (let slot = 0; slot < slots; slot++) {
    const speed = network.speed?.(slot) ?? 1;
    const first = blocks;
    for (let node = 0; node < nodes; node++) {
      if (random.float() >= (wins[node] as number)) continue;
      parent[blocks] = tip[node] as number;
      height[blocks] = (height[tip[node] as number] as number) + 1;
      slotOf[blocks] = slot;
      maker[blocks] = node;
      id[blocks] = random.float();
      blocks += 1;
    }
    // A slowed network loses whole slots, so that the chain's growth is thinned by exactly this factor.
    if (speed < 1 && random.float() >= speed) blocks = first;
    if (blocks > first) occupied += 1;
    if (blocks > first + 1) contested += 1;
    for (let block = first; block < blocks; block++) tip[maker[block] as number] = block;

    const due = pending[slot % pending.length] as number[];
    for (let i = 0; i < due.length; i += 2) hear(due[i + 1] as number, due[i] as number);
    due.length = 0;
    for (let node = 0; node < nodes; node++) {
      // Each node hears the slot's blocks in an order of its own.
      const count = blocks - first;
      for (let i = 0; i < count; i++) order[i] = first + i;
      for (let i = count - 1; i > 0; i--) {
        const j = Math.floor(random.float() * (i + 1));
        const swapped = order[i] as number;
        order[i] = order[j] as number;
        order[j] = swapped;
      }
      for (let i = 0; i < count; i++) {
        const block = order[i] as number;
        if (maker[block] === node || !connected(maker[block] as number, node, slot)) continue;
        const wait = delay + (lateness > 0 && random.float() < lateness ? 1 : 0);
        if (wait === 0) hear(node, block);
        else (pending[(slot + wait) % pending.length] as number[]).push(block, node);
      }
    }
    if (partition && slot === partition.to - 1) {
      const tips = [...tip];
      for (const block of tips) for (let node = 0; node < nodes; node++) hear(node, block);
    }
    if (conflict()) return result(slot + 1, slot);
  }
  return result(slots, null);
}
