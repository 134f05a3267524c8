import type { HeaderId } from "../../chain/types.ts";
import type { RunEvent } from "../../model/events.ts";
import type { Window } from "./window.ts";

/** A state that a run may have been in, and when it was first seen. */
export interface SeenState {
  /** The most that was seen: blocks of one height, blocks behind, transactions waiting. */
  readonly most: number;
  /** When, on the run's clock, and who showed it; null when it never reached what was asked for. */
  readonly first: { readonly t: number; readonly what: string } | null;
}

/** What can be asked for: at least so many blocks of one height, blocks behind the highest, or transactions waiting. */
export type StateKind = "fork" | "node-behind" | "mempool";

/** Whether the state was seen in the judged window. */
export function foldState(events: readonly RunEvent[], kind: StateKind, least: number, window: Window): SeenState {
  const byHeight = new Map<number, Set<HeaderId>>();
  const heights = new Map<string, number>();
  let most = 0;
  let first: SeenState["first"] = null;
  const saw = (count: number, t: number, what: string) => {
    most = Math.max(most, count);
    if (count >= least) first ??= { t, what };
  };
  for (const event of events) {
    if (event.seq > window.closedSeq) break;
    const judged = event.t >= window.openedAt;
    if (event.type === "block.seen") {
      const own = (byHeight.get(event.height) ?? new Set()).add(event.block);
      byHeight.set(event.height, own);
      if (judged && kind === "fork")
        saw(
          own.size,
          event.t,
          `${own.size} blocks at height ${event.height}: ${[...own].map((id) => id.slice(0, 8)).join(", ")}`,
        );
    }
    if (event.type === "node.ended") heights.delete(event.node);
    if (event.type === "chain.view") {
      heights.set(event.node, event.height);
      if (!judged || kind !== "node-behind") continue;
      const highest = Math.max(...heights.values());
      for (const [node, height] of heights) saw(highest - height, event.t, `${node} at height ${height} of ${highest}`);
    }
    if (event.type === "node.mempool" && judged && kind === "mempool") {
      saw(event.pending, event.t, `${event.pending} waiting on ${event.node}`);
    }
  }
  return { most, first };
}
