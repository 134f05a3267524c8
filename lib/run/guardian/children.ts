import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { systemCode } from "../../core/errors.ts";
import { identify } from "../../host/processes.ts";
import { markVariables, type ProcessIdentity } from "../../host/run-marks.ts";
import type { ProcessSignal, SpawnSpec } from "../../model/spawner.ts";

/** A process that this guardian started and has not reaped. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly process: ChildProcess;
}

/** The book of what a guardian started: exact, since only it starts nodes and only it reaps them. */
export interface Children {
  /** @throws a system error when the program, its folder or its log can't be opened. */
  spawn(spec: SpawnSpec): Promise<ProcessIdentity>;
  /** Whether the process was there to be signalled. */
  signal(pid: number, signal: ProcessSignal): boolean;
  /** Signals the process group of each child, which holds what a child started in its own session. */
  signalGroups(signal: ProcessSignal): void;
  living(): readonly Child[];
  /** Resolves when every child has ended and its end was told. */
  reaped(): Promise<void>;
}

/** A book for this run that calls back for every end. */
export function openChildren(options: {
  runId: string;
  runner: ProcessIdentity | undefined;
  onExit: (child: Child, code: number | null, signal: string | null) => void;
}): Children {
  const { runId, runner, onExit } = options;
  const living = new Map<number, Child>();

  return {
    async spawn(spec) {
      const log = openSync(spec.logFile, "a");
      try {
        const started = spawn(spec.command, spec.args, {
          cwd: spec.cwd,
          env: {
            ...spec.env,
            ...markVariables({ runId, role: spec.role ?? "node", node: spec.name, ...(runner ? { runner } : {}) }),
          },
          // A session of its own: a terminal's Ctrl-C, which goes to the foreground group, must not reach it.
          detached: true,
          stdio: ["ignore", log, log],
        });
        const { pid } = started;
        if (pid === undefined) throw await spawnFailure(started, spec);
        const child = { name: spec.name, pid, process: started };
        living.set(pid, child);
        started.once("exit", (code, signal) => {
          living.delete(pid);
          onExit(child, code, signal);
        });
        // Nothing to compare with when it has ended already.
        return identify(pid) ?? { pid, startTicks: 0 };
      } finally {
        closeSync(log);
      }
    },

    signal(pid, signal) {
      return living.get(pid)?.process.kill(signal) ?? false;
    },

    signalGroups(signal) {
      for (const { pid } of living.values()) {
        try {
          // No pid here can have been given to another process: none was reaped yet.
          process.kill(-pid, signal);
        } catch (error) {
          // It became another user's: the sweep that follows names it as left.
          if (systemCode(error) !== "EPERM") throw error;
        }
      }
    },

    living: () => [...living.values()],

    async reaped() {
      await Promise.all([...living.values()].map((child) => once(child.process, "exit")));
    },
  };
}

async function spawnFailure(started: ChildProcess, spec: SpawnSpec): Promise<Error> {
  const error = await new Promise<Error>((resolve) => started.once("error", resolve));
  // The kernel says ENOENT for both, and Node then names the program.
  if (existsSync(spec.cwd)) return error;
  return Object.assign(new Error(`the working directory ${spec.cwd} doesn't exist`), { code: "ENOENT" });
}
