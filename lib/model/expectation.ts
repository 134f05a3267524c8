import type { RunEvent } from "./events.ts";
import type { NodeKind } from "./node-kind.ts";
import type { Plan, PlannedPiece } from "./plan.ts";
import type { RunContext } from "./run-context.ts";
import type { Judgement } from "./verdict.ts";
import type { Forecast, Objection } from "./workload.ts";

/** Everything that a judgement may use: the recorded stream and the plan. Nothing live. */
export interface Evidence {
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  /** Probability that a slot extends the chain when nodes with these stakes are alive and connected. */
  occupancy(alive: readonly number[], total: number): number;
  /**
   * What another expectation of the plan makes of this evidence; undefined where there is none of that name, and for one
   * that is judging already: of two that ask for each other, the second gets no answer.
   */
  judgementOf(expectation: string): Judgement | undefined;
}

/** A check of the run. Observing is live and only adds events; judging is pure, so a recorded run can be judged again. */
export interface Expectation {
  readonly name: string;
  /** Runs from baseline to the end of settle; ends when `ctx.signal` aborts. */
  observe?(ctx: RunContext): Promise<void>;
  /** Runs at the end of settle, while nodes still answer: reads back what only nodes can show, and records it. */
  collect?(ctx: RunContext): Promise<void>;
  judge(evidence: Evidence): Judgement;
}

/** A registered kind of expectation. */
export interface ExpectationFactory {
  readonly kind: string;
  /** Names of the numbers among its figures: what thresholds can be set on. */
  figures(piece: PlannedPiece): readonly string[];
  describe(piece: PlannedPiece, plan: Plan, forecast: Forecast): readonly string[];
  /** @param nodeKind what the plan's nodes are known to show */
  object(
    piece: PlannedPiece,
    plan: Plan,
    forecast: Forecast,
    nodeKind?: Pick<NodeKind, "metrics">,
  ): readonly Objection[];
  create(piece: PlannedPiece, plan: Plan): Expectation;
}
