/** What a process is to its run. */
export type RunRole =
  /** Started by the runner for its own use: a tool, a task's command. */
  "runner" | "guardian" | "node";

/** A process, told apart from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /**
   * When it started, in ticks since boot (Linux) or seconds since 1970 (elsewhere). Only good for comparing with
   * another look at the same pid.
   */
  readonly startTicks: number;
}

/** The marks that every process started for a run carries in its environment. */
export interface RunMarks {
  readonly runId: string;
  readonly role: RunRole;
  /** Name of the node, when it is one. */
  readonly node?: string;
  /** The process that leads the run; a run whose runner is gone is a leftover. */
  readonly runner?: ProcessIdentity;
}

const RUN_ID = "NOMOS_RUN_ID";
const ROLE = "NOMOS_RUN_ROLE";
const NODE = "NOMOS_RUN_NODE";
const RUNNER = "NOMOS_RUN_RUNNER";

/** The marks as environment variables, to be added to the environment of a process. */
export function markVariables(marks: RunMarks): Record<string, string> {
  return {
    [RUN_ID]: marks.runId,
    [ROLE]: marks.role,
    ...(marks.node === undefined ? {} : { [NODE]: marks.node }),
    ...(marks.runner === undefined ? {} : { [RUNNER]: `${marks.runner.pid}@${marks.runner.startTicks}` }),
  };
}

/** The marks among these `NAME=value` strings, or null when they name no run. */
export function readMarks(variables: Iterable<string>): RunMarks | null {
  const found = new Map<string, string>();
  for (const variable of variables) {
    if (!variable.startsWith("NOMOS_RUN_")) continue;
    const equals = variable.indexOf("=");
    found.set(variable.slice(0, equals), variable.slice(equals + 1));
  }
  const runId = found.get(RUN_ID);
  if (!runId) return null;
  const role = found.get(ROLE);
  const node = found.get(NODE);
  const runner = /^(\d+)@(\d+)$/.exec(found.get(RUNNER) ?? "");
  return {
    runId,
    role: role === "guardian" || role === "node" ? role : "runner",
    ...(node ? { node } : {}),
    ...(runner ? { runner: { pid: Number(runner[1]), startTicks: Number(runner[2]) } } : {}),
  };
}
