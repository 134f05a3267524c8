import type { Clock } from "../core/clock.ts";
import { type MarkedProcess, type ProcessTable, processTable } from "./process-table.ts";
import { lookAt, type Sweep, sweepProcesses } from "./processes.ts";
import type { ProcessIdentity } from "./run-marks.ts";

/** A run that has processes on this machine, as the world shows it. */
export interface RunOnMachine {
  readonly runId: string;
  /**
   * `running`: its runner lives. `kept`: the runner has ended and the guardian holds the nodes (or is just removing
   * them). `leftover`: nobody looks after what is left.
   */
  readonly state: "running" | "kept" | "leftover";
  readonly runner: ProcessIdentity | null;
  readonly guardian: MarkedProcess | null;
  /** Everything but the guardian, nodes first, by name. */
  readonly processes: readonly MarkedProcess[];
}

/** Every run that has a process on this machine, oldest first; found by their marks, not from any file. */
export function listRuns(table: ProcessTable = processTable): RunOnMachine[] {
  const byRun = Map.groupBy(table.marked(), (found) => found.runId);
  return [...byRun]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([runId, found]) => {
      const guardian = found.find((process) => process.role === "guardian") ?? null;
      const marked = found.find((process) => process.runner !== undefined)?.runner;
      const runner = marked && lookAt(marked, table) ? marked : null;
      return {
        runId,
        state: runner ? "running" : guardian ? "kept" : "leftover",
        runner,
        guardian,
        processes: found
          .filter((process) => process !== guardian)
          .sort((a, b) => (a.node ?? "~").localeCompare(b.node ?? "~") || a.pid - b.pid),
      };
    });
}

/**
 * Removes what a run left on this machine: everything that carries its mark is asked to end and then killed. A guardian
 * among it also removes sockets and files outside the run folder.
 * @param graceMs time from SIGTERM to SIGKILL; 7 s by default, more than the guardian gives its nodes, so that it can
 *   finish its own removals
 */
export async function cleanRun(options: {
  runId: string;
  clock: Clock;
  graceMs?: number;
  table?: ProcessTable;
}): Promise<Sweep> {
  return sweepProcesses({ graceMs: 7_000, ...options });
}
