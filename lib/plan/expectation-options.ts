import * as v from "valibot";

/*
 * Options of expectations that scenarios ask for by calls of their own, as plain JSON in the plan. A number whose key
 * ends in `Ms` is a duration in milliseconds.
 */

const limit = v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0), v.finite())), null);
/** No node uses more of the machine than it may; null is no limit. */
export const ResourcesOptionsSchema = v.strictObject({
  /** Processor time over the judged window, in percent of one core. */
  maxCpuPercent: limit,
  /** Memory at any look: all that is resident, and what no other process shares. */
  maxResidentMiB: limit,
  maxPrivateMiB: limit,
});
export type ResourcesOptions = v.InferOutput<typeof ResourcesOptionsSchema>;

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

const subject = v.pipe(v.string(), v.minLength(1));
const op = v.picklist(["<", "<=", ">", ">=", "=="]);
/** Figures of other expectations and metrics of nodes within limits. */
export const ThresholdsOptionsSchema = v.strictObject({
  limits: v.array(
    v.union([
      v.strictObject({ subject, op, limit: v.pipe(v.number(), v.finite()) }),
      v.strictObject({ subject, op, limitMs: v.pipe(v.number(), v.minValue(0), v.finite()) }),
    ]),
  ),
});

const logRule = v.strictObject({
  /** Source and flags of a regular expression. */
  pattern: v.string(),
  flags: v.string(),
  /** Whether a line of the log must match, or none may. */
  must: v.boolean(),
  /** Whose log; null means all nodes. */
  nodes: v.nullable(v.array(v.string())),
});
export type LogRule = v.InferOutput<typeof logRule>;
/** What nodes' logs must say, and must not. */
export const LogsOptionsSchema = v.strictObject({ rules: v.array(logRule) });

/** States that a run must have been in. */
export const SometimesOptionsSchema = v.strictObject({
  states: v.array(
    v.strictObject({
      name: v.string(),
      state: v.picklist(["fork", "node-behind", "mempool"]),
      /** Blocks of one height, blocks behind the highest, transactions waiting. */
      least: v.pipe(v.number(), v.integer(), v.minValue(1)),
    }),
  ),
});
export type SometimesOptions = v.InferOutput<typeof SometimesOptionsSchema>;

/** Options of the expectations that judge whatever a plan does, by kind. */
export const ASKED_EXPECTATION_OPTIONS = {
  conservation: v.strictObject({}),
  convergence: ConvergenceOptionsSchema,
  "fair-share": FairShareOptionsSchema,
  logs: LogsOptionsSchema,
  resources: ResourcesOptionsSchema,
  sometimes: SometimesOptionsSchema,
  thresholds: ThresholdsOptionsSchema,
} as const;
