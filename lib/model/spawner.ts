/** What to start as a process of its own. */
export interface SpawnSpec {
  /** The node's name; also `NOMOS_RUN_NODE` in its environment. */
  readonly name: string;
  /** What it is to its run: a node unless something else is said. */
  readonly role?: "node" | "runner";
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. The spawner adds the run's marks. */
  readonly env: Readonly<Record<string, string>>;
  /** Standard output and error are appended here. */
  readonly logFile: string;
}

/** How a process ended. */
export interface Exit {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: string | null;
}

export interface SpawnedProcess {
  readonly pid: number;
  /** When it started, in the units of `lib/host`'s process table; tells it from a later one with its pid. */
  readonly startTicks: number;
  /** Resolves when it has ended and was reaped. Never rejects. */
  readonly exited: Promise<Exit>;
}

export type ProcessSignal = "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT";

/** Starts and signals processes that are removed with the run, whatever happens to the runner. */
export interface Spawner {
  /** @throws CodedError NR-HOST-SPAWN when the program can't be started. */
  spawn(spec: SpawnSpec): Promise<SpawnedProcess>;
  /**
   * Has this program started with these arguments when the run is removed though the runner is gone: what removes things that
   * are no processes.
   * @param env its whole environment
   */
  atEnd(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void>;
  /** Whether the process was there to be signalled. */
  signal(pid: number, signal: ProcessSignal): Promise<boolean>;
}
