import type { RunEvent } from "../../model/events.ts";
import type { PlannedNode } from "../../model/plan.ts";
import { foldUndisturbed } from "./undisturbed.ts";
import type { Window } from "./window.ts";

/** A node that did not show a height for long after others did. */
export interface Stale {
  readonly node: string;
  /** The height at which it was furthest behind, and when the others had shown that, ms. */
  readonly height: number;
  readonly seenAt: number;
  /** When it showed that height; null when it had not by the end of the window. */
  readonly reachedAt: number | null;
  /** How far it was behind then at least, ms. */
  readonly lagMs: number;
}

export interface Staleness {
  /** Each node that was too far behind, at its worst. */
  readonly stale: readonly Stale[];
  /** The furthest that any node was behind, of all that count, ms. */
  readonly longestLagMs: number;
}

/**
 * How far nodes were behind one another within the window. A height counts from when a second node shows it, so that a
 * block which its maker keeps to itself is held against nobody else; of two nodes, from the first. A node is judged while
 * it was under no fault from `graceMs` before that until the limit had passed: up, answering, connected to the
 * larger part, in the right time, with all links clear.
 */
export function foldStaleness(
  events: readonly RunEvent[],
  nodes: readonly PlannedNode[],
  window: Window,
  { limitMs, graceMs }: { readonly limitMs: number; readonly graceMs: number },
): Staleness {
  const reached = reachedTimes(events, nodes, window.closedSeq);
  const highest = Math.max(0, ...[...reached.values()].map((times) => times.length - 1));
  const isUndisturbed = foldUndisturbed(events, nodes, window);
  const worst = new Map<string, Stale>();
  let longestLagMs = 0;
  for (let height = window.fromHeight + 1; height <= highest; height++) {
    const times = [...reached.values()].flatMap((all) => all[height] ?? []).sort((a, b) => a - b);
    const seenAt = times[nodes.length < 3 ? 0 : 1];
    if (seenAt === undefined || seenAt < window.openedAt) continue;
    for (const { name } of nodes) {
      const reachedAt = reached.get(name)?.[height] ?? null;
      const lagMs = (reachedAt ?? window.closedAt) - seenAt;
      if (lagMs <= Math.min(longestLagMs, limitMs) || lagMs <= (worst.get(name)?.lagMs ?? 0)) continue;
      if (!isUndisturbed(name, seenAt - graceMs, seenAt + Math.min(limitMs, lagMs))) continue;
      longestLagMs = Math.max(longestLagMs, lagMs);
      if (lagMs > limitMs) worst.set(name, { node: name, height, seenAt, reachedAt, lagMs });
    }
  }
  return { stale: [...worst.values()].sort((a, b) => b.lagMs - a.lagMs), longestLagMs };
}

/** When each node first showed each height or a larger one, by height. */
function reachedTimes(
  events: readonly RunEvent[],
  nodes: readonly PlannedNode[],
  untilSeq: number,
): ReadonlyMap<string, readonly number[]> {
  const reached = new Map<string, number[]>(nodes.map(({ name }) => [name, []]));
  for (const event of events) {
    if (event.seq > untilSeq) break;
    if (event.type !== "chain.view") continue;
    const times = reached.get(event.node);
    while (times && times.length <= event.height) times.push(event.t);
  }
  return reached;
}
