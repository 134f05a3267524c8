import type { ErrorCode } from "../core/error-codes.ts";
import { CodedError, must } from "../core/errors.ts";
import type { WrittenPlan } from "./written.ts";

/** Something wrong with what the user wrote, or worth a warning. */
export interface Problem {
  readonly code: ErrorCode;
  /** What is wrong, with the figures. */
  readonly message: string;
  /** Where the user caused it: `file:line` of a scenario, a flag, a variable. Absent when it can't be told. */
  readonly at?: string;
  /** What would do. */
  readonly hint: string;
}

/** A problem that knows which part of the plan it is about, but not yet who wrote that part. */
export interface Finding {
  readonly code: ErrorCode;
  /** Dotted path in the plan; workloads, expectations and nodes by name. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** What there is of a plan that `build()` refused. */
export interface RefusedDraft {
  /** The plan without the values that were refused. */
  readonly written: WrittenPlan;
  /** Paths of what was refused: nothing can be concluded from the parts that are there. */
  readonly wrong: readonly string[];
}

/** Everything that is wrong with a plan, at once. The message lists all of it. */
export class RefusedPlan extends CodedError {
  readonly what: string;
  readonly problems: readonly Problem[];
  readonly draft: RefusedDraft | undefined;

  /**
   * @param what what was refused: `the plan "chaos"`, `the environment`
   * @param draft for looking for problems that only flags, backend and node kind bring to light
   */
  constructor(what: string, problems: readonly Problem[], draft?: RefusedDraft) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super("NR-PLAN-REFUSED", [`${what} was refused: ${count}`, ...problems.map(problemText)].join("\n"));
    this.name = "RefusedPlan";
    this.what = what;
    this.problems = problems;
    this.draft = draft;
  }
}

/** The refusals of one call in one, each problem once. @param refused one at least */
export function allRefused(refused: readonly RefusedPlan[]): RefusedPlan {
  const whats = [...new Set(refused.map(({ what }) => what))];
  const problems = new Map(refused.flatMap((one) => one.problems.map((problem) => [problemText(problem), problem])));
  const what = whats.length === 1 ? must(whats[0], "what was refused") : `each of ${whats.length} plans`;
  return new RefusedPlan(what, [...problems.values()]);
}

/** Two or three lines: place and code, what is wrong, what would do. */
export function problemText(problem: Problem): string {
  const place = problem.at === undefined ? problem.code : `${problem.at}  ${problem.code}`;
  return [`  ${place}`, `    ${problem.message}`, `    ${problem.hint}`].join("\n");
}
