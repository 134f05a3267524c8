import type { HeaderId } from "../../chain/types.ts";
import type { EventOf, RunEvent } from "../../model/events.ts";
import { type FaultLife, foldFaults } from "./faults.ts";

/** One fault's end, and how soon all nodes shared a chain after it. */
export interface Convergence {
  readonly fault: FaultLife;
  /** When the act was undone: the process started again, the links cleared. Ms on the run's clock. */
  readonly endedAt: number;
  /** When all nodes first shared a chain; null when they were not seen to. */
  readonly sharedAt: number | null;
  /** The next fault that began before they did: then the later one is judged. */
  readonly overtakenBy: FaultLife | null;
  /** Who was not with the others when this was last looked at, and where. */
  readonly apart: readonly Apart[];
}

/** A node that was not on the chain of the others, or not as far. */
export interface Apart {
  readonly node: string;
  readonly tip: HeaderId | null;
  readonly height: number;
}

/** What is followed: a run has many more events of other types. */
const FOLLOWED: ReadonlySet<RunEvent["type"]> = new Set([
  ...(["planned", "started", "effective", "ineffective", "healed", "unhealed", "ended"] as const).map(
    (step) => `fault.${step}` as const,
  ),
  "node.started",
  "node.ended",
  "block.seen",
  "chain.view",
]);

type View = EventOf<"chain.view">;

/**
 * Follows the network after each fault that took effect, up to the event `untilSeq`. Nodes share a chain when every one
 * that runs has shown, since its start, a tip on the branch of the highest, at or above the height that the network had
 * when the fault ended.
 * @param withinMs after this long nobody looks any more for who is apart
 */
export function foldConvergence(
  events: readonly RunEvent[],
  withinMs: number,
  untilSeq = Number.POSITIVE_INFINITY,
): readonly Convergence[] {
  const judged = events.filter(({ seq, type }) => seq <= untilSeq && FOLLOWED.has(type));
  const faults = foldFaults(judged).filter(({ effectiveAt }) => effectiveAt !== null);
  const ends = new Map(
    faults.flatMap((fault) => {
      const end = endOf(fault, judged);
      return end ? [[fault, end] as const] : [];
    }),
  );
  return [...ends].map(([fault, end]) => {
    const next = faults
      .filter((other) => other !== fault && (ends.get(other)?.t ?? Number.POSITIVE_INFINITY) > end.t)
      .sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0))[0];
    const { sharedAt, apart } = firstShared(judged, end, withinMs);
    const overtaken = next !== undefined && (next.startedAt ?? 0) < (sharedAt ?? end.t + withinMs);
    return { fault, endedAt: end.t, sharedAt, apart, overtakenBy: overtaken ? next : null };
  });
}

/** What undid the act: the fault's own word, or else the start of its target, or that it was seen to have healed. */
function endOf({ fault, target, startedAt }: FaultLife, events: readonly RunEvent[]): RunEvent | undefined {
  const ended = (event: RunEvent) => event.type === "fault.ended" && event.fault === fault;
  const started = (event: RunEvent) =>
    event.type === "node.started" && event.node === target && event.by === "fault" && event.t >= (startedAt ?? 0);
  const healed = (event: RunEvent) => event.type === "fault.healed" && event.fault === fault;
  return events.find(ended) ?? events.find(started) ?? events.find(healed);
}

/** When all nodes first share a chain after the fault's end, and who was last seen apart until the limit. */
function firstShared(
  events: readonly RunEvent[],
  end: RunEvent,
  withinMs: number,
): { sharedAt: number | null; apart: readonly Apart[] } {
  const parents = new Map<HeaderId, HeaderId>();
  const views = new Map<string, View | null>();
  let least: number | null = null;
  let apart: readonly Apart[] = [];
  for (const event of events) {
    if (least === null && event.seq > end.seq) least = heightOf(views);
    if (event.type === "block.seen") parents.set(event.block, event.parent);
    if (event.type === "node.started") views.set(event.node, null);
    if (event.type === "node.ended") views.delete(event.node);
    if (event.type === "chain.view") views.set(event.node, event);
    if (least === null || (event.type !== "chain.view" && event.type !== "node.ended")) continue;
    const found = nodesApart(views, parents, least);
    if (found.length === 0) return { sharedAt: event.t, apart: [] };
    if (event.t <= end.t + withinMs || apart.length === 0) apart = found;
  }
  return { sharedAt: null, apart };
}

function heightOf(views: ReadonlyMap<string, View | null>): number {
  return Math.max(0, ...[...views.values()].map((view) => view?.height ?? 0));
}

function nodesApart(
  views: ReadonlyMap<string, View | null>,
  parents: ReadonlyMap<HeaderId, HeaderId>,
  least: number,
): readonly Apart[] {
  const highest = [...views.values()].reduce(
    (best, view) => (view && view.height > (best?.height ?? -1) ? view : best),
    null,
  );
  const branch = new Set<HeaderId>();
  let height = highest?.height ?? -1;
  for (let id = highest?.tip; id !== undefined && height >= least; id = parents.get(id), height--) branch.add(id);
  return [...views]
    .filter(([, view]) => view === null || view.height < least || !branch.has(view.tip))
    .map(([node, view]) => ({ node, tip: view?.tip ?? null, height: view?.height ?? 0 }));
}
