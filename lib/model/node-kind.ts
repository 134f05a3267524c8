import type { Block, Genesis } from "../chain/types.ts";
import type { Binding, BoundNode } from "./binding.ts";
import type { Capability } from "./capability.ts";
import type { RunningNode } from "./cluster.ts";
import type { NodeConditions } from "./conditions.ts";
import type { NodeClient } from "./node-client.ts";
import type { Json, Plan, PlannedNode } from "./plan.ts";
import type { Transport } from "./transport.ts";

/** A file of a node, delivered into its own folder before it starts. */
export interface RenderedFile {
  /** Relative to the node's folder. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** How a node's process is started. */
export interface RenderedNode {
  readonly files: readonly RenderedFile[];
  /**
   * `self` is this program; otherwise an absolute path to a binary. In a container it is of that image, or without one of an image
   * that is made of the binary and its C libraries.
   */
  readonly program: "self" | { readonly path: string; readonly image?: string };
  /** Arguments; paths relative to the node's folder, which is the working directory. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Paths relative to the node's folder that hold its state: what a disk wipe deletes. */
  readonly state: readonly string[];
}

export interface Consensus {
  readonly slotMs: number;
  readonly k: number;
  readonly f: number;
  readonly tieBreak: "smaller-id" | "first-seen";
}

/** What a node is rendered from. */
export interface RenderRequest {
  readonly plan: Plan;
  readonly binding: Binding;
  readonly genesis: Genesis;
  readonly node: PlannedNode;
  /** What faults impose on it from its start on; nothing by default. */
  readonly conditions?: NodeConditions;
}

/** How a run tells that a node is well where there is no blockchain to follow. */
export interface Service {
  /** Looks whether this machine can run such nodes, before anything is started. Rejects with what is missing. */
  check?(): Promise<void>;
  /** What the node still lacks to take its part, null when it is well. Rejects when it doesn't answer. */
  lacks(node: RunningNode, signal: AbortSignal): Promise<string | null>;
}

/** A kind of node: how it is configured, started and spoken to, and what chain it makes. */
export interface NodeKind {
  readonly name: string;
  /** Faults that its nodes are expected to survive. */
  readonly capabilities: readonly Capability[];
  /** Of those, what its nodes can do to themselves where a backend can't; absent where they can't do any. */
  readonly applies?: readonly Capability[];
  /** Whether a client can know a blob's message id before inclusion, so that a channel carries more than one a block. */
  readonly predictableMessageIds: boolean;
  /** Names of the metrics that its nodes show; absent where only a running node can tell. */
  readonly metrics?: readonly string[];
  /** Smallest step of slot length it can run, in ms: 1 for the embedded node, 1000 for real ones. */
  readonly slotStepMs: number;
  /**
   * Probability that a slot extends the canonical chain when nodes with these stakes are alive and connected.
   * @param alive leader notes that can propose
   * @param total all leader notes of the genesis
   */
  occupancy(consensus: Consensus, alive: readonly number[], total: number): number;
  /** The node that made this block, null where none of the plan's did; absent where blocks don't show it. */
  leaderOf?(plan: Plan, block: Block): string | null;
  /** How blobs are coded over these nodes; null where they hold none. */
  da(nodes: readonly { name: string }[]): Plan["da"];
  /** The chain's first state, from the plan's seed; equal for equal plans. */
  genesis(plan: Plan): Genesis;
  /** Names of the nodes by the leader key of their headers; absent where headers don't show who led. */
  leaders?(plan: Plan): ReadonlyMap<string, string>;
  /** What is wrong with a patch of a node's configuration, as far as that shows without addresses; null when nothing is. */
  patchFault?(patch: Json): { readonly field: string; readonly message: string; readonly hint: string } | null;
  /**
   * Everything one node needs to start. Called for every node once addresses are bound, and again before a start under
   * other conditions than the last.
   */
  render(request: RenderRequest): RenderedNode;
  /** A client for the node at this place, over this transport. */
  connect(node: BoundNode, transport: Transport): NodeClient;
  /** Only where nodes make no blockchain: the run asks this instead of following their chain. */
  readonly service?: Service;
}
