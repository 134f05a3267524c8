import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import type { Cluster } from "./cluster.ts";
import type { EventSink } from "./events.ts";
import type { BlockFeed } from "./feed.ts";
import type { NodeKind } from "./node-kind.ts";
import type { Plan } from "./plan.ts";
import type { Shell } from "./shell.ts";
import type { SignAhead, SigningRow } from "./sign-ahead.ts";
import type { Wallet } from "./wallets.ts";

/** What a workload or expectation has of the run. */
export interface RunContext {
  readonly plan: Plan;
  readonly nodeKind: NodeKind;
  /** The run's clock: 0 at the start of the run. */
  readonly clock: Clock;
  /** Slot 0 on the run's clock. */
  readonly chainStart: number;
  /** When the driven part ends on the run's clock. */
  readonly driveEnds: number;
  readonly cluster: Cluster;
  readonly feed: BlockFeed;
  readonly wallets: readonly Wallet[];
  readonly events: EventSink;
  /** Aborts when the drive ends, and on interrupt. */
  readonly signal: AbortSignal;
  /**
   * Records a sample of a metric of its own, for thresholds and for whoever reads the events. The piece declares its
   * metrics in `metrics`; a name that ends in `Ms` is a time in milliseconds.
   * @throws TypeError for a name that the piece doesn't declare, and for what is no finite number
   */
  metric(name: string, value: number): void;
  /**
   * zx's `$`: runs a command of this machine and resolves with what it wrote. Commands that still run when `signal` aborts
   * are ended. Not in a simulation, whose time they would not know.
   */
  readonly $: Shell;
  /**
   * Has rows of transfers signed ahead in a thread of its own, for rates at which signing would make starts late. Absent in
   * a simulation. What it starts ends with the run at the latest.
   */
  readonly signAhead?: (rows: readonly SigningRow[]) => SignAhead;
  /** A stream of chance of its own: split from the seed by the piece's name and this one. */
  random(name: string): Random;
}
