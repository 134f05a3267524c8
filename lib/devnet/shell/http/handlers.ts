import type { LinkConditions } from "../../../chain/http/link-conditions.ts";
import { HttpRefusal, refuse } from "../../../chain/http/refusal.ts";
import type { BlobId, NotePublicKey, Share } from "../../../chain/types.ts";
import { renderExposition } from "../../../telemetry/exposition.ts";
import type { Machine } from "../../machine/types.ts";
import type { NodeConfig } from "../config.ts";
import type { DaTraffic } from "../da-traffic.ts";
import type { Driver } from "../driver.ts";
import type { FinalBlocks } from "../final-blocks.ts";
import type { ConnectionCounts } from "../transport/transport.ts";
import type { Handlers } from "./dispatch.ts";
import { metricFamilies } from "./metric-families.ts";

/** What the API's handlers reach. */
export interface NodeParts {
  readonly config: NodeConfig;
  /** Owners of the genesis' notes: the keys whose balance the node watches. */
  readonly knownKeys: ReadonlySet<NotePublicKey>;
  readonly machine: Machine;
  readonly driver: Pick<Driver, "handle" | "submit" | "disperse">;
  readonly finalBlocks: FinalBlocks;
  readonly da: DaTraffic;
  connections(): ConnectionCounts & { readonly directions: ReadonlyMap<string, "inbound" | "outbound"> };
  roundTrips(timeoutMs: number): Promise<Readonly<Record<string, number | null>>>;
  links(): Readonly<Record<string, LinkConditions>>;
  setLinks(links: Readonly<Record<string, LinkConditions>>): void;
  clockOffset(): number;
  setClockOffset(ms: number): void;
  /** Answers by HTTP status so far. */
  readonly answered: ReadonlyMap<number, number>;
}

/** The node's side of every route. */
export function createHandlers(node: NodeParts): Handlers {
  const { machine, driver, da, config } = node;
  return {
    chainInfo: () => machine.info(),
    headers: ({ from, to }) => machine.headers(from, to),
    libStream: () => mapLines(node.finalBlocks.subscribe(), ({ id, height }) => ({ height, header_id: id })),
    block: (id) => machine.block(id),
    mempool: () => {
      const { pendingItems, lastItemTimestamp } = machine.mempoolMetrics();
      return { pendingItems, lastItemTimestamp: Math.floor(lastItemTimestamp / 1000) };
    },
    txStatus: (hashes) => machine.txStatus(hashes),
    metrics: () => renderExposition(metricFamilies(node)),
    networkInfo: () => {
      const { peers, connections, pending } = node.connections();
      const listenAddresses = [addressOf(config.peers)];
      return { listenAddresses, peers, connections, pendingConnections: pending };
    },

    submit: async (tx) => {
      const refusal = await driver.submit(tx);
      if (refusal) throw new HttpRefusal(refusal.status, refusal.reason);
      return null;
    },
    disperse: async ({ channel, parent, data }) => {
      const result = await driver.disperse({ channel, parent, data });
      if ("refusal" in result) throw new HttpRefusal(result.refusal.status, result.refusal.reason);
      return result.blob;
    },
    balance: ({ pk, tip }) => {
      if (!node.knownKeys.has(pk)) throw refuse("unknownKey", pk);
      const block = tip ?? machine.info().tip;
      const balance = machine.balance(pk, block);
      if (balance === null) throw refuse("failed", `Ledger state of block ${block} not found`);
      return { tip: block, balance: Number(balance), address: pk };
    },

    addShare: (share) => {
      driver.handle({ type: "message", from: config.name, message: { type: "share", share } });
      if (machine.share(share.blob, share.index)) return null;
      throw refuse("failed", `share ${share.index} of blob ${share.blob} is invalid or not this node's to hold`);
    },
    commitments: ({ blob }) => commitmentsOf(machine, blob),
    storedCommitments: ({ blob }) => commitmentsOf(machine, blob),
    share: ({ blob, index }) => machine.share(blob, index),
    samplingShares: ({ blob, requested, filter, returnAvailable }) => {
      const wanted = (index: number) => requested.includes(index) || (returnAvailable && !filter.includes(index));
      return linesOf(machine.shares(blob).filter((share) => wanted(share.index)));
    },
    balancerStats: () => balancerStats(machine, node.connections().directions),
    monitorStats: () => {
      const rates = [...da.failureRates()].map(([peer, { dispersal, sampling }]) => [
        peer,
        {
          dispersal_failure_rate: String(dispersal),
          sampling_failure_rate: String(sampling),
          // Nothing is replicated: every member of a subnetwork is given its share by the disperser.
          replication_failure_rate: "0",
        },
      ]);
      return Object.fromEntries(rates);
    },
    blacklistedPeers: () => [...da.blocked()],
    blockPeer: (peer) => da.block(peer),
    unblockPeer: (peer) => da.unblock(peer),

    membership: () => {
      const nodes = [{ name: config.name, host: config.peers.host, port: config.peers.port }, ...config.peers.nodes];
      return {
        assignations: Object.fromEntries(machine.daMembership().map((members, i) => [String(i), [...members]])),
        addressbook: Object.fromEntries(nodes.map((peer) => [peer.name, addressOf(peer)])),
      };
    },
    roundTrips: ({ timeout_ms }) => node.roundTrips(timeout_ms),
    branches: () => machine.branchTips(),
    links: () => node.links(),
    setLinks: (links) => {
      const unknown = Object.keys(links).find((peer) => !config.peers.nodes.some((known) => known.name === peer));
      if (unknown !== undefined) throw refuse("badBody", `${unknown}: no node of this network`);
      node.setLinks(links);
      return null;
    },
    clock: () => ({ offset_ms: node.clockOffset() }),
    setClock: ({ offset_ms }) => {
      node.setClockOffset(offset_ms);
      return null;
    },
  };
}

/** Connections to members of each subnetwork, by which end dialled. */
function balancerStats(machine: Machine, directions: ReadonlyMap<string, "inbound" | "outbound">) {
  const stats = machine.daMembership().map((members, index) => {
    const count = (direction: string) => members.filter((member) => directions.get(member) === direction).length;
    return [String(index), { inbound: count("inbound"), outbound: count("outbound") }] as const;
  });
  return Object.fromEntries(stats);
}

function commitmentsOf(machine: Machine, blob: BlobId): Share["commitments"] | null {
  return machine.shares(blob)[0]?.commitments ?? null;
}

function addressOf({ host, port }: { host: string; port: number }): string {
  return `/${host.includes(":") ? "ip6" : "ip4"}/${host}/tcp/${port}`;
}

async function* linesOf<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}

function mapLines<A, B>(source: AsyncIterableIterator<A>, map: (item: A) => B): AsyncIterable<B> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const item = await source.next();
        return item.done ? { done: true, value: undefined } : { done: false, value: map(item.value) };
      },
      return: async () => {
        await source.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}
