import type { RunEvent } from "../../model/events.ts";

/** The judged window of a run. */
export interface Window {
  /** First and last judged slot, both included. */
  readonly fromSlot: number;
  readonly toSlot: number;
  /** Height of the canonical chain when it opened. */
  readonly fromHeight: number;
  /** When it opened and closed on the run's clock, ms. */
  readonly openedAt: number;
  readonly closedAt: number;
  /** Sequence number of the event that closed it: what was recorded later says nothing about the window. */
  readonly closedSeq: number;
  /** Slot 0 on the run's clock, and the length of a slot, ms. */
  readonly chainStart: number;
  readonly slotMs: number;
}

/** The window, or what the stream lacks for one. */
export type WindowSearch = { readonly window: Window } | { readonly missing: string };

/** Finds the judged window. A run that ended before its settle stage did has none. */
export function findWindow(events: readonly RunEvent[]): WindowSearch {
  if (events.length === 0) return { missing: "the event stream is empty" };
  const scheduled = events.find((event) => event.type === "chain.scheduled");
  if (!scheduled) return { missing: "the run ended before its chain was scheduled" };
  const opened = events.find((event) => event.type === "window.opened");
  if (!opened) return { missing: "the run ended before its judged window was opened" };
  const closed = events.find((event) => event.type === "window.closed");
  if (!closed) return { missing: "the run ended before its judged window was closed" };
  return {
    window: {
      fromSlot: opened.slot,
      toSlot: closed.slot,
      fromHeight: opened.height,
      openedAt: opened.t,
      closedAt: closed.t,
      closedSeq: closed.seq,
      chainStart: scheduled.chainStart,
      slotMs: scheduled.slotMs,
    },
  };
}
