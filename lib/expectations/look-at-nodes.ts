import type { RunContext } from "../model/run-context.ts";
import { parseExposition, parseSelector } from "../telemetry/parse-exposition.ts";

/** Shortest time between two looks at one node, and what each node adds to it: a look takes under a millisecond. */
const INTERVAL_MS = 1_000;
const INTERVAL_PER_NODE_MS = 20;

/** Looks at what every running node's process uses again and again, where the backend can. */
export async function recordUsage({ cluster, clock, events, plan, signal }: RunContext): Promise<void> {
  if (!cluster.usage) return;
  while (!signal.aborted) {
    for (const { planned, start } of cluster.running()) {
      const usage = await cluster.usage(planned.name);
      if (usage) events.emit("node.usage", { node: planned.name, start, ...usage });
    }
    await clock.sleep(interval(plan.topology.nodes.length), signal);
  }
}

/** Reads these metrics of every running node again and again; a node that doesn't answer is asked again later. */
export async function recordMetrics(ctx: RunContext, metrics: readonly string[]): Promise<void> {
  const { cluster, clock, events, plan, signal } = ctx;
  const timeoutMs = interval(plan.topology.nodes.length);
  while (!signal.aborted) {
    await Promise.all(
      cluster.running().map(async ({ client, planned }) => {
        const text = await client.metrics({ signal, timeoutMs }).catch(() => null); // Faults silence nodes.
        if (text !== null) events.emit("node.metrics", { node: planned.name, values: valuesOf(text, metrics) });
      }),
    );
    await clock.sleep(timeoutMs, signal);
  }
}

function interval(nodes: number): number {
  return Math.max(INTERVAL_MS, INTERVAL_PER_NODE_MS * nodes);
}

/**
 * The sum of each metric's samples that have the labels asked for; metrics that aren't there are left out. One that is
 * there with other labels only is 0: nodes show a label once there is something to count under it.
 */
function valuesOf(text: string, metrics: readonly string[]): Record<string, number> {
  const samples = parseExposition(text);
  const values: Record<string, number> = {};
  for (const metric of metrics) {
    const wanted = parseSelector(metric);
    const named = samples.filter(({ name }) => name === wanted?.name);
    const own = named.filter(({ labels }) =>
      Object.entries(wanted?.labels ?? {}).every(([label, value]) => labels[label] === value),
    );
    const sum = own.reduce((total, { value }) => total + value, 0);
    if (named.length > 0 && Number.isFinite(sum)) values[metric] = sum;
  }
  return values;
}
