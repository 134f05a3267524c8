import type { RunEvent } from "../../model/events.ts";

/** How far a fault got. */
export type FaultState = "planned" | "skipped" | "started" | "effective" | "ineffective" | "healed" | "unhealed";

/** One entry of the fault ledger. */
export interface FaultLife {
  readonly fault: string;
  readonly kind: string;
  readonly target: string;
  /** The time that the schedule gave it, ms on the run's clock. */
  readonly intended: number;
  readonly startedAt: number | null;
  readonly effectiveAt: number | null;
  readonly healedAt: number | null;
  readonly state: FaultState;
  /** What the last observer saw, or why it was skipped. */
  readonly seen: string;
}

/** The fault ledger: every planned fault and what became of it, in the order planned. */
export function foldFaults(events: readonly RunEvent[]): readonly FaultLife[] {
  const faults = new Map<string, FaultLife>();
  const change = (fault: string, to: Partial<FaultLife>) => {
    const life = faults.get(fault);
    if (life) faults.set(fault, { ...life, ...to });
  };
  for (const event of events) {
    if (event.type === "fault.planned") {
      const { fault, kind, target, at } = event;
      const times = { intended: at, startedAt: null, effectiveAt: null, healedAt: null };
      faults.set(fault, { fault, kind, target, ...times, state: "planned", seen: "" });
    }
    if (event.type === "fault.skipped") change(event.fault, { state: "skipped", seen: event.why });
    if (event.type === "fault.started") change(event.fault, { state: "started", startedAt: event.t });
    if (event.type === "fault.effective") {
      change(event.fault, { state: "effective", effectiveAt: event.t, seen: event.seen });
    }
    if (event.type === "fault.ineffective") change(event.fault, { state: "ineffective", seen: event.seen });
    if (event.type === "fault.healed") change(event.fault, { state: "healed", healedAt: event.t, seen: event.seen });
    if (event.type === "fault.unhealed") change(event.fault, { state: "unhealed", seen: event.seen });
  }
  return [...faults.values()];
}
