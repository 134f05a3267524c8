import type { RunEvent } from "../../model/events.ts";
import type { Window } from "./window.ts";

/** A metric's largest, smallest or last value in the judged window, by node. */
export function foldMetrics(
  events: readonly RunEvent[],
  metric: string,
  over: "max" | "min" | "last",
  window: Window,
): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const event of events) {
    if (event.type !== "node.metrics" || event.t < window.openedAt || event.seq > window.closedSeq) continue;
    const value = event.values[metric];
    if (value === undefined) continue;
    const before = values.get(event.node);
    if (before === undefined || over === "last") values.set(event.node, value);
    else values.set(event.node, over === "max" ? Math.max(before, value) : Math.min(before, value));
  }
  return values;
}
