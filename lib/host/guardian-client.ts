import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Clock } from "../core/clock.ts";
import { CodedError, errorText } from "../core/errors.ts";
import { withDeadline } from "../core/wait.ts";
import type { Exit, SpawnedProcess, Spawner, SpawnSpec } from "../model/spawner.ts";
import { type GuardianMessage, type GuardianReport, type GuardianRequest, lineSplitter } from "./guardian-protocol.ts";
import { permissionError } from "./permission.ts";
import { identify } from "./processes.ts";
import { markVariables, type ProcessIdentity } from "./run-marks.ts";
import { type SelfCommand, selfCommand } from "./self.ts";

/** How long the guardian may take to start, and to answer: it does nothing that takes longer. */
const ANSWER_TIMEOUT_MS = 15_000;

/** A process that the guardian started. */
export interface GuardedProcess extends SpawnedProcess, ProcessIdentity {
  readonly exited: Promise<GuardedExit>;
}

export interface GuardedExit extends Exit {
  /** Wall time in ms since 1970 when the guardian reaped it. */
  readonly wallMs: number;
}

/** The runner's hold on its guardian. When the runner ends, however it ends, the guardian removes the run. */
export interface Guardian extends Spawner, ProcessIdentity {
  spawn(spec: SpawnSpec): Promise<GuardedProcess>;
  /** Calls back for the end of every process it started; returns the unsubscriber. */
  onExit(listener: (exit: GuardedExit) => void): () => void;
  /** Deletes this path, a socket or file or folder outside the run folder, when the run is removed. */
  removeAtEnd(path: string): Promise<void>;
  /**
   * Resolves with NR-HOST-GUARDIAN-DIED when the guardian ends without being told to. The runner then has to remove
   * its run itself: `sweepProcesses`.
   */
  readonly died: Promise<CodedError>;
  /** Removes every process of the run, then ends the guardian. */
  stop(): Promise<GuardianReport>;
  /** Lets the guardian hold the nodes after this process has ended, until somebody sends it SIGTERM. */
  keep(): Promise<void>;
}

export interface GuardianOptions {
  readonly runId: string;
  readonly clock: Clock;
  /** Its own log, appended to. */
  readonly logFile: string;
  /** Its working directory. */
  readonly cwd: string;
  /** How the program starts itself; only tests give another. */
  readonly self?: (args: readonly string[]) => SelfCommand;
}

type RequestBody = GuardianRequest extends infer R ? (R extends GuardianRequest ? Omit<R, "id"> : never) : never;

/**
 * Starts the guardian of a run, in a session of its own and held by a pipe.
 * @throws CodedError NR-HOST-GUARDIAN-START
 */
