import type { Clock } from "../../core/clock.ts";
import { waitFor } from "../../core/wait.ts";
import type { Cluster } from "../../model/cluster.ts";
import type { BlockFeed } from "../../model/feed.ts";

/**
 * Ends every fault that still holds: paused nodes go on, links are clear, what a fault stopped is started. Then waits until every node that should be up
 * answers and has moved to a tip above the one that the network had when healing began; above its own where nodes are to
 * differ for good, as the shorter chain may never catch up.
 */
export async function heal(options: {
  cluster: Cluster;
  feed: BlockFeed;
  /** Nodes that ended without a fault of ours; they stay down. */
  dead: ReadonlySet<string>;
  /** Whether the scenario expects nodes to differ for good. */
  diverges: boolean;
  clock: Clock;
  timeoutMs: number;
  intervalMs: number;
  signal: AbortSignal;
}): Promise<void> {
  const { cluster, feed, dead, diverges, signal } = options;
  await cluster.control.release(signal);
  const stopped = cluster.nodes().filter((node) => node.state === "stopped" && !dead.has(node.planned.name));
  await Promise.all(stopped.map((node) => cluster.control.start(node.planned.name, signal)));
  const from = feed.head().height;
  const own = new Map(feed.views().map(({ node, height }) => [node, height]));
  const least = (name: string) => (diverges ? (own.get(name) ?? -1) : from);
  await waitFor({
    clock: options.clock,
    what: `every node to move past ${diverges ? "its own height" : `height ${from}`}`,
    timeoutMs: options.timeoutMs,
    intervalMs: options.intervalMs,
    signal,
    look: () => {
      const heights = new Map(feed.views().map(({ node, height }) => [node, height]));
      const behind = cluster
        .nodes()
        .map(({ planned }) => planned.name)
        .filter((name) => !dead.has(name) && (heights.get(name) ?? -1) <= least(name));
      if (behind.length === 0) return { done: true, value: undefined };
      return { done: false, seen: behind.map((name) => `${name} at ${heights.get(name) ?? "no height"}`).join(", ") };
    },
  });
}
