import { accessSync, constants, readdirSync, type Stats, statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import type { Clock } from "../core/clock.ts";
import { CodedError, systemCode } from "../core/errors.ts";
import { withDeadline } from "../core/wait.ts";
import type { Task } from "../model/task.ts";
import { meant, nearestOrAll } from "../plan/nearest.ts";
import type { RefusedPlan } from "../plan/problem.ts";
import { isWrittenPlan, refusalOf, type WrittenPlan } from "../plan/written.ts";
import { permissionError } from "./permission.ts";
import { scenarioError } from "./scenario-errors.ts";
import { scenarioModules } from "./scenario-modules.ts";
import { importTasks, tasksAmong, tasksFileBeside } from "./task-file.ts";

/** A scenario file only describes; what it awaits at its top level must come soon. */
const LOAD_TIMEOUT_MS = 60_000;

const ENDING = ".scenario.ts";
/** Endings of what can be loaded; a file without one is JavaScript. */
const LANGUAGES = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ""];

export interface LoadOptions {
  /** `FILE`, or `FILE#NAME` for another export than the default one. */
  readonly written: string;
  /** What a relative FILE is relative to. */
  readonly folder: string;
  /** What the file gets from `import ... from "nomos-run"`. */
  readonly api: Readonly<Record<string, unknown>>;
  /** Where compiled files are kept; null for nowhere. */
  readonly cacheFolder: string | null;
  readonly clock: Clock;
}

export interface LoadedScenario {
  /** Absolute path of the file. */
  readonly path: string;
  /** Name of the export that was chosen. */
  readonly name: string;
  readonly plan: WrittenPlan;
  /** `sha256:<hex>` of the file and all that it imports. */
  readonly digest: string;
  /** Plans of the file that `build()` refused, other than the chosen one. */
  readonly refused: readonly RefusedPlan[];
}

/**
 * Loads a scenario file and picks the plan that it exports.
 * @throws CodedError NR-HOST-SCENARIO-* with file and line, or the plan's own errors
 */
export async function loadScenario(options: LoadOptions): Promise<LoadedScenario> {
  const { written, folder, api, cacheFolder, clock } = options;
  const [, file = "", name = "default"] = /^(.*?)(?:#([^#]*))?$/s.exec(written) ?? [];
  if (name === "") {
    throw new CodedError("NR-HOST-SCENARIO-EXPORT", `${written} names no plan after its #`, {
      hint: `Write ${file}#NAME, or ${file} for the default plan.`,
    });
  }
  const path = scenarioPath(file, folder);
  const modules = scenarioModules({ api, cacheFolder });
  const exports = await withDeadline(
    { clock, what: `loading ${file}`, timeoutMs: LOAD_TIMEOUT_MS, code: "NR-HOST-SCENARIO-STUCK" },
    () => modules.import(path),
  ).catch((error: unknown) => {
    throw scenarioError(error, modules, Object.keys(api));
  });
  const plan = chosenPlan(exports, file, name);
  const refusal = refusalOf(plan);
  if (refusal) throw refusal;
  const tasks = await tasksFor(plan, exports, path, (file) => importTasks(file, modules, api, clock));
  return {
    path,
    name,
    plan: { ...plan, customs: { ...plan.customs, tasks } },
    digest: modules.digest(dirname(path)),
    refused: [
      ...new Set(Object.values(exports).flatMap((value) => (isWrittenPlan(value) ? (refusalOf(value) ?? []) : []))),
    ],
  };
}

/** The user's own tasks that a plan's setup names: handed over, exported by the file, or by `nomos.tasks.ts` beside it. */
async function tasksFor(
  { document, customs }: WrittenPlan,
  exports: Readonly<Record<string, unknown>>,
  path: string,
  load: (file: string) => Promise<ReadonlyMap<string, Task>>,
): Promise<ReadonlyMap<string, Task>> {
  const own = new Map([...tasksAmong(exports, path), ...customs.tasks]);
  const beside = tasksFileBeside(path);
  if (beside === null || document.setup.every(({ task }) => own.has(task))) return own;
  return new Map([...(await load(beside)), ...own]);
}

/** @throws CodedError NR-HOST-SCENARIO-FILE */
function scenarioPath(file: string, folder: string): string {
  const path = resolve(folder, file);
  let found: Stats;
  try {
    found = statSync(path);
    accessSync(path, constants.R_OK);
  } catch (error) {
    const refused = permissionError(error);
    if (refused) throw refused;
    const reason = systemCode(error);
    if (reason !== "ENOENT" && reason !== "ENOTDIR") throw unreadable(file, reason ?? "", error);
    throw new CodedError("NR-HOST-SCENARIO-FILE", `there is no file ${file}`, { hint: nearestScenario(path) });
  }
  if (found.isFile()) {
    if (LANGUAGES.includes(extname(path))) return path;
    throw new CodedError("NR-HOST-SCENARIO-FILE", `${file} is no file of TypeScript or JavaScript by its name`, {
      hint: `Name a scenario NAME${ENDING}.`,
    });
  }
  if (!found.isDirectory()) {
    throw new CodedError("NR-HOST-SCENARIO-FILE", `${file} is a pipe or a device, and a scenario is a file`, {
      hint: "Write it to a file first: imports and stack traces need its path.",
    });
  }
  const scenarios = scenariosIn(path);
  throw new CodedError("NR-HOST-SCENARIO-FILE", `${file} is a folder`, {
    hint: scenarios.length > 0 ? `Name one of its files: ${scenarios.join(", ")}.` : `It holds no *${ENDING} file.`,
  });
}

function unreadable(file: string, reason: string, cause: unknown): CodedError {
  return new CodedError("NR-HOST-SCENARIO-FILE", `${file} can't be read (${reason})`, {
    hint: "Check who owns it and its permissions.",
    cause,
  });
}

function scenariosIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ENDING))
      .sort();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [];
  }
}

