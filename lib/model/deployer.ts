import type { Genesis } from "../chain/types.ts";
import type { Clock } from "../core/clock.ts";
import type { CodedError } from "../core/errors.ts";
import type { Binding } from "./binding.ts";
import type { Capability } from "./capability.ts";
import type { Cluster } from "./cluster.ts";
import type { EventSink } from "./events.ts";
import type { SeenBlock } from "./feed.ts";
import type { Inventory } from "./inventory.ts";
import type { NodeKind } from "./node-kind.ts";
import type { Plan } from "./plan.ts";
import type { Spawner } from "./spawner.ts";
import type { Wallet } from "./wallets.ts";

/** What a deployer is given; it reaches the world only through these. */
export interface DeployContext {
  readonly runId: string;
  readonly plan: Plan;
  readonly nodeKind: NodeKind;
  readonly genesis: Genesis;
  /** Absolute path of the run folder. */
  readonly folder: string;
  readonly clock: Clock;
  readonly spawner: Spawner;
  readonly inventory: Inventory;
  readonly events: EventSink;
  /** What the plan's workloads do to nodes and links. */
  readonly needs: readonly Capability[];
}

/** Something of a run that is still in the world. */
export interface Leftover {
  readonly kind: string;
  readonly id: string;
  /** The command that removes it by hand. */
  readonly remove: string;
}

/** What only the network itself can tell of a chain that was there before the run. */
export interface FoundChain {
  /** A final block that every node's chain has. */
  readonly root: SeenBlock;
  /** Wallets that the run may use, each with a note that is unspent now. */
  readonly wallets: readonly Wallet[];
}

/** A run's hold on a backend. */
export interface Deployment {
  /** Takes addresses and whatever else must be known before files are rendered. */
  reserve(signal: AbortSignal): Promise<Binding>;
  /** Renders, delivers and starts every node, all at once. Resolves when all were started, not when they answer. */
  deploy(binding: Binding, signal: AbortSignal): Promise<Cluster>;
  /** Resolves when what nodes run on was lost or taken away under the run, which can't be judged then. */
  readonly lost?: Promise<CodedError>;
  /** Only where the network was there before the run; known once it is reserved. */
  found?(): FoundChain;
  /** Hands over what this process does for the nodes, which are to stay when it has ended. */
  handOver?(): Promise<void>;
  /** Removes everything of the run, sweeping until two passes in a row find nothing; names what it could not. */
  sweep(signal: AbortSignal): Promise<readonly Leftover[]>;
}

/** Time of a run that isn't the machine's. It only moves while it is driven. */
export interface SimulatedTime extends Clock {
  /** Moves time on until `work` has settled. */
  drive<T>(work: Promise<T>): Promise<T>;
  /** Lets work with the real world, such as a file's writing, come to its end without any time passing. */
  outside<T>(work: () => Promise<T>): Promise<T>;
}

/** A backend. */
export interface Deployer {
  readonly name: string;
  /** Faults that can be made on it. */
  capabilities(): readonly Capability[];
  /** Of those, what takes the help of nodes that can do it to themselves. */
  readonly needsNodes: readonly Capability[];
  /** The only node kinds that it can run; absent where it runs all. */
  readonly nodeKinds?: readonly string[];
  /** The largest network that it has addresses for; absent where it has no limit of its own. */
  readonly mostNodes?: number;
  /** It holds nodes to the memory and processor time that a plan gives them. */
  readonly holdsLimits?: true;
  /** The nodes are there before the run and stay after it: nothing is started, so no guardian is needed. */
  readonly attaches?: true;
  /**
   * Only where nodes live in this process and in time of their own: time for one run, which its deployment is then given
   * as its clock. No process is started, so no guardian is needed.
   */
  simulate?(): SimulatedTime;
  open(context: DeployContext): Deployment;
}
