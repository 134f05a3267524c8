import * as v from "valibot";

const positive = v.pipe(v.number(), v.gtValue(0), v.finite());

/** A search for the highest rate of transactions that the network sustains. */
export const LimitOptionsSchema = v.strictObject({
  /** Share of the transactions that must be included in time, in percent. Nearer to 100 no search is long enough. */
  percentile: v.pipe(v.number(), v.minValue(1), v.maxValue(99.9)),
  /** The time, from a start's intended moment. */
  withinMs: positive,
  /** Lowest and highest rate that are tried. */
  from: positive,
  to: positive,
  /** How near the ends of the answer must be, as a part of the lower one. */
  precision: v.optional(v.pipe(v.number(), v.minValue(0.01), v.maxValue(1)), 0.1),
  /** Probability that the limit lies between them. */
  confidence: v.optional(v.pipe(v.number(), v.minValue(0.5), v.maxValue(0.999)), 0.95),
  /** How long a rate is kept before its starts count; null, the default, means `withinMs / precision`. */
  warmUpMs: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0), v.finite())), null),
});
export type LimitOptions = v.InferOutput<typeof LimitOptionsSchema>;
