import { randomStream } from "../core/random.ts";
import type { RunContext } from "../model/run-context.ts";

/** What all pieces of a run share. */
export type SharedContext = Omit<RunContext, "signal" | "random">;

/** The context of one piece, with chance of its own. */
export function contextFor(shared: SharedContext, piece: string, signal: AbortSignal): RunContext {
  return { ...shared, signal, random: (name) => randomStream(shared.plan.seed, piece, name) };
}
