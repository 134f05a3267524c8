import type { RunEvent } from "../../model/events.ts";
import type { PlannedNode } from "../../model/plan.ts";
import { foldStakeAlive, type StakeAlive } from "./stake-alive.ts";
import type { Window } from "./window.ts";

/** Whether a node was under no fault between two times, ms on the run's clock. */
export type Undisturbed = (node: string, from: number, to: number) => boolean;

/**
 * Reads from the stream who was under no fault when: up, answering, in the right time and connected to the larger part, as
 * for liveness, in every slot that the time touches; and all links of the network clear.
 */
export function foldUndisturbed(
  events: readonly RunEvent[],
  nodes: readonly PlannedNode[],
  window: Window,
): Undisturbed {
  let folded: { readonly alive: StakeAlive; readonly links: readonly Span[] } | undefined;
  const slotAt = (t: number) => Math.floor((t - window.chainStart) / window.slotMs);
  return (node, from, to) => {
    // Of a healthy run nothing is asked.
    folded ??= { alive: foldStakeAlive(events, nodes, window), links: linkTimes(events, window.closedSeq) };
    const { alive, links } = folded;
    if (links.some((span) => span.from < to && span.to > from)) return false;
    for (let slot = slotAt(from); slot <= slotAt(to); slot++) if (!alive.counts(slot, node)) return false;
    return true;
  };
}

interface Span {
  readonly from: number;
  to: number;
}

/** When links were under conditions of any kind. */
function linkTimes(events: readonly RunEvent[], untilSeq: number): readonly Span[] {
  const spans: Span[] = [];
  for (const event of events) {
    if (event.seq > untilSeq) break;
    if (event.type !== "links.set") continue;
    const last = spans.at(-1);
    if (last && last.to === Number.POSITIVE_INFINITY) last.to = event.t;
    if (event.conditions.length > 0) spans.push({ from: event.t, to: Number.POSITIVE_INFINITY });
  }
  return spans;
}
