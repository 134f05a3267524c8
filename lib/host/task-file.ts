import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { CodedError } from "../core/errors.ts";
import { withDeadline } from "../core/wait.ts";
import type { Task } from "../model/task.ts";
import { isTask } from "../plan/task.ts";
import { scenarioError } from "./scenario-errors.ts";
import { type ScenarioModules, scenarioModules } from "./scenario-modules.ts";

/** The file beside scenarios that defines tasks for them, and for the folder that it is in. */
export const TASKS_FILE = "nomos.tasks.ts";

/** A file only describes its tasks; what it awaits at its top level must come soon. */
const LOAD_TIMEOUT_MS = 60_000;

/** The tasks among a module's exports, by their own names. @throws CodedError NR-PLAN-DUPLICATE */
export function tasksAmong(exports: Readonly<Record<string, unknown>>, file: string): ReadonlyMap<string, Task> {
  const tasks = new Map<string, Task>();
  for (const task of new Set(Object.values(exports).filter(isTask))) {
    if (tasks.has(task.name)) {
      throw new CodedError("NR-PLAN-DUPLICATE", `${file} exports two tasks that are called ${task.name}`, {
        hint: "Give one of them another name.",
      });
    }
    tasks.set(task.name, task);
  }
  return tasks;
}

/** The path of `nomos.tasks.ts` in the same folder, or null. */
export function tasksFileBeside(path: string): string | null {
  const beside = join(dirname(path), TASKS_FILE);
  return beside !== path && existsSync(beside) ? beside : null;
}

/**
 * Loads the tasks that a file exports.
 * @throws CodedError NR-HOST-SCENARIO-* with file and line
 */
export async function loadTasks(options: {
  /** Absolute. */
  readonly path: string;
  readonly api: Readonly<Record<string, unknown>>;
  readonly cacheFolder: string | null;
  readonly clock: Clock;
}): Promise<ReadonlyMap<string, Task>> {
  const { path, api, cacheFolder, clock } = options;
  const modules = scenarioModules({ api, cacheFolder });
  return await importTasks(path, modules, api, clock);
}

/** As {@link loadTasks}, among the modules of a scenario. */
export async function importTasks(
  path: string,
  modules: ScenarioModules,
  api: Readonly<Record<string, unknown>>,
  clock: Clock,
): Promise<ReadonlyMap<string, Task>> {
  const exports = await withDeadline(
    { clock, what: `loading ${path}`, timeoutMs: LOAD_TIMEOUT_MS, code: "NR-HOST-SCENARIO-STUCK" },
    () => modules.import(path),
  ).catch((error: unknown) => {
    throw scenarioError(error, modules, Object.keys(api));
  });
  return tasksAmong(exports, path);
}
