import type { Clock } from "../../core/clock.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import { waitFor } from "../../core/wait.ts";
import type { Cluster, NodeEnd, RunningNode } from "../../model/cluster.ts";
import type { EventSink } from "../../model/events.ts";
import type { Plan } from "../../model/plan.ts";

/** How long one question to a booting node may take. */
const CALL_TIMEOUT_MS = 2_000;

/**
 * Waits until every node that doesn't join late answers, has the peers that its layout says and, where blobs are planned, its
 * data-availability membership.
 * @throws CodedError NR-RUN-NODE-DIED at once when a node ends, NR-RUN-READY at the deadline with what each lacks
 */
export async function awaitReady(options: {
  plan: Plan;
  cluster: Cluster;
  clock: Clock;
  events: EventSink;
  /** The network was there before the run: who is whose neighbour, and who holds shares, is its own affair. */
  isFound?: boolean;
  timeoutMs: number;
  signal: AbortSignal;
}): Promise<void> {
  const { plan, cluster, clock, events } = options;
  const died = new AbortController();
  const unsubscribe = cluster.onEnd((end) => died.abort(diedError(end)));
  const there = plan.topology.nodes.filter(({ joinsLate }) => !joinsLate);
  const late = new Set(plan.topology.nodes.filter(({ joinsLate }) => joinsLate).map(({ name }) => name));
  const missing = cluster.nodes().filter(({ state, planned }) => state === "stopped" && !late.has(planned.name));
  for (const node of missing) if (node.state === "stopped") died.abort(diedBefore(node.planned.name, node.why));
  const signal = AbortSignal.any([options.signal, died.signal]);
  const { isFound = false } = options;
  const blobs = !isFound && plan.workloads.some((workload) => workload.kind === "data-availability");
  try {
    await Promise.all(
      there.map((planned) =>
        waitFor({
          clock,
          what: `${planned.name} to be ready`,
          timeoutMs: options.timeoutMs,
          intervalMs: Math.max(20, plan.topology.nodes.length * 3),
          signal,
          code: "NR-RUN-READY",
          facets: { hint: `Its log is logs/${planned.name}.log in the run folder.` },
          look: async () => {
            const node = cluster.node(planned.name);
            if (node.state === "stopped") return { done: false, seen: "the node is stopped" };
            const peers = isFound ? 0 : planned.neighbours.filter((peer) => !late.has(peer)).length;
            const lacking = await lacks(node, peers, blobs, signal);
            if (lacking !== null) return { done: false, seen: lacking };
            events.emit("node.ready", { node: planned.name, start: node.start, peers });
            return { done: true, value: undefined };
          },
        }),
      ),
    );
  } finally {
    unsubscribe();
  }
}

/** What the node still lacks, or null when it is ready. */
async function lacks(node: RunningNode, expected: number, blobs: boolean, signal: AbortSignal): Promise<string | null> {
  const call = { signal, timeoutMs: CALL_TIMEOUT_MS };
  try {
    const { peers } = await node.client.networkInfo(call);
    if (peers < expected) return `${peers} of ${expected} peers`;
    if (!blobs) return null;
    const { assignations } = await node.client.daMembership(0, call);
    return Object.keys(assignations).length > 0 ? null : "no data-availability membership";
  } catch (thrown) {
    signal.throwIfAborted();
    return errorText(thrown);
  }
}

function diedError(end: NodeEnd): CodedError {
  return diedBefore(end.node, end.why);
}

function diedBefore(node: string, why: string | undefined): CodedError {
  return new CodedError(
    "NR-RUN-NODE-DIED",
    `${node} ended before the network was ready: ${why ?? "it never started"}`,
    {
      hint: `Its log is logs/${node}.log in the run folder.`,
    },
  );
}
