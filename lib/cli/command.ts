import type { Arguments } from "./arguments.ts";
import type { World } from "./world.ts";

/** A flag of a command. */
export interface OptionSpec {
  /** As help shows it: `--seed <text>`, `-f, --follow`. With a value when it names one in angle brackets. */
  readonly flags: string;
  readonly summary: string;
  /** Whether it may be given more than once. */
  readonly repeatable?: boolean;
}

/** What the program's help says of a command. */
export interface CommandSummary {
  readonly name: string;
  /** Its arguments as help shows them: `<...files>`, `[run]`. */
  readonly parameters: string;
  readonly summary: string;
}

/** What is in a command's own file: one file each, in `commands/`. */
export interface CommandDetail {
  readonly options: readonly OptionSpec[];
  /** Whether it takes flags too that only what it is given knows. */
  readonly takesOthers?: boolean;
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Resolves with the exit code; throws coded errors. */
  run(args: Arguments, world: World): Promise<number>;
}

/** A command of the command line. */
export interface Command extends CommandSummary, CommandDetail {}

/** A command whose file is not loaded yet. */
export interface ListedCommand extends CommandSummary {
  load(): Promise<CommandDetail>;
}

/** Loads a listed command's file. */
export async function loadCommand(listed: ListedCommand): Promise<Command> {
  const { name, parameters, summary } = listed;
  return { name, parameters, summary, ...(await listed.load()) };
}

/** Flags that every command takes. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { flags: "-h, --help", summary: "Show this text" },
  { flags: "--debug", summary: "Show where an error comes from" },
];
