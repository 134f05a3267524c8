import type { PlannedTask } from "../../model/plan.ts";
import type { Registry } from "../../model/registry.ts";
import type { Task } from "../../model/task.ts";
import { theNearest } from "../nearest.ts";
import type { Finding } from "../problem.ts";
import type { Customs, WrittenDocument } from "../written.ts";

/** The tasks of a scenario, for its plan. */
export function plannedSetup({ setup }: WrittenDocument, customs: Customs): readonly PlannedTask[] {
  return setup.map(({ task, options }) => ({ task, options: { ...options }, custom: customs.tasks.has(task) }));
}

/** What is wrong with tasks that are to run before deployment: names, and options as far as they are given. */
export function checkSetup(setup: readonly PlannedTask[], customs: Customs, registry: Registry): readonly Finding[] {
  const known = new Map([...registry.tasks, ...customs.tasks]);
  return setup.flatMap(({ task: name, options }, i) => {
    const task = known.get(name);
    if (task) return optionFindings(task, options, `setup.${i}`);
    const hint = `${theNearest(name, [...known.keys()])}This file, or nomos.tasks.ts beside it, can export tasks of its own.`;
    return [{ code: "NR-TASK-UNKNOWN" as const, path: `setup.${i}`, message: `there is no task ${name}`, hint }];
  });
}

function optionFindings(task: Task, options: PlannedTask["options"], path: string): Finding[] {
  const names = Object.keys(task.options);
  return Object.entries(options).flatMap(([name, value]) => {
    const option = names.includes(name) ? task.options[name] : undefined;
    if (!option) {
      const hint = names.length === 0 ? "It has none." : `${theNearest(name, names)}It has ${names.join(", ")}.`;
      return [{ code: "NR-TASK-OPTION" as const, path, message: `task ${task.name} has no option ${name}`, hint }];
    }
    const wrong = option.check?.(value);
    if (wrong === undefined) return [];
    const message = `task ${task.name} can't use ${name} ${JSON.stringify(value)}: it ${wrong}`;
    return [{ code: "NR-TASK-OPTION" as const, path, message, hint: `${name} is: ${option.summary}.` }];
  });
}
