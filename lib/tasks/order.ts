import { CodedError } from "../core/errors.ts";
import type { Task } from "../model/task.ts";
import { theNearest } from "../plan/nearest.ts";

/** A task to be run, and what it is told. */
export interface TaskRequest {
  readonly task: Task;
  readonly options: Readonly<Record<string, string>>;
  /** Whether it was asked for itself, and not only needed by another. */
  readonly asked: boolean;
}

/**
 * The tasks asked for and those that they need, each after what it needs. A task that is needed and asked for is run as
 * it was asked for.
 * @throws CodedError NR-TASK-UNKNOWN, NR-TASK-CYCLE
 */
export function inOrder(
  asked: readonly Omit<TaskRequest, "asked">[],
  known: ReadonlyMap<string, Task>,
): readonly TaskRequest[] {
  const ordered: TaskRequest[] = [];
  const placed = new Set<unknown>();
  const place = (request: TaskRequest, path: readonly string[]) => {
    const { name, needs } = request.task;
    if (path.includes(name)) {
      throw new CodedError("NR-TASK-CYCLE", `task ${[...path, name].join(" needs ")}`, {
        hint: "Take one of these needs away.",
      });
    }
    if (placed.has(request)) return;
    for (const need of needs) {
      const wanted = requests.filter(({ task }) => task.name === need);
      const task = findTask(need, known, `task ${name} needs ${need}`);
      const found = wanted.length > 0 ? wanted : [{ task, options: {}, asked: false }];
      for (const each of found) if (each.asked || !has(ordered, need)) place(each, [...path, name]);
    }
    placed.add(request);
    ordered.push(request);
  };
  const requests = asked.map((request) => ({ ...request, asked: true }));
  for (const request of requests) place(request, []);
  return ordered;
}

function has(requests: readonly TaskRequest[], name: string): boolean {
  return requests.some(({ task }) => task.name === name);
}

/** @throws CodedError NR-TASK-UNKNOWN with the nearest name */
export function findTask(name: string, known: ReadonlyMap<string, Task>, why?: string): Task {
  const task = known.get(name);
  if (task) return task;
  throw new CodedError("NR-TASK-UNKNOWN", `${why === undefined ? "" : `${why}, and `}there is no task ${name}`, {
    hint: `${theNearest(name, [...known.keys()])}nomos-run task --list shows all.`,
  });
}
