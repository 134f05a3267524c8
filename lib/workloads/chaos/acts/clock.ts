import { errorText } from "../../../core/errors.ts";
import type { Look } from "../../../core/wait.ts";
import type { RunContext } from "../../../model/run-context.ts";
import type { Act } from "../act.ts";
import { everyLook, gauge } from "./process.ts";

const CALL_TIMEOUT_MS = 2_000;

/** Puts clocks ahead or behind. Seen by the slot that a node takes for the current one. */
export function clockAct(targets: readonly string[], offsetMs: number): Act {
  const setAll = async ({ cluster, signal }: RunContext, ms: number) => {
    await Promise.all(targets.map((target) => cluster.control.setClockOffset(target, ms, signal)));
  };
  return {
    begin: (ctx) => setAll(ctx, offsetMs),
    look: (ctx) => everyLook(targets, (target) => lookAtSlot(ctx, target, offsetMs)),
    end: (ctx) => setAll(ctx, 0),
    affected: () => targets,
    backlogMs: Math.max(0, offsetMs),
  };
}

async function lookAtSlot(ctx: RunContext, target: string, offsetMs: number): Promise<Look<string>> {
  const { cluster, clock, chainStart, plan, signal } = ctx;
  const { slotMs } = plan.consensus;
  const node = cluster.node(target);
  if (node.state === "stopped") return { done: false, seen: `${target} is stopped` };
  try {
    const slot = gauge(await node.client.metrics({ timeoutMs: CALL_TIMEOUT_MS, signal }), "time_current_slot");
    if (slot === null) return { done: false, seen: `${target} doesn't say which slot it is in` };
    const now = Math.floor((clock.now() - chainStart) / slotMs);
    const seen = `${target} is in slot ${slot} while the time is in slot ${now}`;
    // The answer may come a slot later than the node looked at its clock.
    const least = Math.max(1, Math.floor(Math.abs(offsetMs) / slotMs) - 1);
    const done = offsetMs > 0 ? slot - now >= least : now - slot >= least;
    return done ? { done: true, value: seen } : { done: false, seen };
  } catch (thrown) {
    signal.throwIfAborted();
    return { done: false, seen: errorText(thrown) };
  }
}
