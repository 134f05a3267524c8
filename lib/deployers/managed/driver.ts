import type { FilteredPeer, LinkCondition, ProcessObservation, ProcessUsage } from "../../model/cluster.ts";
import type { NodeConditions } from "../../model/conditions.ts";
import type { ProcessSignal } from "../../model/spawner.ts";

/** How a start of a node came to its end. */
export interface NodeExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it ended, where the backend knows more than code and signal say. */
  readonly why?: string;
}

/** One start of a node's program. */
export interface StartedNode {
  /** Backend's own name for it: `pid 4711`, `container 3f2a9c...`. */
  readonly handle: string;
  /** Resolves when it has ended. Never rejects. */
  readonly exited: Promise<NodeExit>;
  /** Whether it was there to be signalled. */
  signal(signal: ProcessSignal): Promise<boolean>;
  /** What can be seen of it from outside; null when it has ended. */
  look(): Promise<{ readonly paused: boolean } | null>;
}

/** Which start of a node, 1 for the first, and what wanted it. */
export interface StartMark {
  readonly start: number;
  readonly by: "run" | "fault";
}

/** What a backend does with one node's program, files and disk. Acts on a node come one at a time. */
export interface NodeDriver {
  /** Writes its files anew, for starts under these conditions. */
  redeliver(conditions: NodeConditions): Promise<void>;
  /** Starts its program, and enters it into the inventory. */
  start(mark: StartMark): Promise<StartedNode>;
  /** Finds out whether it can be started again. @throws CodedError when somebody else has an address of it */
  checkAddresses(): Promise<void>;
  /** Deletes its state, while it is stopped. */
  wipe(): Promise<void>;
  /** Whether there is anything of its state. */
  hasState(): Promise<boolean>;
  /** What the world shows of it, whatever our books say. */
  observe(): Promise<ProcessObservation>;
  usage(): Promise<ProcessUsage | null>;
  /**
   * Imposes conditions of links on what it receives without its help, from now on and over its later starts. Absent where
   * nodes apply them themselves, to what they send.
   */
  filter?(links: readonly LinkCondition[]): Promise<void>;
  /** What the filter has dropped; null when the node isn't running. */
  filtered?(): Promise<readonly FilteredPeer[] | null>;
}
