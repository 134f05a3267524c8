import type { Clock } from "../core/clock.ts";
import { randomStream } from "../core/random.ts";
import type { Cluster } from "../model/cluster.ts";
import type { EventSink } from "../model/events.ts";
import type { BlockFeed } from "../model/feed.ts";
import type { NodeKind } from "../model/node-kind.ts";
import type { Plan } from "../model/plan.ts";
import type { RunContext } from "../model/run-context.ts";
import type { Wallet } from "../model/wallets.ts";

/** What all pieces of a run share. */
export interface SharedContext {
  readonly plan: Plan;
  readonly nodeKind: NodeKind;
  readonly clock: Clock;
  readonly chainStart: number;
  readonly driveEnds: number;
  readonly cluster: Cluster;
  readonly feed: BlockFeed;
  readonly wallets: readonly Wallet[];
  readonly events: EventSink;
}

/** The context of one piece, with chance of its own. */
export function contextFor(shared: SharedContext, piece: string, signal: AbortSignal): RunContext {
  return { ...shared, signal, random: (name) => randomStream(shared.plan.seed, piece, name) };
}
