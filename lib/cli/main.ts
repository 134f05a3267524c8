import { existsSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { CodedError, must } from "../core/errors.ts";
import { writeError } from "../host/disk-errors.ts";
import { permissionError } from "../host/permission.ts";
import { theNearest } from "../plan/nearest.ts";
import { renderError } from "../report/error-text.ts";
import { readArguments } from "./arguments.ts";
import { type Command, loadCommand } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { EXIT, errorExit } from "./exit-codes.ts";
import { printCommandHelp, printHelp } from "./help.ts";
import { VERSION_LINE } from "./version.ts";
import { processWorld, type World } from "./world.ts";

/** Runs a command line and reports what goes wrong. Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await inWorld(argv, processWorld());
  } catch (thrown) {
    // Deno lets nobody look at the terminal and its variables who was not allowed to.
    const refused = permissionError(thrown);
    if (!refused) throw thrown;
    process.stderr.write(renderError(refused, { debug: false }));
    return errorExit(refused, null);
  }
}

async function inWorld(argv: readonly string[], world: World): Promise<number> {
  const code = await outcome(argv, world);
  const { lost } = world.output;
  if (!lost) return code;
  world.errors.write(renderError(writeError("the standard output", lost, "file"), { debug: false }));
  await world.errors.drained();
  return code === EXIT.passed ? EXIT.error : code;
}

async function outcome(argv: readonly string[], world: World): Promise<number> {
  try {
    return await dispatch(argv, world);
  } catch (thrown) {
    const error = thrown instanceof CodedError ? thrown : (permissionError(thrown) ?? thrown);
    world.errors.write(renderError(error, { debug: argv.includes("--debug") }));
    return errorExit(error, null);
  } finally {
    await Promise.all([world.output.drained(), world.errors.drained()]);
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  const [word = ""] = argv;
  if (word === "--version") {
    world.output.write(`${VERSION_LINE}\n`);
    return EXIT.passed;
  }
  if (word === "--help" || word === "-h" || word === "help") {
    const about = COMMANDS.find(({ name }) => name === argv[1]);
    if (about) printCommandHelp(await loadCommand(about));
    else printHelp(COMMANDS);
    return EXIT.passed;
  }
  if (word === "") {
    // Not a success: a script whose variable is empty would else be told that its test passed.
    printHelp(COMMANDS);
    return EXIT.refused;
  }
  const { command, rest } = await choose(argv, world.folder);
  const args = readArguments(command, rest);
  if (args.has("help")) {
    printCommandHelp(command);
    return EXIT.passed;
  }
  return command.run(args, world);
}

/** The command that the first word names; a file, or a flag before one, means `run`. */
async function choose(argv: readonly string[], folder: string): Promise<{ command: Command; rest: readonly string[] }> {
  const [word = "", ...rest] = argv;
  const load = async (wanted: string): Promise<Command | undefined> => {
    const listed = COMMANDS.find(({ name }) => name === wanted);
    return listed && loadCommand(listed);
  };
  const named = await load(word);
  if (named) return { command: named, rest };
  const isFile = /[./#]/.test(word) || existsSync(resolve(folder, word));
  if (isFile || word.startsWith("-")) return { command: must(await load("run"), "the command run"), rest: argv };
  const names = COMMANDS.map(({ name }) => name);
  throw new CodedError("NR-CLI-COMMAND", `there is no command ${JSON.stringify(word)}`, {
    hint: `${theNearest(word, names)}A scenario file is named with its ending: ${word}.scenario.ts.`,
  });
}
