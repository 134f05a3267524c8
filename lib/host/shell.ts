import { type ChildProcess, spawn } from "node:child_process";
import { $, type LogEntry } from "zx/core";
import type { Clock } from "../core/clock.ts";
import { CodedError, systemCode } from "../core/errors.ts";
import type { Shell } from "../model/shell.ts";
import { commandWords, quoteWord } from "./command-words.ts";
import { findTool } from "./find-tool.ts";

/** Time between SIGTERM and SIGKILL for commands that are to end. */
const GRACE_MS = 3_000;
const LOOK_MS = 20;

/** A shell for commands, and the end of all that it started. */
export interface OpenShell {
  /** zx's `$`. */
  readonly $: Shell;
  /** Ends whatever still runs of it: SIGTERM to each command's process group, and SIGKILL 3 s later. */
  close(): Promise<void>;
}

export interface ShellOptions {
  /** Where commands run. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Ends commands when it aborts; none starts afterwards. */
  readonly signal: AbortSignal;
  /** Is told every line that a command writes, and each command as it starts. */
  readonly onLine?: (line: string, from: "command" | "output") => void;
}

/**
 * Opens zx for commands of a task or workload. They run in bash where there is one, as zx's own do, else in sh; where
 * there is no shell at all, a command that is one program with its arguments is run directly and any other is refused.
 */
export function openShell({ folder, env, clock, signal, onLine }: ShellOptions): OpenShell {
  const running = new Set<ChildProcess>();
  const start = ((command: string, _: readonly string[], options: Parameters<typeof spawn>[2]) => {
    if (signal.aborted) throw signal.reason;
    // zx's own abort kills the shell alone; here the whole group is ended, in close().
    const { signal: _own, shell, ...rest } = options as typeof options & { signal?: AbortSignal };
    const own = { ...rest, detached: true };
    const child =
      shell === DIRECTLY ? spawnDirectly(command, own) : spawn(command, [], { ...own, ...(shell && { shell }) });
    if (child.pid !== undefined) running.add(child);
    child.once("close", () => running.delete(child));
    return child;
  }) as unknown as typeof spawn;

  const closing = () => void close();
  const close = async () => {
    signal.removeEventListener("abort", closing);
    signalGroups(running, "SIGTERM");
    const deadline = clock.now() + GRACE_MS;
    while (running.size > 0 && clock.now() < deadline) await clock.sleep(LOOK_MS);
    signalGroups(running, "SIGKILL");
  };
  signal.addEventListener("abort", closing, { once: true });

  return {
    close,
    $: $({
      ...dialect(env),
      cwd: folder,
      env: env as NodeJS.ProcessEnv,
      spawn: start,
      verbose: false,
      quiet: true,
      nothrow: false,
      sync: false,
      log: logTo(onLine),
    }) as unknown as Shell,
  };
}

/** What zx tells of its commands, as whole lines. */
function logTo(onLine: ShellOptions["onLine"] = () => undefined): (entry: LogEntry) => void {
  const unended = new Map<string, string>();
  const tell = (line: string) => {
    if (line.trim() !== "") onLine(line.trimEnd(), "output");
  };
  return (entry) => {
    if (entry.kind === "cmd") onLine(entry.cmd.trim(), "command");
    if (entry.kind === "stdout" || entry.kind === "stderr") {
      const stream = `${entry.id} ${entry.kind}`;
      const lines = `${unended.get(stream) ?? ""}${entry.data.toString()}`.split(/[\r\n]/);
      unended.set(stream, lines.pop() ?? "");
      for (const line of lines) tell(line);
    }
    if (entry.kind === "end") {
      for (const [stream, rest] of unended) {
        if (!stream.startsWith(`${entry.id} `)) continue;
        tell(rest);
        unended.delete(stream);
      }
    }
  };
}

/** In place of a shell's path. */
const DIRECTLY = "directly";

/** How commands are written for the shell that is here. */
function dialect(env: ShellOptions["env"]) {
  const bash = findTool("bash", env);
  if (bash !== null) return { shell: bash, prefix: "set -euo pipefail;", postfix: "", quote: quoteWord };
  const sh = findTool("sh", env) ?? findTool("/bin/sh", env);
  if (sh !== null) return { shell: sh, prefix: "set -eu;", postfix: "", quote: quoteWord };
  return { shell: DIRECTLY, prefix: "", postfix: "", quote: quoteWord };
}

function spawnDirectly(command: string, options: object): ChildProcess {
  const [program = "", ...args] = commandWords(command);
  return spawn(program, args, options);
}

function signalGroups(running: ReadonlySet<ChildProcess>, name: NodeJS.Signals): void {
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, name);
    } catch (error) {
      // The group has just ended; another user's (sudo) can't be signalled, and is left to its owner.
      if (systemCode(error) !== "ESRCH" && systemCode(error) !== "EPERM") throw error;
    }
  }
}

/**
 * A command's failure as an error that says what it said last; null when it was not a command that failed.
 * @param command as it was run
 */
export function commandError(thrown: unknown, command: string): CodedError | null {
  const output = thrown as { exitCode?: unknown; signal?: unknown; stdall?: unknown; cause?: unknown } | null;
  if (!(thrown instanceof Error) || typeof output?.stdall !== "string") return null;
  if (output.cause instanceof CodedError) return output.cause;
  const how =
    typeof output.signal === "string" ? `was ended by ${output.signal}` : `ended with ${String(output.exitCode)}`;
  const said = output.stdall.trim().split("\n").slice(-SHOWN_LINES).join("\n    ");
  return new CodedError("NR-HOST-COMMAND", `${command} ${how}${said === "" ? " and said nothing" : `:\n    ${said}`}`, {
    hint: "--verbose shows all that it said.",
    cause: thrown,
  });
}

/** Lines of a failed command that are shown. */
const SHOWN_LINES = 20;
