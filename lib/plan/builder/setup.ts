import type { Task } from "../../model/task.ts";
import { shown } from "../shown.ts";
import { isTask } from "../task.ts";
import type { Draft, Site } from "./draft.ts";
import { readJsonObject } from "./read.ts";

/** Options of a task as a scenario writes them; they are handed over as text. */
export type SetupOptions = Readonly<Record<string, string | number | boolean>>;

/** Adds a task that runs before deployment. */
export function addSetup(draft: Draft, task: string | Task, options: SetupOptions, at: Site): void {
  const name = isTask(task) ? task.name : task;
  const path = `setup.${draft.document.setup.length}`;
  const refuse = (message: string, hint: string) => draft.refuse(path, at, "NR-PLAN-VALUE", message, hint);
  if (typeof name !== "string") {
    return refuse(`setup(${shown(task)}) is given no task`, "Name one, or hand over what task(...) returns.");
  }
  const other = draft.customTasks.get(name);
  if (isTask(task) && other !== undefined && other !== task) {
    return refuse(`setup is given two tasks that are called ${name}`, "Give one of them another name.");
  }
  const read = readJsonObject(`setup(${shown(name)}) options`, options);
  draft.take(path, at, read, (given) => {
    const texts: [string, string][] = [];
    for (const [key, value] of Object.entries(given)) {
      if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
        const hint = "Options of tasks are text, numbers, true or false.";
        return refuse(`setup(${shown(name)}): option ${key} is ${shown(value)}`, hint);
      }
      texts.push([key, String(value)]);
    }
    draft.document.setup.push({ task: name, options: Object.fromEntries(texts) });
    if (isTask(task)) draft.customTasks.set(name, task);
  });
}
