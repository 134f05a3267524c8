import type { EventOf, RunEvent } from "../../model/events.ts";
import type { Window } from "./window.ts";

/** What a node used of its machine in the judged window. */
export interface NodeUsage {
  /** Processor time over the time in which it was watched, in percent of one core. */
  readonly cpuPercent: number;
  /** The most memory that any look saw. */
  readonly residentMiB: number;
  readonly privateMiB: number;
}

const MIB = 1024 ** 2;

/** By node; nodes without two looks at one process of theirs are left out. */
export function foldUsage(events: readonly RunEvent[], window: Window): ReadonlyMap<string, NodeUsage> {
  const looks = events
    .filter((event) => event.type === "node.usage")
    .filter(({ t, seq }) => t >= window.openedAt && seq < window.closedSeq);
  const usage = new Map<string, NodeUsage>();
  for (const [node, own] of Map.groupBy(looks, (look) => look.node)) {
    let cpu = 0;
    let watched = 0;
    let last: EventOf<"node.usage"> | undefined;
    for (const look of own) {
      if (last?.start === look.start) {
        cpu += look.cpuSeconds - last.cpuSeconds;
        watched += (look.t - last.t) / 1_000;
      }
      last = look;
    }
    if (watched === 0) continue;
    usage.set(node, {
      cpuPercent: (100 * cpu) / watched,
      residentMiB: Math.max(...own.map(({ residentBytes }) => residentBytes)) / MIB,
      privateMiB: Math.max(...own.map(({ privateBytes }) => privateBytes)) / MIB,
    });
  }
  return usage;
}