function nearestScenario(path: string): string {
  const folder = dirname(path);
  const scenarios = scenariosIn(folder);
  if (scenarios.length === 0) return `There is no *${ENDING} file in ${folder}.`;
  return nearestOrAll(basename(path), scenarios, ` in ${folder}`);
}

/** @throws CodedError NR-HOST-SCENARIO-EXPORT */
function chosenPlan(exports: Readonly<Record<string, unknown>>, file: string, name: string): WrittenPlan {
  const plans = Object.keys(exports).filter((key) => isWrittenPlan(exports[key]));
  const named = plans.filter((key) => key !== "default").map((key) => `${file}#${key}`);
  const value = exports[name];
  if (isWrittenPlan(value)) return value;
  if (name in exports) {
    const what = name === "default" ? "default export" : `export ${name}`;
    throw new CodedError("NR-HOST-SCENARIO-EXPORT", `the ${what} of ${file} is ${described(value)}, not a plan`, {
      hint: isBuilder(value) ? "End it with .build()." : "A plan is what scenario(...)...build() returns.",
    });
  }
  if (name === "default") {
    throw new CodedError("NR-HOST-SCENARIO-EXPORT", `${file} has no default export`, {
      hint:
        named.length > 0
          ? `Choose one of its plans: ${named.join(", ")}.`
          : `${exportsText(exports)} Write: export default scenario("name")...build();`,
    });
  }
  throw new CodedError("NR-HOST-SCENARIO-EXPORT", `${file} exports no ${name}`, {
    hint:
      named.length > 0
        ? nearestPlan(file, name, named)
        : plans.length > 0
          ? "It exports only its default plan."
          : exportsText(exports),
  });
}

function nearestPlan(file: string, name: string, named: readonly string[]): string {
  const found = meant(
    name,
    named.map((each) => each.slice(file.length + 1)),
  );
  return found === undefined ? `Its plans are ${named.join(", ")}.` : `The nearest is ${file}#${found}.`;
}

/** What a file exports that has no plan. */
function exportsText(exports: Readonly<Record<string, unknown>>): string {
  const what = Object.entries(exports).map(([name, value]) => `${name}, ${described(value)}`);
  return what.length === 0 ? "It exports nothing." : `It exports no plan, but ${what.join("; ")}.`;
}

function isBuilder(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { build?: unknown }).build === "function";
}

function described(value: unknown): string {
  if (isBuilder(value)) return "a scenario that isn't built";
  if (value instanceof Promise) return "a promise";
  if (Array.isArray(value)) return "an array";
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
