import { CodedError } from "../../core/errors.ts";
import { nearestOrAll } from "../../plan/nearest.ts";
import { readFlag } from "../arguments.ts";
import { COMMON_OPTIONS, type CommandDetail, loadCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { type Completion, SHELLS } from "../kit/shells.ts";

/** Prints a script with which a shell completes this program's command lines. */
export const completionCommand: CommandDetail = {
  options: [],
  examples: [
    ["completion bash >> ~/.bashrc", "in bash, from the next shell on"],
    ["completion zsh > ~/.zfunc/_nomos-run", "in zsh, when ~/.zfunc is in its fpath"],
    ["completion fish > ~/.config/fish/completions/nomos-run.fish", "in fish"],
  ],
  async run(args, { output }) {
    const [written = ""] = args.positionals;
    const script = SHELLS.get(written);
    if (!script) {
      throw new CodedError("NR-CLI-VALUE", `there is no completion for ${JSON.stringify(written)}`, {
        hint: nearestOrAll(written, [...SHELLS.keys()]),
      });
    }
    output.write(script(await allCompletions()));
    return EXIT.passed;
  },
};

async function allCompletions(): Promise<Completion[]> {
  // Not imported above: the table of commands names this one.
  const { COMMANDS } = await import("../commands.ts");
  const commands = await Promise.all(COMMANDS.map(loadCommand));
  return commands.map(({ name, summary, parameters, options }) => ({
    name,
    summary,
    takesFiles: /file|folder|dir/.test(parameters),
    flags: [...options, ...COMMON_OPTIONS].map((spec) => {
      const { long, short, takes } = readFlag(spec);
      return { long, short, takesValue: takes !== undefined, summary: spec.summary };
    }),
  }));
}
