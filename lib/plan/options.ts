import * as v from "valibot";
import type { Duration } from "../core/duration.ts";
import { ChaosOptionsSchema } from "./chaos-options.ts";
import { ASKED_EXPECTATION_OPTIONS } from "./expectation-options.ts";
import { TransactionsOptionsSchema } from "./transactions-options.ts";

/*
 * Options of the built-in workloads and expectations, as plain JSON in the plan. Every default is here. A number whose
 * key ends in `Ms` is a duration in milliseconds: scenarios write it as a `Duration`, and a profile scales it.
 */

const wholeFromOne = v.pipe(v.number(), v.integer(), v.minValue(1));
const positive = v.pipe(v.number(), v.gtValue(0), v.finite());
const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));

/** Inscriptions and blobs on channels. */
export const DataAvailabilityOptionsSchema = v.strictObject({
  /** Channels asked for, in all; `headroomPercent` opens more. 1 by default. */
  channels: v.optional(wholeFromOne, 1),
  /** Channels opened beyond those, in percent of them, rounded up. */
  headroomPercent: v.optional(v.pipe(v.number(), v.minValue(0), v.finite()), 20),
  /** Blobs per block over all channels, in turn. 1 by default. */
  blobRate: v.optional(positive, 1),
  /** Bytes of a blob: 248 is eight of the code's 31-byte symbols. */
  blobSize: v.optional(wholeFromOne, 248),
  /** Messages of one channel that may be under way at once, where the node kind's message ids can be predicted. */
  pipeline: v.optional(wholeFromOne, 4),
});
export type DataAvailabilityOptions = v.InferOutput<typeof DataAvailabilityOptionsSchema>;

/** The chain grows as fast as its stake should make it grow. */
export const LivenessOptionsSchema = v.strictObject({
  /** A healthy chain is called failed with at most this probability. */
  falseAlarm: v.optional(v.pipe(v.number(), v.gtValue(0), v.ltValue(1)), 1e-6),
  /** A window that catches a chain at half speed with less than this probability is inconclusive. */
  power: v.optional(v.pipe(v.number(), v.gtValue(0), v.ltValue(1)), 0.95),
});

/** A limit in ms, or none. */
const latencyLimit = v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0), v.finite())), null);

/** What was accepted is in the chain, and little was refused. */
export const TransactionInclusionOptionsSchema = v.strictObject({
  /** Least share of the accepted transactions that the chain must hold at the end of settle. */
  minIncludedPercent: v.optional(percent, 100),
  /** Largest share of the transactions that every node may refuse. */
  maxRefusedPercent: v.optional(percent, 1),
  /** Largest share of what one node accepted that it may drop. */
  maxDroppedPercent: v.optional(percent, 1),
  /** Largest share of the starts that the generator may miss or make more than a slot late before nothing is decided. */
  maxMissedOrLatePercent: v.optional(percent, 1),
  /** Most that percentiles of the time until inclusion may be; null, the default, is no limit. */
  p50Ms: latencyLimit,
  p90Ms: latencyLimit,
  p99Ms: latencyLimit,
  p999Ms: latencyLimit,
  maxMs: latencyLimit,
});
export type TransactionInclusionOptions = v.InferOutput<typeof TransactionInclusionOptionsSchema>;

/** The highest rate that a search found, as the search was told to find it unless set here. */
export const TransactionLimitOptionsSchema = v.strictObject({
  /** Share of the transactions that must be included in time, in percent; null means what the search looked for. */
  percentile: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1), v.maxValue(99.9))), null),
  /** The time; null means what the search looked for. */
  withinMs: latencyLimit,
  /** Fails when the limit is below this rate; null, the default, passes with any limit that was found. */
  atLeast: v.optional(v.nullable(positive), null),
});
export type TransactionLimitOptions = v.InferOutput<typeof TransactionLimitOptionsSchema>;

/** Inscriptions and blobs are in the chain, and blobs can be read back from their holders. */
export const AvailabilityOptionsSchema = v.strictObject({
  /** Least share of the channels' inscriptions in the chain. */
  minInscribedPercent: v.optional(percent, 100),
  /** Least share of the blobs in the chain. */
  minIncludedPercent: v.optional(percent, 95),
  /** Least share of the included blobs that their holders give back unharmed. */
  minReadPercent: v.optional(percent, 100),
  /** Largest share of the shares asked for that holders who were under no fault may lack, or anyone may spoil. */
  maxBadSharesPercent: v.optional(percent, 0),
});
export type AvailabilityOptions = v.InferOutput<typeof AvailabilityOptionsSchema>;

/** Expectations that have nothing to set. */
export const NoOptionsSchema = v.strictObject({});

/** Options of the built-in workloads, by kind. */
export const WORKLOAD_OPTIONS = {
  transactions: TransactionsOptionsSchema,
  "data-availability": DataAvailabilityOptionsSchema,
  chaos: ChaosOptionsSchema,
} as const;
export type WorkloadKind = keyof typeof WORKLOAD_OPTIONS;

/** Options of the built-in expectations, by kind; an expectation's name is its kind. */
export const EXPECTATION_OPTIONS = {
  agreement: NoOptionsSchema,
  "data-availability": AvailabilityOptionsSchema,
  divergence: NoOptionsSchema,
  "fault-recovery": NoOptionsSchema,
  liveness: LivenessOptionsSchema,
  "no-contradiction": NoOptionsSchema,
  "no-unexpected-exit": NoOptionsSchema,
  "transaction-inclusion": TransactionInclusionOptionsSchema,
  "transaction-limit": TransactionLimitOptionsSchema,
  ...ASKED_EXPECTATION_OPTIONS,
} as const;
/** Name of a built-in expectation, as `expect` and `without` take it. */
export type ExpectationName = keyof typeof EXPECTATION_OPTIONS;
type OptionsInput<N extends ExpectationName> = v.InferInput<(typeof EXPECTATION_OPTIONS)[N]>;
/** What can be set of a built-in expectation; of some, nothing. A limit `xMs` may also be written as `x`, a duration. */
export type ExpectationOptions<N extends ExpectationName> = keyof OptionsInput<N> extends never
  ? Record<string, never>
  : OptionsInput<N> & { [K in keyof OptionsInput<N> as K extends `${infer Name}Ms` ? Name : never]?: Duration };

/** Expectations of every plan, unless it switches them off by name. */
export const ALWAYS_ON: readonly ExpectationName[] = ["agreement", "no-contradiction", "no-unexpected-exit"];
/** Expectations that need no workload to judge. */
export const STANDALONE: readonly string[] = [
  ...ALWAYS_ON,
  "divergence",
  "liveness",
  ...Object.keys(ASKED_EXPECTATION_OPTIONS),
];
