import type { BoundNode } from "./binding.ts";
import type { NodeClient } from "./node-client.ts";
import type { PlannedNode } from "./plan.ts";

/** A node that was started and has not been seen to end. Only it has a client. */
export interface RunningNode {
  readonly state: "running";
  readonly planned: PlannedNode;
  readonly bound: BoundNode;
  readonly client: NodeClient;
  /** How often it was started, 1 for the first time. */
  readonly start: number;
  /** Backend's own name for it: `pid 4711`, a container, a pod. */
  readonly handle: string;
}

/** A node that is not there now: not started yet, stopped by us, or dead. */
export interface StoppedNode {
  readonly state: "stopped";
  readonly planned: PlannedNode;
  readonly bound: BoundNode;
  /** What ended it; absent before its first start. */
  readonly why?: string;
}

export type Node = RunningNode | StoppedNode;

/** An end of a node that the cluster noticed. `expected` when a control call of ours caused it. */
export interface NodeEnd {
  readonly node: string;
  readonly start: number;
  readonly expected: boolean;
  readonly why: string;
}

/**
 * What a fault does to everything that one node sends another. A partition is a loss of 1 both ways, and then there is
 * no connection between the two at all; a loss of 1 one way lets messages through the other way only.
 */
export interface LinkCondition {
  readonly from: string;
  readonly to: string;
  /** Least additional time under way. */
  readonly delayMs: number;
  /** Each message is under way up to this much longer, uniformly; order is kept. */
  readonly jitterMs: number;
  /** Probability that a message is lost, 0 to 1. */
  readonly loss: number;
  /** Most that gets across in a second, in 1,000 bits; not limited where it isn't given. */
  readonly bandwidthKbit?: number;
}

/**
 * Acts on nodes and links. Each call resolves when the act has taken effect on the process (not when the node answers
 * again: `ready` is a wait of the caller's), and rejects with a coded error when it did not within its deadline.
 */
export interface NodeControl {
  /** SIGTERM, 5 s, SIGKILL, then a start with the same files and addresses. */
  restart(name: string, signal?: AbortSignal): Promise<void>;
  stop(name: string, signal?: AbortSignal): Promise<void>;
  start(name: string, signal?: AbortSignal): Promise<void>;
  /** SIGKILL, no restart. */
  kill(name: string, signal?: AbortSignal): Promise<void>;
  /** Freezes all threads: it still accepts connections and says nothing. Does nothing to a paused node. */
  pause(name: string, signal?: AbortSignal): Promise<void>;
  /** Lets a paused node go on; does nothing to one that isn't paused. `stop`, `kill` and `restart` do it on their own. */
  resume(name: string, signal?: AbortSignal): Promise<void>;
  /** Deletes the state on disk of a stopped node; its files and addresses stay. Rejects while the node runs. */
  wipe(name: string, signal?: AbortSignal): Promise<void>;
  /**
   * Replaces the conditions of all links: those not listed are clear. Resolves when every node that runs and isn't
   * paused has taken them; nodes that start, restart, join or resume later begin under them, until the next call.
   */
  setLinks(conditions: readonly LinkCondition[], signal?: AbortSignal): Promise<void>;
  /** Puts a node's clock this far from the time, ahead or behind; 0 ends it. Holds over restarts like link conditions. */
  setClockOffset(name: string, offsetMs: number, signal?: AbortSignal): Promise<void>;
  /** Ends what holds: paused nodes go on, links are clear, clocks right. Starts nothing. */
  release(signal?: AbortSignal): Promise<void>;
}

/** The deployed network. */
export interface Cluster {
  /**
   * Every planned node, validators first, as it stands now. Those that the plan says join late are stopped until
   * `control.start` starts them for the first time.
   */
  nodes(): readonly Node[];
  /** @throws CodedError NR-NODE-UNKNOWN for a name that the plan doesn't have. */
  node(name: string): Node;
  running(): readonly RunningNode[];
  readonly control: NodeControl;
  /** Calls back for every end of a node; returns the unsubscriber. */
  onEnd(listener: (end: NodeEnd) => void): () => void;
  /** What an observer other than the control calls sees of the process: for fault ledgers. */
  observe(name: string): Promise<ProcessObservation>;
  /** The lines of a node's log so far, over all its starts. Absent where the backend has no logs. */
  log?(name: string): Iterable<string>;
  /** Whether a node's disk holds any state, as the disk shows it. Absent where the backend can't look. */
  hasState?(name: string): Promise<boolean>;
  /**
   * What the kernel has taken from a node's traffic with its peers since the filters of a fault were put there; null when it isn't
   * running. Absent where nodes apply the conditions of links themselves.
   */
  filtered?(name: string): Promise<readonly FilteredPeer[] | null>;
  /** What a node uses of its machine; null when it isn't running. Absent where the backend can't tell. */
  usage?(name: string): Promise<ProcessUsage | null>;
}

/** What became of packets between a node and one peer, as the node's kernel counts them. */
export interface FilteredPeer {
  readonly peer: string;
  /** Those that came from the peer, or those that were to go there. */
  readonly way: "in" | "out";
  /** Packets that came to the filter. */
  readonly seen: number;
  readonly dropped: number;
  /** Only of a line of limited bandwidth to the peer: its rate, what it has carried, and how often packets had to wait before it. */
  readonly line?: { readonly kbit: number; readonly bytes: number; readonly waited: number };
}

/** What one process has used and holds. */
export interface ProcessUsage {
  /** Processor time since its start, of user and system. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Memory that no other process shares. */
  readonly privateBytes: number;
}

export interface ProcessObservation {
  readonly alive: boolean;
  readonly paused: boolean;
  /** Changes with every start. */
  readonly identity: string | null;
}
