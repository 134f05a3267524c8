import process from "node:process";
import { isatty } from "node:tty";
import { systemCode } from "../core/errors.ts";
import { renderError } from "../report/error-text.ts";
import type { Screen } from "../report/screen.ts";
import { EXIT } from "./exit-codes.ts";

/** Width that is assumed where the terminal doesn't say: that of a log. */
const DEFAULT_COLUMNS = 120;

/** One of the program's two outputs. */
export interface Output extends Screen {
  readonly isTerminal: boolean;
  /** Aborts when nothing can be written any more: the reader has gone away, or its disk is full. */
  readonly closed: AbortSignal;
  /** Why what was to be said is lost, unless its reader wanted no more; null where it is not. */
  readonly lost: Error | null;
  /** Resolves once the reader has taken all that was written, or has gone away: whoever ends the process waits for it. */
  drained(): Promise<void>;
}

/** What the command line has of the process that it runs in. */
export interface World {
  readonly output: Output;
  readonly errors: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /**
   * Takes over errors that nobody caught, which end the program with exit code 3 otherwise; returns what gives them
   * back.
   */
  onUncaught(handler: (error: unknown) => void): () => void;
}

/** This process. */
export function processWorld(): World {
  const errors = outputOf(process.stderr);
  const handlers: ((error: unknown) => void)[] = [];
  process.on("uncaughtException", (error) => {
    const handler = handlers.at(-1);
    if (handler) return handler(error);
    errors.write(renderError(error, { debug: true }));
    process.exit(EXIT.error);
  });
  return {
    output: outputOf(process.stdout),
    errors,
    env: process.env,
    folder: process.cwd(),
    onUncaught(handler) {
      handlers.push(handler);
      return () => void handlers.splice(handlers.indexOf(handler), 1);
    },
  };
}

/** NO_COLOR (no-color.org) is set and not empty; the same for FORCE_COLOR. */
function isSet(name: string): boolean {
  return (process.env[name] ?? "") !== "";
}

function outputOf(stream: NodeJS.WriteStream & { readonly fd: number }): Output {
  const closed = new AbortController();
  const isTerminal = isatty(stream.fd);
  // Whatever can't be said any more, the run goes on: its folder has all of it.
  stream.on("error", (error) => closed.abort(error));
  return {
    write: (text) => {
      if (!closed.signal.aborted) stream.write(text);
    },
    // A terminal without a size says 0.
    columns: () => stream.columns || DEFAULT_COLUMNS,
    color: !isSet("NO_COLOR") && process.env["TERM"] !== "dumb" && (isSet("FORCE_COLOR") || isTerminal),
    isTerminal,
    closed: closed.signal,
    get lost() {
      // The stream knows of an error before it says so, and forgets it when it has. Who closed the pipe (`| head`) has read
      // enough.
      const error = closed.signal.aborted ? (closed.signal.reason as Error) : stream.errored;
      return error && systemCode(error) !== "EPIPE" ? error : null;
    },
    drained: async () => {
      if (stream.writableLength === 0 || closed.signal.aborted) return;
      await new Promise<void>((done) => {
        stream.write("", () => done());
      });
    },
  };
}
