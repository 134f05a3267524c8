import { EXIT } from "../../lib/cli/exit-codes.ts";
import { ERROR_CODES, type ErrorCode } from "../../lib/core/error-codes.ts";
import { ERROR_PAGES } from "../../lib/core/error-pages.ts";

/** `docs/errors.md`. */
export function errorsPage(): string {
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];
  return [
    "<!-- Made by scripts/generate.ts from lib/core/error-codes.ts and lib/core/error-pages/. -->",
    "# Errors",
    "",
    "Every error has a code that keeps its meaning. `nomos-run explain CODE` prints what is here. A program that was refused because",
    `of what its user wrote ends with exit code ${EXIT.refused}, and nothing has been started; any other error ends with ${EXIT.error}.`,
    "",
    "| Code | What happened | Exit code |",
    "|---|---|---|",
    ...codes.map((code) => `| [\`${code}\`](#${code.toLowerCase()}) | ${ERROR_CODES[code].title} | ${exitOf(code)} |`),
    "",
    ...codes.flatMap((code) => {
      const { means, causes, todo } = ERROR_PAGES[code];
      return [`## ${code}`, "", means, "", `**Causes**: ${causes}`, "", `**What to do**: ${todo}`, ""];
    }),
  ].join("\n");
}

function exitOf(code: ErrorCode): number {
  return ERROR_CODES[code].class === "refused" ? EXIT.refused : EXIT.error;
}
