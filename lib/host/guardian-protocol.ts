import type { ProcessSignal } from "../model/spawner.ts";

/** What the runner says to its guardian: one JSON object a line on the guardian's standard input. */
export type GuardianRequest =
  | {
      readonly type: "spawn";
      readonly id: number;
      readonly name: string;
      readonly role?: "node" | "runner";
      readonly command: string;
      readonly args: readonly string[];
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      readonly logFile: string;
    }
  | { readonly type: "signal"; readonly id: number; readonly pid: number; readonly signal: ProcessSignal }
  /** Delete this path (a socket, a file, a folder) when the run is removed. */
  | { readonly type: "remove-at-end"; readonly id: number; readonly path: string }
  /** Start this when the run is removed and the runner is gone, or the guardian was terminated. */
  | {
      readonly type: "at-end";
      readonly id: number;
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  /** Outlive the runner and hold the nodes until SIGTERM. */
  | { readonly type: "keep"; readonly id: number }
  /** Remove everything and end. */
  | { readonly type: "stop"; readonly id: number };

/** A process as a clean-up's report names it. */
export interface NamedProcess {
  readonly pid: number;
  readonly name: string;
}

/** What a guardian found when it removed its run. */
export interface GuardianReport {
  readonly removed: readonly NamedProcess[];
  readonly left: readonly NamedProcess[];
}

/** What a guardian says to its runner: one JSON object a line on its standard output. */
export type GuardianMessage =
  | { readonly type: "ready"; readonly pid: number; readonly startTicks: number }
  | { readonly type: "spawned"; readonly id: number; readonly pid: number; readonly startTicks: number }
  | { readonly type: "refused"; readonly id: number; readonly errno: string; readonly message: string }
  | { readonly type: "done"; readonly id: number; readonly delivered?: boolean; readonly report?: GuardianReport }
  /** `wallMs` is wall time in ms since 1970, when the guardian reaped it. */
  | {
      readonly type: "exited";
      readonly pid: number;
      readonly code: number | null;
      readonly signal: string | null;
      readonly wallMs: number;
    };

/** Splits a stream of UTF-8 chunks into lines; an unfinished last line is dropped, its writer died over it. */
export function lineSplitter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
}
