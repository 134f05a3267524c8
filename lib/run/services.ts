import type { Clock } from "../core/clock.ts";
import { CodedError, errorText } from "../core/errors.ts";
import { waitFor } from "../core/wait.ts";
import type { Cluster, RunningNode } from "../model/cluster.ts";
import type { EventSink } from "../model/events.ts";
import type { Service } from "../model/node-kind.ts";
import { lookAtServices } from "../workloads/service-look.ts";

/** Pause between two questions to one node of how it is. */
const LOOK_INTERVAL_MS = 400;
/** The same while the run waits for the answer. */
const WAIT_INTERVAL_MS = 100;

export interface ServicesOptions {
  readonly service: Service;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly events: EventSink;
}

/**
 * Asks every node again and again how it is, each in a loop of its own, until the signal aborts: what the block feed is
 * where there is a chain. Records when a node answers, stops answering and answers again.
 */
export async function followServices(options: ServicesOptions, signal: AbortSignal): Promise<void> {
  const { cluster, clock } = options;
  await Promise.all(
    cluster.nodes().map(async ({ planned }) => {
      const record = recorder(options, planned.name);
      while (!signal.aborted) {
        const node = cluster.node(planned.name);
        record(node, node.state === "running" ? await answer(options.service, node, signal) : null);
        await clock.sleep(LOOK_INTERVAL_MS, signal).catch((thrown: unknown) => {
          if (!signal.aborted) throw thrown;
        });
      }
    }),
  );
}

/** Whether a node answered, and what it didn't when it didn't. */
type Answer = { readonly answered: true } | { readonly answered: false; readonly why: string };

async function answer(service: Service, node: RunningNode, signal: AbortSignal): Promise<Answer | null> {
  try {
    await service.lacks(node, signal);
    return { answered: true };
  } catch (thrown) {
    return signal.aborted ? null : { answered: false, why: errorText(thrown) };
  }
}

/** Turns answers of one node into events, where they change something. */
function recorder({ cluster, events }: ServicesOptions, name: string) {
  let start = 0;
  let reachable: boolean | undefined;
  return (asked: ReturnType<Cluster["node"]>, said: Answer | null): void => {
    if (asked.state === "stopped") {
      reachable = undefined;
      return;
    }
    const gone = cluster.node(name).state === "stopped";
    if (said === null || (gone && !said.answered)) return;
    if (said.answered && start !== asked.start) {
      start = asked.start;
      events.emit("node.answered", { node: name, start });
    }
    const before = reachable;
    reachable = said.answered;
    if (before === undefined ? reachable : before === reachable) return;
    events.emit("node.reachable", { node: name, reachable, why: said.answered ? "answers" : said.why });
  };
}

/**
 * Waits until every node that doesn't join late is well.
 * @throws CodedError NR-RUN-NODE-DIED at once when a node ends, NR-RUN-READY at the deadline with what each lacks
 */
export async function awaitServices(options: ServicesOptions, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { cluster, clock, events } = options;
  const died = new AbortController();
  const endOf = (node: string, why: string) => {
    died.abort(
      new CodedError("NR-RUN-NODE-DIED", `${node} ended before the network was ready: ${why}`, {
        hint: `Its log is logs/${node}.log in the run folder.`,
      }),
    );
  };
  const unsubscribe = cluster.onEnd(({ node, why }) => endOf(node, why));
  const there = cluster.nodes().filter(({ planned }) => !planned.joinsLate);
  for (const node of there) if (node.state === "stopped") endOf(node.planned.name, node.why ?? "it never started");
  const inner = AbortSignal.any([signal, died.signal]);
  try {
    await Promise.all(
      there.map(async ({ planned: { name } }) => {
        await waitFor({
          clock,
          what: `${name} to be ready`,
          timeoutMs,
          intervalMs: WAIT_INTERVAL_MS,
          signal: inner,
          code: "NR-RUN-READY",
          facets: { hint: `Its log is logs/${name}.log in the run folder.` },
          look: () => lookAtServices(options, [name], inner),
        });
        const node = cluster.node(name);
        if (node.state === "running") events.emit("node.ready", { node: name, start: node.start, peers: 0 });
      }),
    );
  } finally {
    unsubscribe();
  }
}

/** Ends every fault that still holds, and waits until every node that should be up is well. */
export async function healServices(
  options: ServicesOptions,
  dead: ReadonlySet<string>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, clock } = options;
  await cluster.control.release(signal);
  const up = cluster.nodes().filter(({ planned }) => !dead.has(planned.name));
  const names = up.map(({ planned }) => planned.name);
  const down = up.filter(({ state }) => state === "stopped");
  await Promise.all(down.map(({ planned }) => cluster.control.start(planned.name, signal)));
  await waitFor({
    clock,
    what: `${names.join(", ")} to be well`,
    timeoutMs,
    intervalMs: WAIT_INTERVAL_MS,
    signal,
    look: () => lookAtServices(options, names, signal),
  });
}
