import type { Clock } from "../../core/clock.ts";
import { waitFor } from "../../core/wait.ts";
import type { Cluster } from "../../model/cluster.ts";
import type { ClusterFeed } from "../feed/block-feed.ts";

/**
 * Waits until all nodes show the same tip and at least one block was made.
 * @throws CodedError NR-RUN-BASELINE at the deadline, with each node's tip
 */
export async function awaitBaseline(options: {
  cluster: Cluster;
  feed: ClusterFeed;
  clock: Clock;
  timeoutMs: number;
  intervalMs: number;
  signal: AbortSignal;
}): Promise<void> {
  const { cluster, feed, signal } = options;
  await waitFor({
    clock: options.clock,
    what: "all nodes to share one tip above genesis",
    timeoutMs: options.timeoutMs,
    intervalMs: options.intervalMs,
    signal,
    code: "NR-RUN-BASELINE",
    look: () => {
      const views = feed.views();
      const shown = new Set(views.map(({ node }) => node));
      const tips = new Set(views.map(({ tip }) => tip));
      const complete = cluster.nodes().every((node) => node.planned.joinsLate || shown.has(node.planned.name));
      if (complete && tips.size === 1 && feed.head().height > 0) return { done: true, value: undefined };
      const seen = views.map(({ node, height, tip }) => `${node} at height ${height} (${tip.slice(0, 8)})`).join(", ");
      return { done: false, seen: seen || "no node has answered" };
    },
  });
}
