import * as v from "valibot";
import { digestOf } from "../core/canonical-json.ts";
import { CodedError } from "../core/errors.ts";
import { type Plan, PlanSchema } from "../model/plan.ts";

/** The schema of {@link LockEnvironment}. */
export const lockEnvironment = v.object({
  /** Build id stamped into the executable. */
  build: v.string(),
  /** Digest of the scenario file, which custom pieces are rebuilt from; null for plans that came from elsewhere. */
  scenarioDigest: v.nullable(v.string()),
  /** Where that file was: `/absolute/path.scenario.ts#name`, or without the name for the default export. */
  scenario: v.optional(v.string()),
  /** Digests of images, by the name they were asked for. */
  images: v.optional(v.record(v.string(), v.string())),
});
/** What a plan was run with that is no part of it. */
export type LockEnvironment = v.InferOutput<typeof lockEnvironment>;

const lockSchema = v.object({ plan: v.unknown(), digest: v.string(), environment: lockEnvironment });

/** `plan.lock.json`: the plan, the digest of its canonical JSON and, outside the digest, what it was run with. */
export interface PlanLock {
  readonly plan: Plan;
  readonly digest: string;
  readonly environment: LockEnvironment;
}

/** The lock of a resolved plan. */
export function lockPlan(plan: Plan, environment: LockEnvironment): PlanLock {
  return { plan, digest: digestOf(plan), environment };
}

/**
 * Reads a lock back.
 * @param value the parsed JSON
 * @param at the file, for messages
 * @throws CodedError NR-PLAN-LOCK-FOREIGN when it is no lock that this version reads, NR-PLAN-LOCK-ALTERED when the plan
 *   doesn't match its digest
 */
export function readLock(value: unknown, at: string): PlanLock {
  const lock = v.safeParse(lockSchema, value);
  if (!lock.success) throw foreign(at, lock.issues);
  const { digest, environment } = lock.output;
  const actual = digestOf(lock.output.plan);
  if (actual !== digest) {
    throw new CodedError("NR-PLAN-LOCK-ALTERED", `the plan has the digest ${actual}, and its lock says ${digest}`, {
      at,
      hint: "Use the file as the run wrote it, or change the plan with --set.",
    });
  }
  const plan = v.safeParse(PlanSchema, lock.output.plan);
  if (!plan.success) throw foreign(at, plan.issues);
  if (digestOf(plan.output) !== digest) {
    throw new CodedError("NR-PLAN-LOCK-FOREIGN", "the plan has fields that this version doesn't know", {
      at,
      hint: "Use the version that wrote it.",
    });
  }
  return { plan: plan.output, digest, environment };
}

function foreign(at: string, issues: readonly v.BaseIssue<unknown>[]): CodedError {
  const [issue] = issues;
  const field = issue ? v.getDotPath(issue) : null;
  const message = `this is no plan lock: ${field ?? "it"} is ${issue?.received ?? "malformed"}, and ${issue?.expected ?? "something else"} was expected`;
  return new CodedError("NR-PLAN-LOCK-FOREIGN", message, { at, hint: "Name a plan.lock.json of a run folder." });
}
