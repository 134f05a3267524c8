import { digestOf } from "../core/canonical-json.ts";
import { CodedError } from "../core/errors.ts";
import { contentDigest, inputDigest } from "./digest.ts";
import { isFolderInItsOwnRight } from "./outputs.ts";
import type { PreparedTask } from "./prepare.ts";
import { type Making, readRecord } from "./record.ts";

/** Whether a task has to run. */
export interface Freshness {
  readonly fresh: boolean;
  /** Why it has to, or that it need not. */
  readonly why: string;
  /** Of all that decides about the result. */
  readonly inputs: string;
  /** Makings that present outputs are of. */
  readonly makings: readonly Making[];
}

/**
 * Compares inputs and outputs with what they were when the task last ran.
 * @throws CodedError NR-TASK-INPUT; NR-TASK-ALTERED and NR-TASK-FOREIGN where running would lose what somebody else made
 */
export async function freshnessOf(
  { task, given, inputs, outputs }: PreparedTask,
  options: { readonly record: string | null; readonly force: boolean; readonly signal: AbortSignal },
): Promise<Freshness> {
  const { record, force, signal } = options;
  const files: Record<string, string> = {};
  for (const path of inputs.files) files[path] = await inputDigest(path, signal);
  // Where an input lies is no part of the result; which of them it is, is.
  const digest = digestOf({
    task: task.name,
    recipe: task.recipe,
    options: Object.fromEntries(Object.entries(given.options).filter(([, value]) => value !== undefined)),
    values: inputs.values,
    files: inputs.files.map((path) => files[path] as string),
  });
  const stale = (why: string, makings: readonly Making[] = []) => ({ fresh: false, why, inputs: digest, makings });
  if (record === null) return stale("it makes nothing that could be there already");

  const known = await readRecord(record, task.name);
  const present: Record<string, string> = {};
  for (const [name, path] of Object.entries(outputs)) {
    const found = await contentDigest(path, signal);
    if (found === null && (await isFolderInItsOwnRight(path))) throw foreign(task.name, path);
    if (found === null) continue;
    present[name] = found;
    const isOurs = known.some((making) => making.outputs[name] === found);
    if (!isOurs && (await isFolderInItsOwnRight(path))) throw foreign(task.name, path);
    if (!isOurs && !force) throw known.length === 0 ? foreign(task.name, path) : altered(task.name, path);
  }
  const makings = known.filter((making) => Object.keys(present).some((name) => making.outputs[name] === present[name]));
  if (force) return stale("it is forced", makings);
  const missing = Object.keys(outputs).filter((name) => present[name] === undefined);
  if (missing.length > 0) return stale(`${missing.map((name) => outputs[name]).join(" and ")} is not there`, makings);
  const whole = makings.filter((making) =>
    Object.keys(outputs).every((name) => making.outputs[name] === present[name]),
  );
  if (whole.length === 0) return stale("it was interrupted while it moved its outputs to their places", makings);
  if (!whole.some((making) => making.inputs === digest)) return stale("its inputs have changed", makings);
  return { fresh: true, why: "what it makes is there, of the same inputs", inputs: digest, makings };
}

function foreign(task: string, path: string): CodedError {
  return new CodedError("NR-TASK-FOREIGN", `${path} is there, and task ${task} did not make it`, {
    hint: "Move it away, or let the task write elsewhere; it is left as it is.",
  });
}

function altered(task: string, path: string): CodedError {
  return new CodedError("NR-TASK-ALTERED", `${path} is not as task ${task} left it: somebody changed it`, {
    hint: `Copy what you want to keep, then replace it with: nomos-run task ${task} --force`,
  });
}
