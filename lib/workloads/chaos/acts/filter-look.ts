import type { Look } from "../../../core/wait.ts";
import type { LinkCondition } from "../../../model/cluster.ts";
import type { RunContext } from "../../../model/run-context.ts";

/**
 * Sees links cut or thinned out by what the kernels of their ends count: of each node that runs and receives over such a
 * link some packet was dropped, at it or at the sender. Nodes whose peers are all down are left out.
 */
export async function lookAtFilters(ctx: RunContext, conditions: readonly LinkCondition[]): Promise<Look<string>> {
  const { cluster } = ctx;
  const lossy = linksInUse(ctx, conditions).filter(({ loss }) => loss > 0);
  if (lossy.length === 0) return { done: false, seen: "no nodes that both run have a link under the fault" };
  const names = [...new Set(lossy.flatMap(({ from, to }) => [from, to]))];
  const counts = new Map(await Promise.all(names.map(async (name) => [name, await cluster.filtered?.(name)] as const)));
  const droppedAt = (node: string, way: "in" | "out", peer: string) =>
    counts.get(node)?.find((count) => count.peer === peer && count.way === way && !count.line)?.dropped ?? 0;
  const dropped = new Map<string, number>();
  for (const { from, to } of lossy) {
    const now = droppedAt(to, "in", from) + droppedAt(from, "out", to);
    dropped.set(to, (dropped.get(to) ?? 0) + now);
  }
  const without = [...dropped].filter(([, packets]) => packets === 0).map(([node]) => node);
  const sum = [...dropped.values()].reduce((total, packets) => total + packets, 0);
  const seen = `${sum} packets dropped by the kernel over ${lossy.length} links`;
  if (without.length === 0) return { done: true, value: seen };
  return { done: false, seen: `${seen}, none yet of those to ${without.join(", ")}` };
}

/** Of these links those whose ends both run and speak with each other. */
export function linksInUse(
  { cluster, nodeKind }: Pick<RunContext, "cluster" | "nodeKind">,
  conditions: readonly LinkCondition[],
): readonly LinkCondition[] {
  const running = new Map(cluster.running().map(({ planned }) => [planned.name, planned]));
  // Who speaks with whom is a matter of the layout only where nodes make the chain.
  const speak = (from: string, to: string) => nodeKind.service || running.get(from)?.neighbours.includes(to);
  return conditions.filter(({ from, to }) => running.has(from) && running.has(to) && speak(from, to));
}
