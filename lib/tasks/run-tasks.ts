import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { CodedError, errorText } from "../core/errors.ts";
import type { Task, TaskEvent } from "../model/task.ts";
import { freshnessOf } from "./freshness.ts";
import { withLock } from "./lock.ts";
import { inOrder, type TaskRequest } from "./order.ts";
import { commit, stage } from "./outputs.ts";
import { checkTools, type PreparedTask, prepareTask, type TaskPlace } from "./prepare.ts";
import { besideOutput } from "./record.ts";
import { openTaskContext } from "./task-context.ts";

/** How long a task that was told to end has before it is left behind. */
const END_MS = 8_000;

/** What tasks are run with. */
export interface TaskRunner extends TaskPlace {
  /** Every task by name, for those that others need. */
  readonly known: ReadonlyMap<string, Task>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Marks the processes of tasks as a run's. */
  readonly runId: string;
  /** Runs what was asked for although it need not be; not what that needs. */
  readonly force: boolean;
  report(event: TaskEvent): void;
}

/** A task's prospects. */
export interface TaskOutlook {
  readonly prepared: PreparedTask;
  readonly runs: boolean;
  readonly why: string;
}

/**
 * Says what {@link runTasks} would do now. A task whose input another task is yet to make would run.
 * @throws CodedError as {@link runTasks} does before it starts anything
 */
export async function taskOutlooks(
  asked: readonly Omit<TaskRequest, "asked">[],
  runner: TaskRunner,
): Promise<readonly TaskOutlook[]> {
  const outlooks: TaskOutlook[] = [];
  for (const prepared of prepareAll(asked, runner)) {
    const awaited = prepared.task.needs.filter((need) =>
      outlooks.some(({ prepared: { task }, runs }) => runs && task.name === need),
    );
    const madeFirst = outlooks.some(
      ({ prepared: { outputs }, runs }) =>
        runs && Object.values(outputs).some((path) => prepared.inputs.files.includes(path)),
    );
    if (madeFirst) {
      outlooks.push({ prepared, runs: true, why: `${awaited.join(" and ") || "another task"} makes its inputs first` });
      continue;
    }
    const { fresh, why } = await freshness(prepared, runner);
    outlooks.push({ prepared, runs: !fresh, why });
  }
  return outlooks;
}

/**
 * Runs tasks and those that they need, in order. What is there already, made of the same inputs, is not made again.
 * Options, tools and names are checked before the first one starts. Rejects with the first failure.
 * @throws CodedError NR-TASK-*, NR-HOST-*; the signal's reason when it aborts
 */
export async function runTasks(asked: readonly Omit<TaskRequest, "asked">[], runner: TaskRunner): Promise<void> {
  for (const prepared of prepareAll(asked, runner)) await runOne(prepared, runner);
}

function prepareAll(asked: readonly Omit<TaskRequest, "asked">[], runner: TaskRunner): readonly PreparedTask[] {
  const prepared = inOrder(asked, runner.known).map((request) => prepareTask(request, runner));
  for (const each of prepared) checkTools(each, runner);
  return prepared;
}

/** The file that knows how outputs came to be; null for a task without any. */
function recordOf({ outputs }: PreparedTask): string | null {
  const first = Object.values(outputs)[0];
  return first === undefined ? null : besideOutput(first, "task.json");
}

function freshness(prepared: PreparedTask, runner: TaskRunner) {
  const force = runner.force && prepared.asked;
  return freshnessOf(prepared, { record: recordOf(prepared), force, signal: runner.signal });
}

