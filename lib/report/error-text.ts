import { CodedError, errorText } from "../core/errors.ts";

/**
 * An error as a person reads it: what happened, its code, where the user caused it, what to do. Its stack, and those of
 * its causes, only when asked for.
 */
export function renderError(thrown: unknown, options: { debug: boolean }): string {
  const lines =
    thrown instanceof CodedError
      ? [
          `error ${thrown.code}: ${thrown.message}`,
          ...(thrown.at === undefined ? [] : [`  at ${thrown.at}`]),
          ...(thrown.excerpt === undefined ? [] : thrown.excerpt.split("\n").map((line) => `    ${line}`)),
          ...(thrown.hint === undefined ? [] : [`  ${thrown.hint}`]),
        ]
      : [
          `error NR-CORE-INTERNAL: ${errorText(thrown)}`,
          `  This is a fault of nomos-run. ${options.debug ? "Please report it." : "--debug shows where it comes from."}`,
        ];
  if (options.debug) {
    for (let error = thrown; error instanceof Error; error = error.cause) {
      lines.push(error === thrown ? "" : "caused by:", error.stack ?? String(error));
    }
  }
  return printable(`${lines.join("\n")}\n`);
}

/** What a terminal takes for commands, as text; lines and tabs are none. A user's file or file name may hold them. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) =>
    control === "\n" || control === "\t" ? control : `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
