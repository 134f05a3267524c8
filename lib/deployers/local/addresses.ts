import { CodedError } from "../../core/errors.ts";
import { deriveBytes } from "../../core/random.ts";
import type { BoundNode } from "../../model/binding.ts";

/** A TCP address of this machine. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Addresses that a run may take: all of `nodes` if it can hold every one of `locks`. */
export interface Candidate {
  /** Held by listening sockets for the run's life: a run that holds them owns `nodes`. */
  readonly locks: readonly Address[];
  readonly nodes: readonly BoundNode[];
}

/** Ports of one node: its API server, its testing server, its peer transport. */
const PORTS_PER_NODE = 3;

/** Addresses in a block: 127.x.y.0/20. The first usable one is the block's lock, the rest are nodes. */
const BLOCK_SIZE = 4096;
/** Blocks of 127.0.0.0/8. The first holds localhost and resolvers, the last the broadcast address; neither is used. */
const BLOCKS = 2 ** 24 / BLOCK_SIZE;
/** Blocks looked at before another set of ports is tried. Two runs at once meet in one with probability 1/4094. */
const BLOCKS_TRIED = 8;

/**
 * First ports of the sets tried in turn. All lie below 32768, where the kernel's ephemeral range begins, so that no
 * outgoing socket ever takes a stopped node's port. 18080 is the node's own default for its API.
 */
const PORT_SETS = Array.from({ length: 16 }, (_, i) => 18_080 + 100 * i);

/** The largest network that fits into a block. */
export const MOST_NODES_IN_BLOCK = BLOCK_SIZE - 3;

/** Where the systems without a whole loopback network put all nodes. */
const LOCALHOST = "127.0.0.1";
/** Ports are handed out in cells of this size, the first port of each being its lock. */
const CELL_PORTS = 128;
const FIRST_CELL_PORT = 20_096;
const CELLS = (32_768 - FIRST_CELL_PORT) / CELL_PORTS;
const NODES_PER_CELL = Math.floor((CELL_PORTS - 1) / PORTS_PER_NODE);

/** Linux: an address of its own for each node, out of a block chosen from the run's id, with equal ports everywhere. */
export function* loopbackCandidates(runId: string, names: readonly string[]): Generator<Candidate> {
  if (names.length > MOST_NODES_IN_BLOCK) throw tooMany(names.length, MOST_NODES_IN_BLOCK);
  const first = hash(runId);
  for (const port of PORT_SETS) {
    for (let i = 0; i < BLOCKS_TRIED; i++) {
      const base = (1 + ((first + i) % (BLOCKS - 2))) * BLOCK_SIZE;
      yield {
        locks: [{ host: loopback(base + 1), port }],
        nodes: names.map((name, n) => bound(name, loopback(base + 2 + n), port)),
      };
    }
  }
}

/** Elsewhere, where only 127.0.0.1 is configured: fixed ports, in cells chosen from the run's id. */
export function* portCandidates(runId: string, names: readonly string[]): Generator<Candidate> {
  const needed = Math.ceil(names.length / NODES_PER_CELL);
  const groups = Math.floor(CELLS / needed);
  if (groups === 0) throw tooMany(names.length, CELLS * NODES_PER_CELL);
  const first = hash(runId);
  for (let i = 0; i < groups; i++) {
    const port = FIRST_CELL_PORT + ((first + i) % groups) * needed * CELL_PORTS;
    yield {
      locks: Array.from({ length: needed }, (_, cell) => ({ host: LOCALHOST, port: port + cell * CELL_PORTS })),
      nodes: names.map((name, n) => {
        const cell = Math.floor(n / NODES_PER_CELL);
        return bound(name, LOCALHOST, port + cell * CELL_PORTS + 1 + (n % NODES_PER_CELL) * PORTS_PER_NODE);
      }),
    };
  }
}

/** Addresses as this system's loopback interface has them, and the largest network that they do for. */
export const SYSTEM_ADDRESSES =
  process.platform === "linux"
    ? { candidates: loopbackCandidates, mostNodes: MOST_NODES_IN_BLOCK }
    : { candidates: portCandidates, mostNodes: CELLS * NODES_PER_CELL };

/** The addresses that a node listens on. */
export function listenAddresses(node: BoundNode): readonly Address[] {
  return [node.apiPort, node.testingPort, node.peerPort].map((port) => ({ host: node.host, port }));
}

function bound(name: string, host: string, port: number): BoundNode {
  return { name, host, apiPort: port, testingPort: port + 1, peerPort: port + 2 };
}

/** Dotted form of the n-th address of 127.0.0.0/8. */
function loopback(n: number): string {
  return `127.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
}

function hash(runId: string): number {
  return new DataView(deriveBytes(runId, "addresses").buffer).getUint32(0);
}

function tooMany(asked: number, most: number): CodedError {
  return new CodedError("NR-LOCAL-NODES", `${asked} nodes don't fit: this machine has addresses for ${most}`, {
    hint: `Plan at most ${most} nodes.`,
  });
}
