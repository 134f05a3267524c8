import { ERROR_CODES, type ErrorCode } from "../../core/error-codes.ts";
import { ERROR_PAGES } from "../../core/error-pages.ts";
import { CodedError } from "../../core/errors.ts";
import { theNearest } from "../../plan/nearest.ts";
import { wrap } from "../../report/screen.ts";
import { tableText } from "../../report/table.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";

/** Says more of an error than its message has room for. */
export const explainCommand: CommandDetail = {
  options: [],
  examples: [
    ["explain NR-PLAN-TX-RATE", "one code"],
    ["explain", "all codes"],
  ],
  async run(args, { output }) {
    const codes = Object.keys(ERROR_CODES) as ErrorCode[];
    const [written] = args.positionals;
    if (written === undefined) {
      output.write(tableText(codes.map((code) => [code, ERROR_CODES[code].title])));
      return EXIT.passed;
    }
    const wanted = written.toUpperCase();
    const code = codes.find((each) => each === wanted || each === `NR-${wanted}`);
    if (code === undefined) {
      throw new CodedError("NR-CLI-VALUE", `there is no error code ${JSON.stringify(written)}`, {
        hint: `${theNearest(wanted, codes)}\`nomos-run explain\` lists all.`,
      });
    }
    const { means, causes, todo } = ERROR_PAGES[code];
    const part = (title: string, text: string) => `${title}\n${wrap(text, output.columns(), "  ")}\n`;
    const exit = ERROR_CODES[code].class === "refused" ? EXIT.refused : EXIT.error;
    output.write(`${code}: ${ERROR_CODES[code].title} (exit code ${exit})\n\n`);
    output.write([part("What it means", means), part("What causes it", causes), part("What to do", todo)].join("\n"));
    return EXIT.passed;
  },
};
