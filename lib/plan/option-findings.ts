import * as v from "valibot";
import type { Finding } from "./problem.ts";
import { shown } from "./shown.ts";

/** What a schema has against these options, one finding for each; `path` is where the options are in the plan. */
export function optionFindings(schema: v.GenericSchema, options: unknown, path: string): Finding[] {
  const result = v.safeParse(schema, options);
  if (result.success) return [];
  return result.issues.map((issue) => {
    const field = v.getDotPath(issue) ?? "";
    return {
      code: "NR-PLAN-VALUE",
      path: field === "" ? path : `${path}.${field}`,
      message: `${field === "" ? "options" : field} is ${shown(issue.input)}`,
      hint: `${field === "" ? "They" : field} must be ${wanted(issue)}.`,
    };
  });
}

/** What a schema asks for, in words that follow "must be". */
export function wanted(issue: v.BaseIssue<unknown>): string {
  const requirement = String(issue.requirement);
  switch (issue.type) {
    case "min_value":
      return `at least ${requirement}`;
    case "max_value":
      return `at most ${requirement}`;
    case "gt_value":
      return `above ${requirement}`;
    case "lt_value":
      return `below ${requirement}`;
    case "integer":
      return "a whole number";
    case "finite":
      return "a finite number";
    case "strict_object":
      if (issue.input === undefined && issue.path) return "given";
      return issue.expected === "never" ? "left out: there is no such option" : "an object";
    case "picklist":
    case "literal":
      return String(issue.expected)
        .replace(/^\((.*)\)$/, "$1")
        .replaceAll(" | ", " or ");
    default:
      return issue.expected === null ? "something else" : `of type ${issue.expected}`;
  }
}
