import type { Readable, Writable } from "node:stream";

/*
 * zx's `$` as far as scenarios and tasks are promised it. Its own types need those of other packages, which whoever
 * installs this one doesn't have.
 */

/** What a command came to: an error too, since a command that fails rejects with it. */
export interface CommandResult extends Error {
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they came. */
  readonly stdall: string;
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** How long it took, ms. */
  readonly duration: number;
  /** Whether it ended with 0. */
  readonly ok: boolean;
  /** What it wrote to stdout. */
  text(encoding?: BufferEncoding): string;
  /** What it wrote to stdout, read as JSON. */
  json(): unknown;
  /** The lines of its stdout. @param delimiter in place of the line's end */
  lines(delimiter?: string | RegExp): string[];
  buffer(): Buffer;
}

/** A command at work. Awaited it gives what it came to; it rejects with that when it fails. */
export interface Command extends Promise<CommandResult> {
  readonly pid: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exitCode: Promise<number | null>;
  /** It doesn't reject when it fails. */
  nothrow(on?: boolean): this;
  /** Nothing of it is shown. */
  quiet(on?: boolean): this;
  /** Ends it after a time: ms, or text such as "30s". */
  timeout(after: number | `${number}ms` | `${number}s` | `${number}m`, signal?: NodeJS.Signals): this;
  /** Ends it, with all that it started. @param signal SIGTERM by default */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Its stdout goes into another command. */
  pipe(pieces: TemplateStringsArray, ...values: unknown[]): Command;
  /** Its stdout goes into another command, a stream, or a file by its path. */
  pipe<D extends Command | Writable>(target: D): D & PromiseLike<CommandResult>;
  pipe(file: string): Writable & PromiseLike<CommandResult>;
  text(encoding?: BufferEncoding): Promise<string>;
  json(): Promise<unknown>;
  lines(delimiter?: string | RegExp): Promise<string[]>;
  buffer(): Promise<Buffer>;
  /** The lines of its stdout, as they come. */
  [Symbol.asyncIterator](): AsyncIterator<string>;
}

/** How commands are run, where it differs. */
export interface CommandOptions {
  /** Where. */
  readonly cwd?: string;
  /** All variables that they get. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What they read from stdin. */
  readonly input?: string | Buffer | Readable | Command | CommandResult;
  /** They don't reject when they fail. */
  readonly nothrow?: boolean;
  readonly quiet?: boolean;
  /** Ends them after a time: ms, or text such as "30s". */
  readonly timeout?: number | `${number}ms` | `${number}s` | `${number}m`;
  /** What lines end with, in place of a line's end. */
  readonly delimiter?: string | RegExp;
}

/** Runs commands as zx's `$` does. */
export interface Shell {
  /** Runs a command: what is put in by `${...}` is quoted, a list as several words. */
  (pieces: TemplateStringsArray, ...values: unknown[]): Command;
  /** The same with other options. */
  (options: CommandOptions): Shell;
}
