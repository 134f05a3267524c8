import { cac } from "cac";
import { COMMON_OPTIONS, type Command, type CommandSummary } from "./command.ts";

/** What to try first; `run --help` and the others have more. */
const FIRST_EXAMPLES: Command["examples"] = [
  ["demo", "a network of two nodes under traffic, judged and taken down"],
  ["scenarios/chaos.scenario.ts", "run a scenario; exit code 0 when it passed"],
  ["plan scenarios/chaos.scenario.ts", "what that would do, without starting anything"],
  ["run chaos.scenario.ts --profile fast --seed 7", "an eighth of the time, with the chance of seed 7"],
  ["run --help", "the flags of a command, with more examples"],
];

/** Prints the program's help on standard output. */
export function printHelp(commands: readonly CommandSummary[]): void {
  const program = cac("nomos-run");
  program.usage("<scenario.ts> [options], or a command:");
  // The library brings its own --help.
  for (const { flags, summary } of COMMON_OPTIONS) if (!flags.includes("--help")) program.option(flags, summary);
  program.option("--version", "Show the version");
  for (const { name, parameters, summary } of commands) program.command(`${name} ${parameters}`.trimEnd(), summary);
  for (const example of exampleLines(FIRST_EXAMPLES)) program.example(example);
  leaveOutRepeats(program);
  program.outputHelp();
}

/** Prints the help of one command on standard output. */
export function printCommandHelp({ name, parameters, summary, options, examples }: Command): void {
  const program = cac("nomos-run");
  program.option("--debug", "Show where an error comes from");
  const command = program.command(`${name} ${parameters}`.trimEnd(), summary);
  for (const option of options) command.option(option.flags, option.summary);
  for (const example of exampleLines(examples)) command.example(example);
  leaveOutRepeats(program);
  command.outputHelp();
}

function exampleLines(examples: Command["examples"]): string[] {
  const width = Math.max(...examples.map(([line]) => line.length));
  return examples.map(([line, what]) => `  nomos-run ${line.padEnd(width)}  ${what}`);
}

/** The library's own sections name each command twice and say nothing of what a first-time user wants to do. */
function leaveOutRepeats(program: ReturnType<typeof cac>): void {
  program.help((sections) =>
    sections
      .slice(1)
      .filter(({ title }) => !title?.startsWith("For more info"))
      .map((section) => ({ ...section, body: section.body.replaceAll(/ +$/gm, "") })),
  );
}
