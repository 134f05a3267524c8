import type { ErrorCode } from "../core/error-codes.ts";
import { CodedError } from "../core/errors.ts";

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

/** Everything that is wrong with a plan, at once. The message lists all of it. */
export class RefusedPlan extends CodedError {
  readonly problems: readonly Problem[];

  /** @param what what was refused: `the plan "chaos"`, `the environment` */
  constructor(what: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super("NR-PLAN-REFUSED", [`${what} was refused: ${count}`, ...problems.map(problemText)].join("\n"));
    this.name = "RefusedPlan";
    this.problems = problems;
  }
}

/** Two or three lines: place and code, what is wrong, what would do. */
export function problemText(problem: Problem): string {
  const place = problem.at === undefined ? problem.code : `${problem.at}  ${problem.code}`;
  return [`  ${place}`, `    ${problem.message}`, `    ${problem.hint}`].join("\n");
}
