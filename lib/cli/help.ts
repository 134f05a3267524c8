import { cac } from "cac";
import { COMMON_OPTIONS, type Command } from "./command.ts";

/** Prints the help of one command, or of the program when none is given, on standard output. */
export function printHelp(commands: readonly Command[], about: Command | null): void {
  const program = cac("nomos-run");
  program.usage("<scenario.ts> [options], or a command:");
  // The library brings its own --help.
  for (const { flags, summary } of COMMON_OPTIONS) if (!flags.includes("--help")) program.option(flags, summary);
  program.option("--version", "Show the version");
  // Its own sections name each command twice and say nothing of what a first-time user wants to do.
  program.help((sections) =>
    sections
      .slice(1)
      .filter(({ title }) => !title?.startsWith("For more info"))
      .map((section) => ({ ...section, body: section.body.replaceAll(/ +$/gm, "") })),
  );
  for (const { name, parameters, summary, options, examples } of commands) {
    const command = program.command(`${name} ${parameters}`.trimEnd(), summary);
    for (const option of options) command.option(option.flags, option.summary);
    const width = Math.max(...examples.map(([line]) => line.length));
    for (const [line, what] of examples) command.example(`  nomos-run ${line.padEnd(width)}  ${what}`);
    if (name === "run") for (const example of command.examples) program.example(example);
  }
  const shown = about && program.commands.find(({ name }) => name === about.name);
  (shown ?? program).outputHelp();
}
