import { CodedError } from "../../core/errors.ts";
import { cleanRun } from "../../host/runs.ts";
import { systemClock } from "../../host/system-clock.ts";
import type { Task } from "../../model/task.ts";
import { readEnvironment } from "../../plan/environment.ts";
import { tableText } from "../../report/table.ts";
import {
  type TaskProgress,
  taskProgressAsJson,
  taskProgressInLines,
  taskProgressOnTerminal,
} from "../../report/task-progress.ts";
import { findTask } from "../../tasks/order.ts";
import { taskConfiguration } from "../../tasks/prepare.ts";
import { runTasks, type TaskOutlook, type TaskRunner, taskOutlooks } from "../../tasks/run-tasks.ts";
import type { Arguments } from "../arguments.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT, SIGNAL_EXIT } from "../exit-codes.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { type KnownTask, knownTasks } from "../known-tasks.ts";
import { notes } from "../notes.ts";
import { taskVariables } from "../task-variables.ts";
import type { World } from "../world.ts";

/** Runs a task, with those that it needs. */
export const taskCommand: CommandDetail = {
  options: [
    { flags: "--list", summary: "List every task with its options" },
    { flags: "--dry-run", summary: "Say what would be done, and why, without doing it" },
    { flags: "--force", summary: "Run it although what it makes is there already" },
    {
      flags: "--file <file>",
      summary: "A scenario file, or a file that exports tasks; nomos.tasks.ts is always looked at",
    },
    { flags: "--print-config", summary: "Print what it would work with, and where each value is from, as JSON" },
    { flags: "--verbose", summary: "Show all that the task's commands write" },
    { flags: "--json", summary: "Print one JSON object a line; with --list and --dry-run one document" },
  ],
  takesOthers: true,
  examples: [
    ["task --list", "what there is, with options and where each is defined"],
    ["task setup-circuits", "fetch circuits and KZG parameters, unless they are there"],
    ["task setup-circuits version=v0.3.1 dir=circuits", "with options, written name=value"],
    ["task build-bundle path=../nomos-node --dry-run", "what it would do"],
    ["task build-image --bundle --base=debian:12", "options written as flags; one that stands alone means yes"],
    ["task fixtures --file chaos.scenario.ts", "a task that the scenario file, or nomos.tasks.ts beside it, defines"],
  ],
  async run(args, world) {
    const known = await knownTasks(args.value("file"), world);
    const [name, ...written] = args.positionals;
    if (args.has("list") || name === undefined) {
      const [other] = args.others;
      if (other) throw other.unknown([]);
    }
    if (args.has("list")) return list(known, args, world);
    if (name === undefined) {
      throw new CodedError("NR-CLI-ARGUMENT", "no task is named", {
        hint: "Write: nomos-run task NAME [option=value ...]. nomos-run task --list shows all.",
      });
    }
    const tasks = new Map([...known].map(([key, { task }]) => [key, task]));
    const task = findTask(name, tasks);
    const request = { task, options: readAssignments(written, flagsOf(task, args)) };
    const place = { folder: world.folder, env: world.env, variables: taskVariables(readEnvironment(world.env)) };
    if (args.has("print-config")) {
      world.output.write(`${JSON.stringify(taskConfiguration({ ...request, asked: true }, place), null, 2)}\n`);
      return EXIT.passed;
    }
    const json = args.has("json");
    const progress = progressFor(args, world);
    const interrupts = listenForInterrupts(world, (signal) => {
      if (!json) notes.warn(`${signal}: ending in order; a second one cuts that short`);
    });
    const runner: TaskRunner = {
      ...place,
      known: tasks,
      clock: systemClock,
      signal: interrupts.first,
      runId: `task-${name}-${process.pid}`,
      force: args.has("force"),
      report: (event) => progress?.event(event),
    };
    try {
      if (args.has("dry-run")) {
        const outlooks = await taskOutlooks([request], runner);
        world.output.write(
          json ? `${JSON.stringify(outlooks.map(outlookJson), null, 2)}\n` : outlooks.map(outlookText).join(""),
        );
        return EXIT.passed;
      }
      await Promise.race([runTasks([request], runner), cutShort(runner.runId, interrupts.second)]);
      return EXIT.passed;
    } catch (thrown) {
      if (interrupts.signal) return SIGNAL_EXIT[interrupts.signal];
      throw thrown;
    } finally {
      progress?.close();
      interrupts.release();
    }
  },
};

