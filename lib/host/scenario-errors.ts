import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError, errorText, systemCode } from "../core/errors.ts";
import { nearestOrAll, theNearest } from "../plan/nearest.ts";
import { isUnresolved, type ScenarioModules } from "./scenario-modules.ts";

/** Names what loading a scenario threw: a coded error with the place in the user's files, as far as it can be told. */
export function scenarioError(thrown: unknown, modules: ScenarioModules, api: readonly string[]): CodedError {
  if (thrown instanceof CodedError) return thrown;
  if (isUnresolved(thrown)) return importError(thrown as Error, modules);
  if (systemCode(thrown) === "ERR_IMPORT_ATTRIBUTE_MISSING")
    return jsonError(jsonFile(thrown as Error), thrown, modules);
  if (thrown instanceof SyntaxError) return linkError(thrown, modules, api) ?? refusedByEngine(thrown, modules);
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const at = thrown instanceof Error ? placeInUserFile(thrown, modules) : lastFile(modules);
  return new CodedError("NR-HOST-SCENARIO-THREW", `the scenario file threw ${what}`, {
    ...(at === undefined ? {} : { at }),
    hint: "The error comes from the file's own code, which runs when it is loaded.",
    cause: thrown,
  });
}

function importError(error: Error, modules: ScenarioModules): CodedError {
  const failed = modules.importOf(error);
  if (!failed) return new CodedError("NR-HOST-SCENARIO-IMPORT", error.message, { cause: error });
  const { specifier, path } = failed;
  return new CodedError("NR-HOST-SCENARIO-IMPORT", `there is no module ${JSON.stringify(specifier)}`, {
    at: placeOf(specifier, path, modules),
    hint: specifier.startsWith(".") ? nearestFile(specifier, path) : packageHint(specifier),
    cause: error,
  });
}

/** Line of the file that names the specifier. */
function placeOf(specifier: string, path: string, modules: ScenarioModules): string {
  const lines = modules.sources.get(path)?.split("\n") ?? [];
  const index = lines.findIndex((line) => line.includes(`"${specifier}"`) || line.includes(`'${specifier}'`));
  return index < 0 ? path : `${path}:${index + 1}`;
}

function nearestFile(specifier: string, path: string): string {
  const wanted = join(dirname(path), specifier);
  try {
    const names = readdirSync(dirname(wanted), { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && entry.name !== basename(path))
      .map(({ name }) => name);
    if (names.length > 0) {
      return nearestOrAll(basename(wanted), names, ` in ${dirname(wanted)}`);
    }
    return `There is no other file in ${dirname(wanted)}.`;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return `There is no folder ${dirname(wanted)}.`;
  }
}

function packageHint(specifier: string): string {
  const name = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1);
  return `Install it beside the scenario: npm install ${name.join("/")}.`;
}

/** What Node names. */
function jsonFile({ message }: Error): string {
  const file = /Module "(file:[^"]+)"/.exec(message)?.[1];
  return file === undefined ? "" : basename(fileURLToPath(file));
}

function jsonError(name: string, cause: unknown, modules: ScenarioModules): CodedError {
  const importer = [...modules.sources].find(([, source]) => source.includes(name));
  const line = importer ? importer[1].split("\n").findIndex((text) => text.includes(name)) + 1 : 0;
  return new CodedError("NR-HOST-SCENARIO-IMPORT", `${name} is imported without saying that it is JSON`, {
    ...(importer ? { at: `${importer[0]}:${line}` } : {}),
    hint: `Write: import data from "./${name}" with { type: "json" };`,
    cause,
  });
}

/** An import of a name that the module doesn't export; Node puts the place in front of the stack, Deno into the text. */
function linkError(error: SyntaxError, modules: ScenarioModules, api: readonly string[]): CodedError | undefined {
  const missing =
    /^The requested module '(.+)' does not provide an export named '(.+?)'(?: at (file:.+):(\d+):\d+)?$/.exec(
      error.message,
    );
  if (!missing) return undefined;
  const [, module = "", name = "", ownFile, ownLine] = missing;
  if (module.endsWith(".json") && name === "default") return jsonError(basename(module), error, modules);
  const [, file = ownFile, line = ownLine] = /^(file:.+):(\d+)\n/.exec(error.stack ?? "") ?? [];
  const at = file === undefined ? lastFile(modules) : `${fileURLToPath(file)}:${line}`;
  const types = 'A type is imported with "import type".';
  return new CodedError("NR-HOST-SCENARIO-IMPORT", `${module} exports no ${name}`, {
    ...(at === undefined ? {} : { at }),
    hint: module === "nomos-run" && api.length > 0 ? `${theNearest(name, api)}${types}` : types,
    cause: error,
  });
}

/** Modules are compiled one after the other, so the last that was loaded is the one that V8 refused. */
function refusedByEngine(error: SyntaxError, modules: ScenarioModules): CodedError {
  const last = [...modules.sources].at(-1);
  const explained = last && modules.compiler.explain(...last);
  if (explained) return explained;
  return new CodedError("NR-HOST-SCENARIO-SYNTAX", errorText(error), {
    ...(last ? { at: last[0] } : {}),
    hint: "Correct the file; an editor with TypeScript marks the place.",
    cause: error,
  });
}

function lastFile(modules: ScenarioModules): string | undefined {
  return [...modules.sources.keys()].at(-1);
}

/** The innermost frame that lies in a file of the scenario. */
function placeInUserFile(error: Error, modules: ScenarioModules): string | undefined {
  for (const line of (error.stack ?? "").split("\n")) {
    const frame = /(?:\(|at |async )((?:file:\/\/)?\/.+?):(\d+):\d+\)?$/.exec(line);
    if (!frame) continue;
    const [, place = "", number = ""] = frame;
    const path = place.startsWith("file:") ? fileURLToPath(place) : place;
    if (modules.sources.has(path)) return `${path}:${number}`;
  }
  return undefined;
}
