import type { RunEvent } from "../../model/events.ts";
import type { PlannedNode } from "../../model/plan.ts";
import type { Window } from "./window.ts";

/** A stretch of time, ms on the run's clock. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * How long a node may have been silent before that is recorded: an observer gives an answer 2 s and looks again after
 * at most 0.4 s.
 */
export const NOTICE_MS = 2_400;

/** Which nodes could extend one chain, slot by slot. */
export interface StakeAlive {
  /** Stakes of the nodes that could, in this slot. */
  stakes(slot: number): readonly number[];
  /** Whether the node was one of them. */
  counts(slot: number, node: string): boolean;
  /** Slots of the window in which the node could not. */
  slotsWithout(node: string): number;
}

/**
 * Reads from the stream which nodes could extend one chain in which slot: the largest group, by stake, of nodes that were
 * up and connected to one another through nodes that were up. A node counts for a slot only if it was up and answering
 * from the beginning of the slot before, in which it can catch up, to the end of the slot itself: stake that may have
 * been there, but was not seen to be, is not held against the chain. A node whose clock is off is alone in its time, also
 * until the time has come to where its clock was. When the hub of a star restarts, every other node
 * is a group of its own.
 */
export function foldStakeAlive(events: readonly RunEvent[], nodes: readonly PlannedNode[], window: Window): StakeAlive {
  const down = downTimes(events, nodes, window.closedSeq);
  const links = linkTimes(events, window.closedSeq);
  const groups = new Map<string, readonly PlannedNode[]>();
  const members = new Map<number, ReadonlySet<string>>();
  const counts = (slot: number, node: string) => {
    const known = members.get(slot) ?? new Set(groupIn(slot).map(({ name }) => name));
    members.set(slot, known);
    return known.has(node);
  };
  const groupIn = (slot: number) => {
    const from = window.chainStart + (slot - 1) * window.slotMs;
    const to = window.chainStart + (slot + 1) * window.slotMs;
    const up = nodes.filter(({ name }) => !down.get(name)?.some((span) => span.from < to && span.to > from));
    const cuts = links.filter((span) => span.from < to && span.to > from).flatMap((span) => span.cut);
    const key = `${up.map(({ index }) => index).join()} ${cuts.join()}`;
    const group = groups.get(key) ?? largestGroup(up, new Set(cuts));
    groups.set(key, group);
    return group;
  };
  return {
    counts,
    stakes: (slot) => groupIn(slot).map(({ stake }) => stake),
    slotsWithout(node) {
      let count = 0;
      for (let slot = window.fromSlot; slot <= window.toSlot; slot++) {
        if (!counts(slot, node)) count++;
      }
      return count;
    },
  };
}

/** The connected group of most stake; of equal ones the first. */
function largestGroup(up: readonly PlannedNode[], cut: ReadonlySet<string>): readonly PlannedNode[] {
  const left = new Map(up.map((node) => [node.name, node]));
  let largest: readonly PlannedNode[] = [];
  for (const first of up) {
    const group: PlannedNode[] = [];
    const open = [first.name];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const node = left.get(name);
      if (!node || !left.delete(name)) continue;
      group.push(node);
      open.push(...node.neighbours.filter((peer) => !cut.has(`${name}>${peer}`) && !cut.has(`${peer}>${name}`)));
    }
    if (stakeOf(group) > stakeOf(largest)) largest = group;
  }
  return largest;
}

function stakeOf(nodes: readonly PlannedNode[]): number {
  return nodes.reduce((sum, { stake }) => sum + stake, 0);
}

/** Links that lost everything one way or the other, and when. */
function linkTimes(
  events: readonly RunEvent[],
  untilSeq: number,
): readonly (Span & { readonly cut: readonly string[] })[] {
  const spans: (Span & { cut: readonly string[] })[] = [];
  let since: { readonly from: number; readonly cut: readonly string[] } | null = null;
  for (const event of events) {
    if (event.seq > untilSeq) break;
    if (event.type !== "links.set") continue;
    if (since) spans.push({ ...since, to: event.t });
    const cut = event.conditions.filter(({ loss }) => loss === 1).map(({ from, to }) => `${from}>${to}`);
    since = cut.length > 0 ? { from: event.t, cut } : null;
  }
  if (since) spans.push({ ...since, to: Number.POSITIVE_INFINITY });
  return spans;
}

/** When each node was down, frozen, silent or in a time of its own. Before its first answer it is down; a silence begins before it is noticed. */
function downTimes(
  events: readonly RunEvent[],
  nodes: readonly PlannedNode[],
  untilSeq: number,
): ReadonlyMap<string, readonly Span[]> {
  const since = new Map(nodes.map(({ name }) => [name, Number.NEGATIVE_INFINITY]));
  const spans = new Map<string, Span[]>(nodes.map(({ name }) => [name, []]));
  const offsets = new Map<string, number>();
  const goesDown = (node: string, t: number) => since.set(node, Math.min(t, since.get(node) ?? t));
  const comesUp = (node: string, t: number) => {
    const from = since.get(node);
    if (from !== undefined) spans.get(node)?.push({ from, to: t });
    since.delete(node);
  };
  for (const event of events) {
    if (event.seq > untilSeq) break;
    if (event.type === "node.answered") comesUp(event.node, event.t);
    if (event.type === "node.ended") goesDown(event.node, event.t);
    if (event.type === "node.paused") {
      if (event.paused) goesDown(event.node, event.t);
      else comesUp(event.node, event.t);
    }
    if (event.type === "node.clock") {
      if (event.offsetMs === 0) comesUp(event.node, event.t + Math.max(0, offsets.get(event.node) ?? 0));
      else goesDown(event.node, event.t);
      offsets.set(event.node, event.offsetMs);
    }
    if (event.type === "node.reachable") {
      if (event.reachable) comesUp(event.node, event.t);
      else goesDown(event.node, event.t - NOTICE_MS);
    }
  }
  for (const [node, from] of since) spans.get(node)?.push({ from, to: Number.POSITIVE_INFINITY });
  return spans;
}
