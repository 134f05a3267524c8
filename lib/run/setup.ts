import { must } from "../core/errors.ts";
import { systemClock } from "../host/system-clock.ts";
import type { EventSink } from "../model/events.ts";
import type { Plan } from "../model/plan.ts";
import type { Task, TaskEvent } from "../model/task.ts";
import type { TaskPlace } from "../tasks/prepare.ts";
import { runTasks } from "../tasks/run-tasks.ts";

/** Time between two events of what a task is doing. */
const PROGRESS_EVERY_MS = 2_000;

/**
 * Runs the tasks that a plan needs.
 * @param options.events where their course is recorded; null where a record must be the same each time
 * @throws CodedError NR-TASK-*, NR-HOST-*; the signal's reason when it aborts
 */
export async function runSetup(options: {
  readonly runId: string;
  readonly setup: NonNullable<Plan["setup"]>;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly place: TaskPlace;
  readonly events: EventSink | null;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { runId, setup, tasks, place, events, signal } = options;
  const asked = setup.map(({ task, options }) => ({ task: must(tasks.get(task), `task ${task}`), options }));
  const report = events ? recorderOf(events) : () => undefined;
  await runTasks(asked, { ...place, known: tasks, clock: systemClock, signal, runId, force: false, report });
}

/** Turns what tasks say of themselves into events. */
function recorderOf(events: EventSink): (event: TaskEvent) => void {
  let nextAt = 0;
  return (event) => {
    const { task } = event;
    switch (event.type) {
      case "started":
        nextAt = systemClock.now() + PROGRESS_EVERY_MS;
        return events.emit("task.started", { task, options: { ...event.options } });
      case "note":
        return events.emit("task.note", { task, text: event.text });
      case "ended":
        return events.emit("task.ended", { task, outcome: event.outcome, why: event.why, ms: event.ms });
      default:
        if (systemClock.now() < nextAt) return;
        nextAt = systemClock.now() + PROGRESS_EVERY_MS;
        return events.emit("task.progress", { task, text: event.text });
    }
  };
}
