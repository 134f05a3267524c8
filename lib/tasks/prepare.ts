import { join, resolve } from "node:path";
import { CodedError, errorText } from "../core/errors.ts";
import { findTool } from "../host/find-tool.ts";
import type { Task, TaskGiven } from "../model/task.ts";
import { theNearest } from "../plan/nearest.ts";
import type { TaskRequest } from "./order.ts";

/** Where tasks run, and what they find there. */
export interface TaskPlace {
  /** What relative paths are relative to; absolute. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values of the environment variables that options name, by the variable's name; `from` is the name that was set. */
  readonly variables: Readonly<Record<string, { readonly value: string; readonly from: string }>>;
}

/** A task with everything that is known before it runs. */
export interface PreparedTask {
  readonly task: Task;
  readonly asked: boolean;
  readonly given: TaskGiven;
  readonly inputs: { readonly files: readonly string[]; readonly values: Readonly<Record<string, string>> };
  /** Absolute paths by name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly tools: readonly string[];
}

/**
 * Reads a task's options: as given, else from the variable, else the default.
 * @throws CodedError NR-TASK-OPTION, and whatever the task has against what it is given
 */
export function prepareTask({ task, options, asked }: TaskRequest, place: TaskPlace): PreparedTask {
  const given: TaskGiven = { folder: place.folder, options: readOptions(task, options, place.variables) };
  const { inputs, outputs, tools } = asItSays(task, given);
  const absolute = (path: string) => resolve(place.folder, fromHome(path, place.env));
  return {
    task,
    asked,
    given,
    inputs: { files: inputs.files.map(absolute), values: inputs.values },
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, path]) => [name, absolute(path)])),
    tools,
  };
}

/** Where an option's value is from: `command line`, a variable's name, `default`; null where it has none. */
interface OptionValue {
  readonly value: string | null;
  readonly from: string | null;
}

/**
 * What a task would work with, for people and scripts: its options with where each is from, what it reads, makes and does.
 * @throws CodedError as {@link prepareTask}
 */
export function taskConfiguration(request: TaskRequest, place: TaskPlace) {
  const { task, given, inputs, outputs, tools } = prepareTask(request, place);
  const options = Object.fromEntries(
    Object.keys(task.options).map((name) => [name, optionValue(task, name, request.options, place.variables)]),
  );
  return { task: task.name, options, inputs: inputs.files, outputs, tools, steps: task.steps(given) };
}

/** What the task's author says, who may have made a mistake. @throws CodedError NR-TASK-FAILED, or what the task itself refuses */
function asItSays(task: Task, given: TaskGiven) {
  try {
    return { inputs: task.inputs(given), outputs: task.outputs(given), tools: task.tools(given) };
  } catch (thrown) {
    if (thrown instanceof CodedError) throw thrown;
    const message = `task ${task.name} can't say what it reads and makes: ${errorText(thrown)}`;
    throw new CodedError("NR-TASK-FAILED", message, {
      hint: "Its definition has a fault; --debug shows where.",
      cause: thrown,
    });
  }
}

/** `~/x` as shells read it. */
function fromHome(path: string, env: TaskPlace["env"]): string {
  const { HOME: home = "" } = env;
  return path.startsWith("~/") && home !== "" ? join(home, path.slice(2)) : path;
}

/** @throws CodedError NR-TASK-TOOL for a program that is not on the PATH */
export function checkTools({ task, tools }: PreparedTask, { env }: TaskPlace): void {
  const missing = tools.filter((tool) => findTool(tool, env) === null);
  if (missing.length === 0) return;
  throw new CodedError("NR-TASK-TOOL", `task ${task.name} needs ${missing.join(" and ")}, not found on the PATH`, {
    hint: "Install it, or put its folder on the PATH; nomos-run doctor says how to get what built-in tasks need.",
  });
}

function readOptions(
  task: Task,
  given: Readonly<Record<string, string>>,
  variables: TaskPlace["variables"],
): Record<string, string | undefined> {
  const { options: known } = task;
  const names = Object.keys(known);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const hint = names.length === 0 ? "It has none." : `${theNearest(unknown, names)}It has ${names.join(", ")}.`;
    throw new CodedError("NR-TASK-OPTION", `task ${task.name} has no option ${unknown}`, { hint });
  }
  const read = Object.entries(known).map(([name, option]) => {
    const { value, from } = optionValue(task, name, given, variables);
    const wrong = value === null ? undefined : option.check?.(value);
    if (wrong !== undefined) {
      throw new CodedError(
        "NR-TASK-OPTION",
        `task ${task.name} can't use ${name} ${JSON.stringify(value)}: it ${wrong}`,
        {
          at: from === "command line" || from === "default" ? `${name}=${value}` : (from ?? name),
          hint: `${name} is: ${option.summary}.`,
        },
      );
    }
    return [name, value ?? undefined] as const;
  });
  return Object.fromEntries(read);
}

function optionValue(
  { options }: Task,
  name: string,
  given: Readonly<Record<string, string>>,
  variables: TaskPlace["variables"],
): OptionValue {
  const { variable, default: usual } = options[name] ?? {};
  const written = given[name];
  if (written !== undefined) return { value: written, from: "command line" };
  const fromVariable = variable === undefined ? undefined : variables[variable];
  if (fromVariable !== undefined) return fromVariable;
  return usual === undefined ? { value: null, from: null } : { value: usual, from: "default" };
}
