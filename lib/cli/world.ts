import process from "node:process";
import { isatty } from "node:tty";
import { systemCode } from "../core/errors.ts";
import type { Screen } from "../report/screen.ts";

/** Width that is assumed where the terminal doesn't say: that of a log. */
const DEFAULT_COLUMNS = 120;

/** One of the program's two outputs. */
export interface Output extends Screen {
  readonly isTerminal: boolean;
  /** Aborts when the reader has gone away. */
  readonly closed: AbortSignal;
}

/** What the command line has of the process that it runs in. */
export interface World {
  readonly output: Output;
  readonly errors: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

/** This process. */
export function processWorld(): World {
  return {
    output: outputOf(process.stdout),
    errors: outputOf(process.stderr),
    env: process.env,
    folder: process.cwd(),
  };
}

/** NO_COLOR (no-color.org) is set and not empty; the same for FORCE_COLOR. */
function isSet(name: string): boolean {
  return (process.env[name] ?? "") !== "";
}

function outputOf(stream: NodeJS.WriteStream & { readonly fd: number }): Output {
  const closed = new AbortController();
  const isTerminal = isatty(stream.fd);
  stream.on("error", (error) => {
    // The reader has closed the pipe (`| head`): what is left to say interests nobody, but the run goes on.
    if (systemCode(error) === "EPIPE") closed.abort(error);
    else throw error;
  });
  return {
    write: (text) => {
      if (!closed.signal.aborted) stream.write(text);
    },
    columns: () => stream.columns ?? DEFAULT_COLUMNS,
    color: !isSet("NO_COLOR") && process.env["TERM"] !== "dumb" && (isSet("FORCE_COLOR") || isTerminal),
    isTerminal,
    closed: closed.signal,
  };
}
