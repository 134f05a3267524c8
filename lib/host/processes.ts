import type { Clock } from "../core/clock.ts";
import { systemCode } from "../core/errors.ts";
import { type MarkedProcess, type ProcessLook, type ProcessTable, processTable } from "./process-table.ts";
import type { ProcessIdentity } from "./run-marks.ts";

/** Pause between two looks at the world while something must disappear. */
const LOOK_INTERVAL_MS = 20;

/** The process as it stands now, or null when it ended; a later process with its pid doesn't count. */
export function lookAt(identity: ProcessIdentity, table: ProcessTable = processTable): ProcessLook | null {
  const look = table.look(identity.pid);
  return look && look.startTicks === identity.startTicks ? look : null;
}

/** Identity of the process that has this pid now, or null. */
export function identify(pid: number, table: ProcessTable = processTable): ProcessIdentity | null {
  const look = table.look(pid);
  return look && { pid, startTicks: look.startTicks };
}

/**
 * Sends a signal to this very process, never to a later one that got its pid.
 * @returns whether it was there
 */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals, table = processTable): boolean {
  if (!lookAt(identity, table)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
    throw error;
  }
}

/** Every living process of a run, this one excepted. */
export function processesOf(runId: string, table: ProcessTable = processTable): MarkedProcess[] {
  return table.marked().filter((found) => found.runId === runId);
}

/** What a sweep did. */
export interface Sweep {
  /** Processes that were there and are gone. */
  readonly removed: readonly MarkedProcess[];
  /** Processes that were still there at the deadline, or that we may not signal. */
  readonly left: readonly MarkedProcess[];
}

export interface SweepOptions {
  readonly runId: string;
  readonly clock: Clock;
  /** How long processes have between SIGTERM and SIGKILL; 0, the default, kills at once. */
  readonly graceMs?: number;
  /** When to give up, counted from the end of the grace; 5 s by default. */
  readonly timeoutMs?: number;
  /** Leaves these out: a process that must live on. */
  readonly except?: (found: MarkedProcess) => boolean;
  readonly table?: ProcessTable;
}

/**
 * Removes every process of a run from the machine, until two looks in a row find none: one that was being created
 * during the first look is found by the second. Never throws for what it can't remove.
 */
export async function sweepProcesses(options: SweepOptions): Promise<Sweep> {
  const { runId, clock, graceMs = 0, timeoutMs = 5_000, except = () => false, table = processTable } = options;
  const seen = new Map<string, MarkedProcess>();
  const pass = (signalsFor: (isNew: boolean) => readonly NodeJS.Signals[]) => {
    const found = processesOf(runId, table).filter((process) => !except(process));
    for (const process of found) {
      const id = `${process.pid}@${process.startTicks}`;
      for (const signal of signalsFor(!seen.has(id))) trySignal(process, signal, table);
      seen.set(id, process);
    }
    return found;
  };

  if (graceMs > 0) {
    const graceEnd = clock.now() + graceMs;
    // A paused process can't act on SIGTERM, so it is woken too. Each is asked once: a second SIGTERM means haste to some.
    const ask = () => pass((isNew) => (isNew ? ["SIGTERM", "SIGCONT"] : []));
    while (ask().length > 0 && clock.now() < graceEnd) await clock.sleep(LOOK_INTERVAL_MS);
  }

  const deadline = clock.now() + timeoutMs;
  let emptyPasses = 0;
  let left: MarkedProcess[] = [];
  while (emptyPasses < 2) {
    left = pass(() => ["SIGKILL"]);
    emptyPasses = left.length === 0 ? emptyPasses + 1 : 0;
    if (left.length > 0 && clock.now() >= deadline) break;
    if (emptyPasses < 2) await clock.sleep(LOOK_INTERVAL_MS);
  }
  const remaining = new Set(left.map((process) => `${process.pid}@${process.startTicks}`));
  return { removed: [...seen].filter(([id]) => !remaining.has(id)).map(([, process]) => process), left };
}

function trySignal(identity: ProcessIdentity, signal: NodeJS.Signals, table: ProcessTable): void {
  try {
    signalProcess(identity, signal, table);
  } catch (error) {
    // Another user's process: it stays in the world, so the sweep names it as left.
    if (systemCode(error) !== "EPERM") throw error;
  }
}
