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

/** A command of the command line: one file each, in `commands/`. */
export interface Command {
  readonly name: string;
  /** Its arguments as help shows them: `<...files>`, `[run]`. */
  readonly parameters: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Resolves with the exit code; throws coded errors. */
  run(args: Arguments, world: World): Promise<number>;
}

/** Flags that every command takes. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { flags: "-h, --help", summary: "Show this text" },
  { flags: "--debug", summary: "Show where an error comes from" },
];
