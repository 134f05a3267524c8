import type { Clock } from "../core/clock.ts";
import type { Shell } from "./shell.ts";

/** Something that a task can be told, as `name=value`. */
export interface TaskOption {
  /** One line for lists. */
  readonly summary: string;
  /** What it is when nobody says; an option without it may be left away, and is then absent. */
  readonly default?: string;
  /** The environment variable that says it where the caller doesn't. */
  readonly variable?: string;
  /** What is wrong with a value, as it reads after "it"; undefined when nothing is. */
  check?(value: string): string | undefined;
}

/** What a task was told, and where. */
export interface TaskGiven<Option extends string = string> {
  readonly options: Readonly<Record<Option, string | undefined>>;
  /** What relative paths are relative to; absolute. */
  readonly folder: string;
}

/** What decides about a task's result, beside its options. */
export interface TaskInputs {
  /** Files and folders, by their content. */
  readonly files: readonly string[];
  /** Anything else, by its text. */
  readonly values: Readonly<Record<string, string>>;
}

/** What a task has while it runs. */
export interface TaskContext<Option extends string = string, Output extends string = string> extends TaskGiven<Option> {
  /**
   * zx's `$`, in `folder`: runs a command and resolves with what it wrote. Commands that still run when the task ends are
   * ended, with all that they started.
   */
  readonly $: Shell;
  /**
   * Where each output is to be made, by its name: a path that is not there yet. When the task has ended well, all are
   * moved to their places; nobody sees half of one.
   */
  readonly out: Readonly<Record<Output, string>>;
  /** An empty folder on the outputs' disk, removed when the task ends. */
  readonly scratch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether it is to be done although what it makes is there. */
  readonly forced: boolean;
  readonly clock: Clock;
  /** Aborts on interrupt and at the task's deadline. */
  readonly signal: AbortSignal;
  /** Says what it is doing. `done` and `total` are of one unit, whichever. */
  progress(text: string, done?: number, total?: number | null): void;
  /** Says something that stays. */
  note(text: string): void;
  /**
   * Fetches a file, with what passes tried again and resumed; resolves with its SHA-256 in hexadecimal.
   * @param options.sha256 what that must be
   */
  download(
    url: string,
    path: string,
    options?: { readonly sha256?: string | undefined; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<string>;
  /** Unpacks a tar, gzipped or not, into a new folder; names and links that lead out of it are refused. */
  unpack(tar: string, folder: string, options?: { readonly strip?: number }): Promise<void>;
  /** Packs files of a folder into a gzipped tar; the same files give the same bytes. */
  pack(tar: string, folder: string, names: readonly string[]): Promise<void>;
}

/** A piece of work that makes something, and need not be done again while nothing that it depends on has changed. */
export interface Task {
  readonly name: string;
  /** One line for lists. */
  readonly description: string;
  readonly options: Readonly<Record<string, TaskOption>>;
  /** Tasks that must have run before, by name. */
  readonly needs: readonly string[];
  /** Changes when the task would make something else of the same inputs. */
  readonly recipe: string;
  /** How long it may take, ms. */
  readonly timeoutMs: number;
  /** Programs that it runs. */
  tools(given: TaskGiven): readonly string[];
  inputs(given: TaskGiven): TaskInputs;
  /** What it makes: paths by name. A task without outputs is run each time. */
  outputs(given: TaskGiven): Readonly<Record<string, string>>;
  /** What it would do, a line each, for `--dry-run`. */
  steps(given: TaskGiven): readonly string[];
  run(context: TaskContext): Promise<void>;
}

/** Something that a task says of itself. */
export type TaskEvent =
  | { readonly type: "started"; readonly task: string; readonly options: Readonly<Record<string, string>> }
  | {
      readonly type: "progress";
      readonly task: string;
      readonly text: string;
      readonly done: number | null;
      readonly total: number | null;
    }
  | { readonly type: "note"; readonly task: string; readonly text: string }
  /** A line that a command of the task wrote. */
  | { readonly type: "output"; readonly task: string; readonly text: string }
  | {
      readonly type: "ended";
      readonly task: string;
      readonly outcome: TaskOutcome;
      readonly why: string;
      readonly ms: number;
      /** Absolute paths by name. */
      readonly outputs: Readonly<Record<string, string>>;
    };

/** How a task ended. `skipped`: what it makes is there already. */
export type TaskOutcome = "done" | "skipped" | "failed" | "cancelled";
