import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CodedError } from "../core/errors.ts";
import { nearest } from "../plan/nearest.ts";
import { renderError } from "../report/error-text.ts";
import { readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { cleanCommand } from "./commands/clean.ts";
import { demoCommand } from "./commands/demo.ts";
import { diffCommand } from "./commands/diff.ts";
import { envCommand } from "./commands/env.ts";
import { explainCommand } from "./commands/explain.ts";
import { listCommand } from "./commands/list.ts";
import { logsCommand } from "./commands/logs.ts";
import { nodeCommand } from "./commands/node.ts";
import { planCommand } from "./commands/plan.ts";
import { psCommand } from "./commands/ps.ts";
import { recheckCommand } from "./commands/recheck.ts";
import { replayCommand } from "./commands/replay.ts";
import { runCommand } from "./commands/run.ts";
import { EXIT, errorExit } from "./exit-codes.ts";
import { printHelp } from "./help.ts";
import { VERSION } from "./version.ts";
import { processWorld, type World } from "./world.ts";

const COMMANDS: readonly Command[] = [
  runCommand,
  planCommand,
  demoCommand,
  psCommand,
  cleanCommand,
  logsCommand,
  listCommand,
  recheckCommand,
  replayCommand,
  diffCommand,
  envCommand,
  explainCommand,
  nodeCommand,
];

/** Runs a command line and reports what goes wrong. Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const world = processWorld();
  try {
    return await dispatch(argv, world);
  } catch (thrown) {
    world.errors.write(renderError(thrown, { debug: argv.includes("--debug") }));
    return errorExit(thrown, null);
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  const [word = ""] = argv;
  if (word === "--version") {
    world.output.write(`nomos-run ${VERSION}\n`);
    return EXIT.passed;
  }
  if (word === "--help" || word === "-h" || word === "help") {
    printHelp(COMMANDS, COMMANDS.find(({ name }) => name === argv[1]) ?? null);
    return EXIT.passed;
  }
  if (word === "") {
    // Not a success: a script whose variable is empty would else be told that its test passed.
    printHelp(COMMANDS, null);
    return EXIT.refused;
  }
  const { command, rest } = choose(argv, world.folder);
  const args = readArguments(command, rest);
  if (args.has("help")) {
    printHelp(COMMANDS, command);
    return EXIT.passed;
  }
  return command.run(args, world);
}

/** The command that the first word names; a file, or a flag before one, means `run`. */
function choose(argv: readonly string[], folder: string): { command: Command; rest: readonly string[] } {
  const [word = "", ...rest] = argv;
  const named = COMMANDS.find(({ name }) => name === word);
  if (named) return { command: named, rest };
  const isFile = /[./#]/.test(word) || existsSync(resolve(folder, word));
  if (isFile || word.startsWith("-")) return { command: runCommand, rest: argv };
  const names = COMMANDS.map(({ name }) => name);
  throw new CodedError("NR-CLI-COMMAND", `there is no command ${JSON.stringify(word)}`, {
    hint: `The nearest is ${nearest(word, names)}. A scenario file is named with its ending: ${word}.scenario.ts.`,
  });
}
