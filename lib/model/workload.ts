import type { ErrorCode } from "../core/error-codes.ts";
import type { Capability } from "./capability.ts";
import type { Json, Plan, PlannedPiece } from "./plan.ts";
import type { RunContext } from "./run-context.ts";

/** Something to be said about a plan before it runs. `path` is the option's dotted path below the piece. */
export interface Objection {
  readonly code: ErrorCode;
  readonly path: string;
  /** What can't work, with the figures. */
  readonly message: string;
  /** What would. */
  readonly hint: string;
}

/**
 * What the plan can be expected to do; computed once, given to whoever judges feasibility. Where nodes make no blockchain,
 * all that is about blocks is 0.
 */
export interface Forecast {
  /** Probability that a slot extends the chain with every node up. */
  readonly p: number;
  /** Mean time between blocks, ms. */
  readonly blockIntervalMs: number;
  /** Slots from baseline to the end of settle. */
  readonly windowSlots: number;
  readonly driveSlots: number;
  readonly settleSlots: number;
  readonly expectedBlocks: number;
  /** Fewest blocks that liveness accepts, at a false-alarm probability of 1e-6. */
  readonly minimumBlocks: number;
  /** Probability that liveness fails a chain at half speed. */
  readonly powerAtHalfSpeed: number;
  /** Slots of window from which that power is 95 %. */
  readonly shortestWindowSlots: number;
  /** Probability that two healthy nodes differ at the LIB within the window. */
  readonly naturalConflict: number;
}

/** What a workload adds to a plan and to a run. */
export interface Workload {
  readonly name: string;
  /** Drives until done or `ctx.signal` aborts. Rejecting fails the run with that error as evidence. */
  start(ctx: RunContext): Promise<void>;
  /**
   * Called in the settle stage: resolves when what was sent can be judged (final, or never going to be).
   * Absent when nothing needs settling.
   */
  settle?(ctx: RunContext): Promise<void>;
}

/** A registered kind of workload: resolves options when planned, makes the workload when run. */
export interface WorkloadFactory {
  readonly kind: string;
  /** One line for `plan`. */
  describe(piece: PlannedPiece, plan: Plan, forecast: Forecast): readonly string[];
  /** Capabilities of backend and node kind without which it can't run. */
  needs(options: PlannedPiece["options"]): readonly Capability[];
  /** What is wrong with these options in this plan; empty when nothing is. */
  object(
    piece: PlannedPiece,
    plan: Plan,
    forecast: Forecast,
    nodeKind: { predictableMessageIds: boolean },
  ): readonly Objection[];
  /** Expectations that come with it, unless the plan switches them off by name. */
  expectations(
    piece: PlannedPiece,
  ): readonly { kind: string; name: string; options: { readonly [key: string]: Json } }[];
  create(piece: PlannedPiece, plan: Plan): Workload;
}
