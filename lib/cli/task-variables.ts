import { ENVIRONMENT, type Environment } from "../plan/environment.ts";

/** Values of the variables that tasks' options name. */
export function taskVariables({ values }: Environment): Readonly<Record<string, string>> {
  const set = ENVIRONMENT.flatMap(({ name, key }) => {
    const value = values[key];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(set);
}
