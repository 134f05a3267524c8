import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { CodedError } from "../core/errors.ts";
import { systemClock } from "../host/system-clock.ts";
import { loadTasks, TASKS_FILE, tasksFileBeside } from "../host/task-file.ts";
import type { Task } from "../model/task.ts";
import { BUILT_IN_TASKS } from "../tasks/built-in.ts";
import { cacheFolder } from "./load-plans.ts";
import { SCENARIO_API } from "./scenario-api.ts";
import type { World } from "./world.ts";

/** A task and where it is defined. */
export interface KnownTask {
  readonly task: Task;
  /** Absolute path of the file; null for those of the program. */
  readonly file: string | null;
}

/**
 * Every task that can be named here: those of the program, of the file that is given and of `nomos.tasks.ts` beside it;
 * without a file, of `nomos.tasks.ts` in the working directory.
 * @throws CodedError NR-HOST-SCENARIO-*, NR-PLAN-DUPLICATE
 */
export async function knownTasks(written: string | undefined, world: World): Promise<ReadonlyMap<string, KnownTask>> {
  const known = new Map<string, KnownTask>([...BUILT_IN_TASKS].map(([name, task]) => [name, { task, file: null }]));
  for (const path of taskFiles(written, world)) {
    const tasks = await loadTasks({ path, api: SCENARIO_API, cacheFolder: cacheFolder(world.env), clock: systemClock });
    for (const [name, task] of tasks) {
      const other = known.get(name);
      if (other) {
        const where = other.file === null ? "the program has one of that name" : `${other.file} defines it too`;
        throw new CodedError("NR-PLAN-DUPLICATE", `task ${name} of ${path}: ${where}`, {
          hint: "Give it another name.",
        });
      }
      known.set(name, { task, file: path });
    }
  }
  return known;
}

function taskFiles(written: string | undefined, { folder }: World): readonly string[] {
  if (written === undefined) {
    const here = join(folder, TASKS_FILE);
    return existsSync(here) ? [here] : [];
  }
  const path = resolve(folder, written);
  if (!existsSync(path)) {
    throw new CodedError("NR-HOST-SCENARIO-FILE", `there is no file ${written}`, {
      hint: "--file names a scenario file, or a file that exports tasks.",
    });
  }
  const beside = tasksFileBeside(path);
  return beside === null ? [path] : [path, beside];
}
