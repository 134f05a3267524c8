import { deriveBytes } from "../../core/random.ts";
import type { BoundNode } from "../../model/binding.ts";

/** Addresses that a run may take. Whoever has made the networks has them. */
export interface Candidate {
  /** Of the network that nodes reach one another in. */
  readonly peers: string;
  /** Of the network that the runner reaches nodes in. */
  readonly control: string;
  readonly nodes: readonly BoundNode[];
}

/**
 * 198.19.0.0/16, half of what RFC 2544 sets aside for tests of network equipment: nobody's own network is there, and
 * Docker gives none of it out by itself.
 */
const SUBNETS = "198.19";
/** Ports of a cell: two for each of its nodes are published. Cells end where the kernel's ephemeral range begins. */
const CELL_PORTS = 512;
const FIRST_PORT = 20_096;
const CELLS = (32_768 - FIRST_PORT - 384) / CELL_PORTS;
/** The first address of a subnet is the engine's own; nodes' begin here. */
const FIRST_HOST = 10;

/** The largest network of a run: what the addresses of a /24 hold. */
export const MOST_NODES = 240;

/** Ports that a node listens on in its container: the real node's own default, and the two after it. */
const API_PORT = 18_080;

/** Subnets and published ports in the order in which a run tries them: both of one cell, so that who has the one has the other. */
export function* candidatesOf(runId: string, names: readonly string[], host: string): Generator<Candidate> {
  const first = new DataView(deriveBytes(runId, "addresses").buffer).getUint32(0);
  for (let i = 0; i < CELLS; i++) {
    const cell = (first + i) % CELLS;
    const peers = `${SUBNETS}.${2 * cell}`;
    const ports = FIRST_PORT + cell * CELL_PORTS;
    yield {
      peers: `${peers}.0/24`,
      control: `${SUBNETS}.${2 * cell + 1}.0/24`,
      nodes: names.map((name, n) => ({
        name,
        host: `${peers}.${FIRST_HOST + n}`,
        apiPort: API_PORT,
        testingPort: API_PORT + 1,
        peerPort: API_PORT + 2,
        reach: { host, apiPort: ports + 2 * n, testingPort: ports + 2 * n + 1 },
      })),
    };
  }
}
