import * as v from "valibot";

/**
 * What an embedded node does to everything it sends one peer. `blocked` cuts the link both ways: there is no connection while one
 * end blocks the other.
 */
export const linkConditionsSchema = v.strictObject({
  delayMs: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
  /** Each frame is delayed by up to this much more, uniformly; order is kept. */
  jitterMs: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
  /** Probability that a frame is dropped. */
  loss: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0),
  blocked: v.optional(v.boolean(), false),
});
export type LinkConditions = v.InferOutput<typeof linkConditionsSchema>;
