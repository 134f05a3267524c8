import * as v from "valibot";

/*
 * Options of the chaos workload, as plain JSON in the plan. A number whose key ends in `Ms` is a duration in
 * milliseconds: scenarios write it as a `Duration`, and a profile scales it.
 */

/** A line on which a single packet of full length takes a second and a half. */
export const LEAST_RATE_KBIT = 8;
/** As fast as any line is where nothing limits it. */
export const MOST_RATE_KBIT = 10_000_000;

const wholeFromOne = v.pipe(v.number(), v.integer(), v.minValue(1));
const time = v.pipe(v.number(), v.gtValue(0), v.finite());
const timeOrNone = v.pipe(v.number(), v.minValue(0), v.finite());
const name = v.pipe(v.string(), v.nonEmpty());

/** Ways to choose targets without naming them. */
export const PICKS = ["one", "minority", "majority", "all", "leaders"] as const;

/** Whom a fault hits: nodes by name, or a choice that the seed makes (`leaders`: the run). */
const targets = v.union([
  v.pipe(v.array(name), v.minLength(1)),
  v.strictObject({
    pick: v.picklist(PICKS),
    /** Chooses among nodes of this role only. */
    role: v.optional(v.nullable(v.picklist(["validator", "executor"])), null),
  }),
]);
export type Targets = v.InferOutput<typeof targets>;

/** When a fault begins, from the start of the drive: once, again and again, or at random moments. */
const schedule = {
  /** The first time. */
  atMs: v.optional(v.nullable(time), null),
  /** Time between the beginnings of two; without `atMs` it also is the time of the first. */
  everyMs: v.optional(v.nullable(time), null),
  /** Shortest and longest time to the next, uniform between them. */
  minDelayMs: v.optional(v.nullable(time), null),
  maxDelayMs: v.optional(v.nullable(time), null),
};
/** How long a fault holds. */
const forMs = v.optional(time, 10_000);
/** Links to which a condition applies, as pairs of names; null means all links of the targets. */
const links = v.optional(v.nullable(v.pipe(v.array(v.tuple([name, name])), v.minLength(1))), null);
/** Only what the first of a pair, or a target, sends. */
const oneWay = v.optional(v.boolean(), false);
const one = { pick: "one", role: null } as const;
const all = { pick: "all", role: null } as const;

const fault = v.variant("kind", [
  v.strictObject({ kind: v.literal("restart"), ...schedule, targets: v.optional(targets, one) }),
  v.strictObject({
    kind: v.literal("rolling-restart"),
    ...schedule,
    targets: v.optional(targets, all),
    /** From the recovery of one node to the restart of the next. */
    pauseMs: v.optional(time, 5_000),
  }),
  v.strictObject({ kind: v.literal("stop"), ...schedule, targets: v.optional(targets, one), forMs }),
  v.strictObject({ kind: v.literal("kill"), ...schedule, targets: v.optional(targets, one), forMs }),
  v.strictObject({ kind: v.literal("pause"), ...schedule, targets: v.optional(targets, one), forMs }),
  v.strictObject({ kind: v.literal("wipe"), ...schedule, targets: v.optional(targets, one), forMs }),
  v.strictObject({ kind: v.literal("join"), ...schedule, targets: v.pipe(v.array(name), v.minLength(1)) }),
  v.strictObject({
    kind: v.literal("partition"),
    ...schedule,
    forMs,
    /** The nodes cut off from all others; unused where `groups` are given. */
    targets: v.optional(targets, { pick: "minority", role: null }),
    /** Sides by name; nodes that none names are a side of their own. */
    groups: v.optional(v.nullable(v.pipe(v.array(v.array(name)), v.minLength(1))), null),
    /** What the first side sends is lost, what the others send it arrives. */
    oneWay,
  }),
  v.strictObject({
    kind: v.literal("delay"),
    ...schedule,
    forMs,
    targets: v.optional(targets, all),
    links,
    oneWay,
    delayMs: timeOrNone,
    /** Up to this much longer, uniformly. */
    jitterMs: v.optional(timeOrNone, 0),
  }),
  v.strictObject({
    kind: v.literal("loss"),
    ...schedule,
    forMs,
    targets: v.optional(targets, all),
    links,
    oneWay,
    /** Probability that a message is lost. */
    loss: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  }),
  v.strictObject({
    kind: v.literal("bandwidth"),
    ...schedule,
    forMs,
    targets: v.optional(targets, all),
    links,
    oneWay,
    /** Most that gets across a link in a second, one way, in 1,000 bits. */
    rateKbit: v.pipe(v.number(), v.minValue(LEAST_RATE_KBIT), v.maxValue(MOST_RATE_KBIT)),
  }),
  v.strictObject({
    kind: v.literal("clock-offset"),
    ...schedule,
    forMs,
    targets: v.optional(targets, one),
    /** Ahead of the time, or behind where negative. */
    offsetMs: v.pipe(v.number(), v.finite()),
  }),
]);
export type PlannedFaultOptions = v.InferOutput<typeof fault>;
export type FaultKind = PlannedFaultOptions["kind"];

const randomRestarts = v.strictObject({
  /** Shortest time between two restarts. */
  minDelayMs: v.optional(time, 10_000),
  /** Longest time between two restarts. */
  maxDelayMs: v.optional(time, 30_000),
  /** How long a node that was restarted is left alone; counted for each node by itself. */
  targetCooldownMs: v.optional(time, 60_000),
  includeValidators: v.optional(v.boolean(), true),
  includeExecutors: v.optional(v.boolean(), true),
});
export type RandomRestarts = v.InferOutput<typeof randomRestarts>;

/** Faults: restarts at random moments, and any fault at times of its own. */
export const ChaosOptionsSchema = v.strictObject({
  restart: v.optional(v.nullable(randomRestarts), null),
  faults: v.optional(v.array(fault), []),
  /** Most nodes that faults keep down at the same time. */
  maxUnavailable: v.optional(wholeFromOne, 1),
});
export type ChaosOptions = v.InferOutput<typeof ChaosOptionsSchema>;

/** Kinds that take their targets away from the network while they hold, so that a quorum must stay. */
export const DOWN_KINDS: readonly FaultKind[] = ["restart", "rolling-restart", "stop", "kill", "pause", "wipe"];
