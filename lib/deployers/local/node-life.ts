import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../core/clock.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import { waitFor } from "../../core/wait.ts";
import { lookAt } from "../../host/processes.ts";
import type { NodeConditions } from "../../model/conditions.ts";
import type { NodeClient } from "../../model/node-client.ts";
import type { Exit, ProcessSignal, SpawnedProcess, Spawner } from "../../model/spawner.ts";

/** Time from SIGTERM to SIGKILL. */
const GRACE_MS = 5_000;
/** Time that the kernel has to end a process after SIGKILL; longer means that it hangs in a device. */
const KILL_TIMEOUT_MS = 5_000;
/** How long a node, perhaps one that boots, may take to be told its conditions; one call of it, and the pause between two. */
const IMPOSE_TIMEOUT_MS = 15_000;
const CALL_TIMEOUT_MS = 2_000;
const LOOK_INTERVAL_MS = 20;

/** What one process of a node is told through. */
export interface NodeLifeOptions {
  /** The node's name. */
  readonly name: string;
  /** How often the node was started, 1 for the first time. */
  readonly start: number;
  readonly process: SpawnedProcess;
  readonly client: NodeClient;
  /** What its files begin it under. */
  readonly conditions: NodeConditions;
  readonly spawner: Spawner;
  readonly clock: Clock;
  /** Does what its end calls for; it is over when that is done. */
  onExit(life: NodeLife, exit: Exit): Promise<void>;
}

/** One process of a node, from its start to its end. */
export class NodeLife {
  readonly start: number;
  readonly process: SpawnedProcess;
  readonly client: NodeClient;
  readonly #options: NodeLifeOptions;
  /** What it was last put under. */
  #conditions: NodeConditions;
  /** Set when an end of it is our doing: whether our signal found it alive. */
  #ending: Promise<boolean> | null = null;
  /** Resolves when it has ended and everybody was told. */
  readonly #over: Promise<void>;
  #isOver = false;

  constructor(options: NodeLifeOptions) {
    this.start = options.start;
    this.process = options.process;
    this.client = options.client;
    this.#options = options;
    this.#conditions = options.conditions;
    this.#over = options.process.exited.then(async (exit) => {
      await options.onExit(this, exit);
      this.#isOver = true;
    });
  }

  /** Whether its end was our doing; known once it has ended. */
  async endedAsAsked(): Promise<boolean> {
    return (await this.#ending) ?? false;
  }

  /** From now on its end is expected: the run is being removed. */
  expectEnd(): void {
    this.#ending ??= Promise.resolve(true);
  }

  /** SIGTERM, 5 s, SIGKILL. @throws CodedError NR-LOCAL-UNKILLABLE, NR-LOCAL-NODE-STATE when it had just ended */
  async stop(signal?: AbortSignal): Promise<void> {
    await this.#signal("SIGTERM", "stop");
    // A paused process gets its SIGTERM when it goes on.
    if (lookAt(this.process)?.paused) await this.#options.spawner.signal(this.process.pid, "SIGCONT");
    if (await this.endsWithin(GRACE_MS, signal)) return;
    await this.kill();
  }

  /** @throws CodedError NR-LOCAL-UNKILLABLE, NR-LOCAL-NODE-STATE when it had just ended */
  async kill(): Promise<void> {
    await this.#signal("SIGKILL", "kill");
    if (await this.endsWithin(KILL_TIMEOUT_MS)) return;
    const { pid } = this.process;
    throw new CodedError("NR-LOCAL-UNKILLABLE", `${this.#options.name} (pid ${pid}) still lives 5s after SIGKILL`, {
      hint: `Look at /proc/${pid}/stack: it probably waits for a disk.`,
    });
  }

  /** Freezes it or lets it go on, and waits until the kernel shows it so. */
  async setPaused(paused: boolean, signal?: AbortSignal): Promise<void> {
    const { name, spawner, clock } = this.#options;
    const act = paused ? "pause" : "resume";
    const { pid } = this.process;
    if (!(await spawner.signal(pid, paused ? "SIGSTOP" : "SIGCONT"))) throw wrongState(act, name, "it had just ended");
    await waitFor({
      clock,
      what: `pid ${pid} of ${name} to ${act}`,
      timeoutMs: KILL_TIMEOUT_MS,
      intervalMs: LOOK_INTERVAL_MS,
      ...(signal ? { signal } : {}),
      look: () => {
        const look = lookAt(this.process);
        if (!look) throw wrongState(act, name, "it has ended");
        return look.paused === paused
          ? { done: true, value: undefined }
          : { done: false, seen: look.paused ? "it is paused" : "it runs" };
      },
    });
  }

  /** Whether the kernel shows it frozen. */
  get isPaused(): boolean {
    return lookAt(this.process)?.paused ?? false;
  }

  /** Puts it under these conditions; one that is paused or ends meanwhile begins under them later. */
  async impose(conditions: NodeConditions, signal?: AbortSignal): Promise<void> {
    if (isDeepStrictEqual(conditions, this.#conditions)) return;
    const { name, clock, client } = this.#options;
    const impose = client.impose?.bind(client);
    if (!impose) throw wrongState("change the links or the clock of", name, "its kind can't do that");
    await waitFor({
      clock,
      what: `${name} to take conditions of its links and clock`,
      timeoutMs: IMPOSE_TIMEOUT_MS,
      intervalMs: LOOK_INTERVAL_MS,
      ...(signal ? { signal } : {}),
      look: async () => {
        if (this.#isOver || this.isPaused) return { done: true, value: undefined };
        try {
          await impose(conditions, { timeoutMs: CALL_TIMEOUT_MS, ...(signal ? { signal } : {}) });
          this.#conditions = conditions;
          return { done: true, value: undefined };
        } catch (thrown) {
          signal?.throwIfAborted();
          return { done: false, seen: errorText(thrown) };
        }
      },
    });
  }

  /** Whether it was over, and everybody told, within this time. Rejects when the caller's signal aborts first. */
  async endsWithin(timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    const cancel = new AbortController();
    const signals = signal ? [signal, cancel.signal] : [cancel.signal];
    const late = this.#options.clock.sleep(timeoutMs, AbortSignal.any(signals)).then(
      () => false,
      (reason: unknown) => {
        // Cancelled here below means that the race is decided; cancelled by the caller is the caller's to be told.
        if (signal?.aborted) throw reason;
        return false;
      },
    );
    late.catch(() => undefined); // When the process ended first, the caller's abort comes too late to matter.
    try {
      return await Promise.race([this.#over.then(() => true), late]);
    } finally {
      cancel.abort();
    }
  }

  /** Signals this process, so that its end counts as ours only if the signal found it alive. */
  async #signal(signal: ProcessSignal, act: string): Promise<void> {
    const delivered = this.#options.spawner.signal(this.process.pid, signal);
    const before = this.#ending;
    this.#ending = delivered.then(
      async (found) => found || ((await before) ?? false),
      () => false,
    );
    if (await delivered) return;
    await this.endsWithin(KILL_TIMEOUT_MS);
    if (before === null) throw wrongState(act, this.#options.name, "it had just ended");
  }
}

/** An act that doesn't fit the state that a node is in. */
export function wrongState(act: string, name: string, state: string): CodedError {
  return new CodedError("NR-LOCAL-NODE-STATE", `can't ${act} ${name}: ${state}`);
}
