import { type Duration, durationMs } from "../core/duration.ts";
import { CodedError } from "../core/errors.ts";
import type { Task, TaskContext, TaskGiven, TaskInputs, TaskOption } from "../model/task.ts";
import { callSite } from "./call-site.ts";
import { NAME, NAME_RULE } from "./limits.ts";
import { didYouMean } from "./nearest.ts";
import { shown } from "./shown.ts";

/** A value, or a function of what the task is told. */
type Given<T, Option extends string = string> = T | ((given: TaskGiven<Option>) => T);

/** What a task is, as its author writes it. */
export interface TaskDefinition<Option extends string = string, Output extends string = string> {
  /** One line for `task --list`. */
  readonly description: string;
  /** What it can be told, as `name=value`. */
  readonly options?: Readonly<Record<Option, TaskOption>>;
  /** What it needs: programs on the PATH, and tasks that must have run before, by name. */
  readonly needs?: { readonly tools?: Given<readonly string[], Option>; readonly tasks?: readonly string[] };
  /** Files and folders that decide about the result, relative to the working directory; by their content. */
  readonly inputs?: Given<readonly string[], Option>;
  /** Anything else that does: versions, say. The options count by themselves. */
  readonly values?: Given<Readonly<Record<string, string>>, Option>;
  /** What it makes: paths by name, relative to the working directory. A task that makes nothing is run each time. */
  readonly outputs?: Given<Readonly<Record<Output, string>>, Option>;
  /** What it would do, a line each, for `--dry-run`. */
  readonly steps?: Given<readonly string[], Option>;
  /** How long it may take; `"30m"` by default. */
  readonly timeout?: Duration;
  /**
   * Makes each output at its path in `ctx.out`. The task is done anew when the text of this function changes.
   * @example run: async ({ $, out }) => void (await $`openssl rand -out ${out.key} 32`)
   */
  run(context: TaskContext<Option, Output>): Promise<void>;
  /** In place of the text of `run`: changes when the task would make something else of the same inputs. */
  readonly recipe?: string;
}

/** Registered, so that a task made by another copy of this module is known too. */
const TASK = Symbol.for("nomos-run.task");
const KEYS = "description options needs inputs values outputs steps timeout run recipe".split(" ");

/**
 * Defines a task, for `nomos-run task NAME` and for `.setup(...)` of a scenario.
 * @param name 1 to 63 letters, digits, dashes and underscores
 * @throws CodedError NR-PLAN-NAME, NR-PLAN-VALUE, NR-PLAN-OPTION with the line of the call
 */
export function task<const Option extends string = never, const Output extends string = never>(
  name: string,
  definition: TaskDefinition<Option, Output>,
): Task {
  const at = callSite(task);
  const refuse = (code: "NR-PLAN-NAME" | "NR-PLAN-VALUE" | "NR-PLAN-OPTION", message: string, hint: string) =>
    new CodedError(code, message, { hint, ...(at !== undefined && { at }) });
  if (typeof name !== "string" || !NAME.test(name)) {
    throw refuse("NR-PLAN-NAME", `task(${shown(name)}): ${shown(name)} is not a name`, `A name has ${NAME_RULE}.`);
  }
  if (typeof definition?.run !== "function" || typeof definition.description !== "string") {
    const hint = "A task has a description and run(ctx).";
    throw refuse("NR-PLAN-VALUE", `task(${shown(name)}) was given ${shown(definition)} that is no task`, hint);
  }
  const unknown = Object.keys(definition).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    const hint = `${didYouMean(unknown, KEYS)}It knows ${KEYS.join(", ")}.`;
    throw refuse("NR-PLAN-OPTION", `task(${shown(name)}) has no option ${JSON.stringify(unknown)}`, hint);
  }
  // By name it is known to its author's functions alone.
  const written = definition as unknown as TaskDefinition;
  const { needs = {}, inputs = [], values = {}, outputs = {}, steps = [], timeout = "30m" } = written;
  return Object.freeze({
    [TASK]: 1 as const,
    name,
    description: definition.description,
    options: written.options ?? {},
    needs: needs.tasks ?? [],
    recipe: definition.recipe ?? definition.run.toString(),
    timeoutMs: durationMs(timeout),
    tools: (given: TaskGiven) => valueOf(needs.tools ?? [], given),
    inputs: (given: TaskGiven): TaskInputs => ({ files: valueOf(inputs, given), values: valueOf(values, given) }),
    outputs: (given: TaskGiven) => valueOf(outputs, given),
    steps: (given: TaskGiven) => valueOf(steps, given),
    run: (context: TaskContext) => written.run(context),
  });
}

/** Whether `value` is what {@link task} returns. */
export function isTask(value: unknown): value is Task {
  return typeof value === "object" && value !== null && (value as { [TASK]?: unknown })[TASK] === 1;
}

function valueOf<T extends object>(value: Given<T>, given: TaskGiven): T {
  return typeof value === "function" ? (value as (given: TaskGiven) => T)(given) : value;
}