export async function startGuardian(options: GuardianOptions): Promise<Guardian> {
  const { clock, runId, logFile, self = selfCommand } = options;
  const startFailed = (cause: unknown) =>
    permissionError(cause) ??
    new CodedError("NR-HOST-GUARDIAN-START", `the guardian did not start: ${errorText(cause)}`, {
      hint: `What it said is in ${logFile}.`,
      cause,
    });
  let child: ChildProcess;
  try {
    child = launch(options);
  } catch (error) {
    throw startFailed(error);
  }

  const answers = new Map<number, PromiseWithResolvers<Answer>>();
  const ends = new Map<number, (exit: GuardedExit) => void>();
  const listeners = new Set<(exit: GuardedExit) => void>();
  const ready = Promise.withResolvers<ProcessIdentity>();
  const died = Promise.withResolvers<CodedError>();
  let lastId = 0;
  let expectedToEnd = false;
  let over: CodedError | undefined;

  const receive = (message: GuardianMessage) => {
    switch (message.type) {
      case "ready":
        return ready.resolve(message);
      case "exited": {
        const { type: _, ...exit } = message;
        ends.get(exit.pid)?.(exit);
        ends.delete(exit.pid);
        for (const listener of listeners) listener(exit);
        return;
      }
      default: {
        const exited = Promise.withResolvers<GuardedExit>();
        if (message.type === "spawned") ends.set(message.pid, exited.resolve);
        answers.get(message.id)?.resolve({ message, exited: exited.promise });
        answers.delete(message.id);
      }
    }
  };
  const onGone = (how: string) => {
    if (over) return;
    over = new CodedError("NR-HOST-GUARDIAN-DIED", `the guardian of run ${runId} ended: ${how}`, {
      hint: `Its last words are in ${logFile}. \`nomos-run clean ${runId}\` removes what is left.`,
    });
    ready.reject(over);
    for (const answer of answers.values()) answer.reject(over);
    answers.clear();
    if (!expectedToEnd) died.resolve(over);
  };
  const onLine = (line: string) => receive(JSON.parse(line) as GuardianMessage);
  child.stdout?.setEncoding("utf8").on("data", lineSplitter(onLine));
  // Writing fails when the guardian is gone, which `close` tells with the reason.
  child.stdin?.on("error", () => undefined);
  child.once("error", (error) => onGone(errorText(error)));
  // `close` comes after everything that it said was read.
  child.once("close", (code, signal) => onGone(signal ?? `code ${code}`));

  const ask = (body: RequestBody): Promise<Answer> => {
    if (over) return Promise.reject(over);
    const id = ++lastId;
    const answer = Promise.withResolvers<Answer>();
    answers.set(id, answer);
    child.stdin?.write(`${JSON.stringify({ ...body, id })}\n`);
    const what = `the guardian's answer to ${body.type}`;
    return withDeadline({ clock, what, timeoutMs: ANSWER_TIMEOUT_MS }, () => answer.promise);
  };

  const identity = await withDeadline(
    { clock, what: "the start of the guardian", timeoutMs: ANSWER_TIMEOUT_MS },
    () => ready.promise,
  ).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw startFailed(error);
  });

  return {
    pid: identity.pid,
    startTicks: identity.startTicks,
    died: died.promise,

    async spawn(spec) {
      const { message, exited } = await ask({ type: "spawn", ...spec });
      if (message.type !== "spawned") throw spawnError(spec, message);
      return { pid: message.pid, startTicks: message.startTicks, exited };
    },
    async signal(pid, signal) {
      const { message } = await ask({ type: "signal", pid, signal });
      return message.type === "done" && message.delivered === true;
    },
    async atEnd(args, env) {
      await ask({ type: "at-end", ...self(args), env });
    },
    async removeAtEnd(path) {
      await ask({ type: "remove-at-end", path });
    },
    onExit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async keep() {
      await ask({ type: "keep" });
      expectedToEnd = true;
      child.unref();
      child.stdin?.destroy();
      child.stdout?.destroy();
    },
    async stop() {
      expectedToEnd = true;
      const closed = new Promise((resolve) => child.once("close", resolve));
      const { message } = await ask({ type: "stop" });
      await closed;
      return (message.type === "done" && message.report) || { removed: [], left: [] };
    },
  };
}

/** An answer, and for a process that was spawned the promise of its end: both can come in one chunk. */
interface Answer {
  readonly message: GuardianMessage;
  readonly exited: Promise<GuardedExit>;
}

function launch({ runId, logFile, cwd, self = selfCommand }: GuardianOptions): ChildProcess {
  const runner = identify(process.pid);
  const { command, args } = self(["guardian", "--log", logFile]);
  const log = openSync(logFile, "a");
  try {
    return spawn(command, args, {
      cwd,
      env: markVariables({ runId, role: "guardian", ...(runner ? { runner } : {}) }),
      detached: true,
      stdio: ["pipe", "pipe", log],
    });
  } finally {
    closeSync(log);
  }
}

/** What to do about the reasons for which a program does not start. */
const SPAWN_HINTS: Readonly<Record<string, (spec: SpawnSpec) => string>> = {
  ENOENT: () => "Check that this path exists.",
  EACCES: ({ command }) => `Check that ${command} may be executed.`,
  ENOSPC: ({ logFile }) => `Free some space on the disk of ${logFile}, or choose another with --out.`,
  EAGAIN: () => "The limit of processes is reached: raise it (`ulimit -u`) or run fewer nodes.",
};

function spawnError(spec: SpawnSpec, answer: GuardianMessage): CodedError {
  if (answer.type !== "refused") return new CodedError("NR-CORE-INTERNAL", `unexpected answer ${answer.type} to spawn`);
  const hint = SPAWN_HINTS[answer.errno]?.(spec);
  return new CodedError("NR-HOST-SPAWN", `could not start ${spec.name}: ${answer.message}`, hint ? { hint } : {});
}
