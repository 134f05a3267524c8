import type { ManagedCluster } from "./cluster.ts";

/**
 * The first start of every node, all at once.
 * @throws the first failure, told only when all have settled: a start still under way would otherwise escape the teardown's first look
 */
export async function startAll(cluster: ManagedCluster, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const starts = await Promise.allSettled(cluster.managed().map((node) => node.startWithOthers()));
  const failed = starts.find((start) => start.status === "rejected");
  if (failed) throw failed.reason;
}
