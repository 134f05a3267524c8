import * as v from "valibot";
import { LimitOptionsSchema } from "./limit-options.ts";

const wholeFromOne = v.pipe(v.number(), v.integer(), v.minValue(1));
const positive = v.pipe(v.number(), v.gtValue(0), v.finite());
const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));
const notNegative = v.pipe(v.number(), v.minValue(0), v.finite());

/** What a rate counts by: blocks that come as fast as a healthy chain makes them, or seconds of the run's clock. */
const RATE_UNITS = ["block", "second"] as const;
export type RateUnit = (typeof RATE_UNITS)[number];
/** The unit alone, as a call may give it. */
export const RATE_UNIT = v.strictObject({ per: v.picklist(RATE_UNITS) });

/** A part of the drive with a rate of its own. */
const StageSchema = v.strictObject({
  /** How long it lasts. */
  forMs: v.pipe(v.number(), v.gtValue(0), v.finite()),
  /** Transactions per `per` at its beginning. */
  rate: notNegative,
  /** The rate that it climbs or falls to, evenly, until its end; null when it stays. */
  to: v.optional(v.nullable(notNegative), null),
  per: v.optional(v.picklist(RATE_UNITS), "block"),
});

/** Ways in which a transaction can be one that no honest node may put into a block. */
export const INVALID_KINDS = ["wrong-signature", "overspend", "double-spend", "unknown-note"] as const;
export type InvalidKind = (typeof INVALID_KINDS)[number];

/** Transfers between wallets, at a rate that follows the clock. */
export const TransactionsOptionsSchema = v.strictObject({
  /** Transactions per `per`, over the whole network. 1 by default; fractions are fine. Stages, where there are any, count instead. */
  rate: v.optional(positive, 1),
  per: v.optional(v.picklist(RATE_UNITS), "block"),
  /** Parts of the drive with rates of their own, one after another; after the last one nothing more is sent. */
  stages: v.optional(v.array(StageSchema), []),
  /** A search for the highest rate, which counts instead of `rate` and stages; null when there is none. */
  limit: v.optional(v.nullable(LimitOptionsSchema), null),
  /** How many wallets take part, from the first on; null, the default, means all. */
  users: v.optional(v.nullable(wholeFromOne), null),
  /** Share of the transfers that go to another of the wallets, in percent; the others go back to their own. */
  othersPercent: v.optional(percent, 0),
  /** Starts that send a transaction which must not pass. */
  invalid: v.optional(
    v.strictObject({
      /** Share of the starts, in percent. */
      percent: v.optional(percent, 0),
      /** What is wrong with them, in turn. */
      kinds: v.optional(v.pipe(v.array(v.picklist(INVALID_KINDS)), v.minLength(1)), [...INVALID_KINDS]),
    }),
    {},
  ),
});
export type TransactionsOptions = v.InferOutput<typeof TransactionsOptionsSchema>;
