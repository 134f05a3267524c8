import * as v from "valibot";

/*
 * Options of expectations that scenarios ask for by calls of their own, as plain JSON in the plan. A number whose key
 * ends in `Ms` is a duration in milliseconds.
 */

/** Every leader has the share of the blocks that its stake gives it. */
export const FairShareOptionsSchema = v.strictObject({
  /** Fair leaders are called unfair with at most this probability, all of them together. */
  falseAlarm: v.optional(v.pipe(v.number(), v.gtValue(0), v.ltValue(1)), 1e-6),
});

/** After every fault all nodes share one chain again. */
export const ConvergenceOptionsSchema = v.strictObject({
  /** How long after a fault ended that may take. */
  withinMs: v.optional(v.pipe(v.number(), v.gtValue(0), v.finite()), 10_000),
});
