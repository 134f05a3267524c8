import type { RunEvent } from "../../model/events.ts";
import type { Window } from "./window.ts";

const MIB = 1024 ** 2;

/** What a metric's samples were at each node in the judged window, in the order of time. */
export function metricSamples(
  events: readonly RunEvent[],
  metric: string,
  window: Window,
): ReadonlyMap<string, readonly number[]> {
  const samples = new Map<string, number[]>();
  for (const event of events) {
    if (event.type !== "node.metrics" || event.t < window.openedAt || event.seq > window.closedSeq) continue;
    const value = event.values[metric];
    if (value !== undefined) add(samples, event.node, value);
  }
  return samples;
}

/**
 * What each node's process used in the judged window: its memory at each look, its processor time between two looks at
 * the same process.
 */
export function usageSamples(
  events: readonly RunEvent[],
  measure: "cpuPercent" | "residentMiB" | "privateMiB",
  window: Window,
): ReadonlyMap<string, readonly number[]> {
  const samples = new Map<string, number[]>();
  const before = new Map<string, { readonly start: number; readonly t: number; readonly cpuSeconds: number }>();
  for (const event of events) {
    if (event.type !== "node.usage" || event.t < window.openedAt || event.seq > window.closedSeq) continue;
    if (measure === "residentMiB") add(samples, event.node, event.residentBytes / MIB);
    if (measure === "privateMiB") add(samples, event.node, event.privateBytes / MIB);
    const last = before.get(event.node);
    const seconds = last?.start === event.start ? (event.t - last.t) / 1_000 : 0;
    if (measure === "cpuPercent" && last && seconds > 0) {
      add(samples, event.node, (100 * (event.cpuSeconds - last.cpuSeconds)) / seconds);
    }
    before.set(event.node, event);
  }
  return samples;
}

/** What a workload or expectation recorded of a metric of its own, over the whole run. */
export function recordedSamples(events: readonly RunEvent[], by: string, metric: string): readonly number[] {
  return events
    .filter((event) => event.type === "metric.recorded")
    .filter((event) => event.by === by && event.name === metric)
    .map(({ value }) => value);
}

function add(samples: Map<string, number[]>, node: string, value: number): void {
  const own = samples.get(node);
  if (own) own.push(value);
  else samples.set(node, [value]);
}
