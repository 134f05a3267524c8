import { ENVIRONMENT, type Environment } from "../plan/environment.ts";
import type { TaskPlace } from "../tasks/prepare.ts";

/** Values of the variables that tasks' options name. */
export function taskVariables({ values, from }: Environment): TaskPlace["variables"] {
  const set = ENVIRONMENT.flatMap(({ name, key }) => {
    const value = values[key];
    return typeof value === "string" ? [[name, { value, from: from[key] ?? name }] as const] : [];
  });
  return Object.fromEntries(set);
}