async function runOne(prepared: PreparedTask, runner: TaskRunner): Promise<void> {
  const { task, outputs, given } = prepared;
  const { clock, signal } = runner;
  const startedAt = clock.now();
  const options = Object.entries(given.options).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  runner.report({ type: "started", task: task.name, options: Object.fromEntries(options) as Record<string, string> });
  const ended = (outcome: "done" | "skipped" | "failed" | "cancelled", why: string) =>
    runner.report({ type: "ended", task: task.name, outcome, why, ms: Math.round(clock.now() - startedAt), outputs });
  try {
    signal.throwIfAborted();
    const done = await within(task, runner, (inner) => make(prepared, { ...runner, signal: inner }));
    ended(done.made ? "done" : "skipped", done.why);
  } catch (thrown) {
    const error = signal.aborted ? signal.reason : failure(thrown, task.name);
    ended(signal.aborted ? "cancelled" : "failed", errorText(error));
    throw error;
  }
}

/** Aborts at the task's deadline and, unlike a wait that is given up, resolves when everything was put away. */
async function within<T>(
  { name, timeoutMs }: Task,
  { clock, signal }: TaskRunner,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const over = new AbortController();
  const deadline = clock.sleep(timeoutMs, over.signal).then(
    () => late.abort(new CodedError("NR-CORE-DEADLINE", `task ${name} took longer than ${formatDuration(timeoutMs)}`)),
    () => undefined,
  );
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    over.abort("the task has ended");
    await deadline;
  }
}

/** Runs the task, if it has to be. */
async function make(prepared: PreparedTask, runner: TaskRunner): Promise<{ made: boolean; why: string }> {
  const { task, outputs } = prepared;
  const record = recordOf(prepared);
  const progress = (text: string) =>
    runner.report({ type: "progress", task: task.name, text, done: null, total: null });
  if (record === null) {
    const scratch = await mkdtemp(join(tmpdir(), `nomos-run-${task.name}-`));
    try {
      await execute(prepared, runner, {}, scratch);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return { made: true, why: "it makes nothing that could be there already" };
  }
  progress("looking at what is there");
  const before = await freshness(prepared, runner);
  if (before.fresh) return { made: false, why: before.why };
  // Its folder is needed for the lock.
  const staging = await stage(outputs);
  try {
    return await withLock(
      {
        path: besideOutput(Object.values(outputs)[0] as string, "task.lock"),
        clock: runner.clock,
        timeoutMs: task.timeoutMs,
        signal: runner.signal,
        onWait: (owner) => progress(`waiting for pid ${owner}, which makes the same`),
      },
      async () => {
        const { fresh, why, inputs, makings } = await freshness(prepared, runner);
        if (fresh) return { made: false, why };
        await execute(prepared, runner, staging.out, staging.scratch);
        progress("moving what was made to its place");
        await commit({ task: task.name, outputs, staging, record, inputs, before: makings, signal: runner.signal });
        return { made: true, why };
      },
    );
  } finally {
    await staging.remove();
  }
}

/** Runs what the author wrote, and sees to it that nothing of it goes on afterwards. */
async function execute(
  { task, given, asked }: PreparedTask,
  runner: TaskRunner,
  out: Readonly<Record<string, string>>,
  scratch: string,
): Promise<void> {
  const { context, close, explain } = openTaskContext({
    task: task.name,
    given,
    out,
    scratch,
    forced: runner.force && asked,
    runner,
  });
  const { signal, clock } = runner;
  try {
    const work = task.run(context);
    await Promise.race([work, abandoned(signal, clock)]);
    signal.throwIfAborted();
  } catch (thrown) {
    throw signal.aborted ? signal.reason : explain(thrown);
  } finally {
    await close();
  }
}

/** Rejects some time after the abort: code of a task's author may not look at its signal. */
async function abandoned(signal: AbortSignal, clock: Clock): Promise<never> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  await clock.sleep(END_MS);
  throw signal.reason;
}

function failure(thrown: unknown, task: string): CodedError {
  if (thrown instanceof CodedError) return thrown;
  return new CodedError("NR-TASK-FAILED", `task ${task} failed: ${errorText(thrown)}`, {
    hint: "--debug shows where.",
    cause: thrown,
  });
}