function progressFor(args: Arguments, { output, errors }: World): TaskProgress | null {
  const verbose = args.has("verbose");
  if (args.has("dry-run")) return null;
  if (args.has("json")) return taskProgressAsJson(output, systemClock);
  return errors.isTerminal
    ? taskProgressOnTerminal(errors, systemClock, verbose)
    : taskProgressInLines(output, systemClock, verbose);
}

/** After a second signal: kills what the task's commands are at, and gives up. */
async function cutShort(runId: string, second: AbortSignal): Promise<never> {
  await new Promise((resolve) => second.addEventListener("abort", resolve, { once: true }));
  await cleanRun({ runId, clock: systemClock, graceMs: 0 });
  throw second.reason;
}

/** The task's own options, as far as they are written as flags. */
function flagsOf({ options }: Task, { others }: Arguments): readonly string[] {
  return others.map(({ name, value, unknown }) => {
    if (!Object.hasOwn(options, name)) throw unknown(Object.keys(options));
    return `${name}=${value}`;
  });
}

function readAssignments(written: readonly string[], flags: readonly string[]): Record<string, string> {
  const options: Record<string, string> = {};
  for (const each of [...written, ...flags]) {
    const equals = each.indexOf("=");
    if (equals < 1) {
      throw new CodedError("NR-CLI-ARGUMENT", `${JSON.stringify(each)} is no option of a task`, {
        hint:
          flags.length === 0 ? "Write name=value, such as version=v0.3.1." : "Write a flag's value as --name=value.",
      });
    }
    const name = each.slice(0, equals);
    if (Object.hasOwn(options, name))
      throw new CodedError("NR-CLI-ARGUMENT", `${name} is given twice`, { hint: "Give it once." });
    options[name] = each.slice(equals + 1);
  }
  return options;
}

function list(known: ReadonlyMap<string, KnownTask>, args: Arguments, { output, folder }: World): number {
  if (args.has("json")) {
    const document = [...known.values()].map(({ task: { name, description, options, needs }, file }) => ({
      name,
      description,
      file,
      needs,
      options: Object.entries(options).map(([option, { summary, default: value, variable }]) => ({
        name: option,
        summary,
        default: value ?? null,
        variable: variable ?? null,
      })),
    }));
    output.write(`${JSON.stringify(document, null, 2)}\n`);
    return EXIT.passed;
  }
  for (const { task, file } of known.values()) {
    const where = file === null ? "" : `  (${file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file})`;
    output.write(`${task.name}: ${task.description}${where}\n`);
    if (task.needs.length > 0) output.write(`  needs ${task.needs.join(", ")}\n`);
    const rows = Object.entries(task.options).map(([name, { summary, default: value, variable }]) => [
      `  ${name}`,
      `${summary}${value === undefined ? "" : ` (${value})`}${variable === undefined ? "" : `, or ${variable}`}`,
    ]);
    if (rows.length > 0) output.write(tableText(rows));
    output.write("\n");
  }
  return EXIT.passed;
}

function outlookJson({ prepared: { task, given, inputs, outputs, tools }, runs, why }: TaskOutlook) {
  return {
    task: task.name,
    runs,
    why,
    options: given.options,
    inputs: inputs.files,
    outputs,
    tools,
    steps: task.steps(given),
  };
}

function outlookText({ prepared: { task, given, inputs, outputs }, runs, why }: TaskOutlook): string {
  const lines = [
    `${task.name} would ${runs ? "run" : "be skipped"}: ${why}`,
    ...(runs ? task.steps(given).map((step) => `  ${step}`) : []),
    ...inputs.files.map((path) => `  reads ${path}`),
    ...Object.values(outputs).map((path) => `  ${runs ? "makes" : "has made"} ${path}`),
  ];
  return `${lines.join("\n")}\n`;
}
