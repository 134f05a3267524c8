import type { Look } from "../../../core/wait.ts";
import type { LinkCondition } from "../../../model/cluster.ts";
import type { RunContext } from "../../../model/run-context.ts";
import { linksInUse } from "./filter-look.ts";

/**
 * Sees links narrowed by what the kernels of their senders show: each that runs has a line to its peer that is as narrow as the
 * fault says or narrower, and before some line packets had to wait. Lines that nothing waits for show nothing of the fault.
 */
export async function lookAtLines(ctx: RunContext, conditions: readonly LinkCondition[]): Promise<Look<string>> {
  const { cluster } = ctx;
  const narrow = linksInUse(ctx, conditions);
  if (narrow.length === 0) return { done: false, seen: "no nodes that both run have a link under the fault" };
  const names = [...new Set(narrow.map(({ from }) => from))];
  const counts = new Map(await Promise.all(names.map(async (name) => [name, await cluster.filtered?.(name)] as const)));
  let [packets, bytes, waited] = [0, 0, 0];
  for (const { from, to, bandwidthKbit = 0 } of narrow) {
    const out = counts.get(from)?.filter(({ peer, way }) => peer === to && way === "out") ?? [];
    // Another fault lets nothing through at all.
    if (out.some(({ line }) => line === undefined)) continue;
    const found = out.find(({ line }) => line !== undefined && line.kbit <= bandwidthKbit);
    if (!found) return { done: false, seen: `the kernel has no line of ${bandwidthKbit} kbit/s from ${from} to ${to}` };
    packets += found.seen;
    bytes += found.line?.bytes ?? 0;
    waited += (found.line?.waited ?? 0) + found.dropped;
  }
  const seen = `${packets} packets came to ${narrow.length} lines, which carried ${(bytes / 1_000).toFixed(1)} kB`;
  return waited > 0
    ? { done: true, value: `${seen}; they had to wait ${waited} times` }
    : { done: false, seen: `${seen}; none had to wait, as it is less than they can carry` };
}
