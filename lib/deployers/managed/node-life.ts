import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../core/clock.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import { waitFor } from "../../core/wait.ts";
import type { NodeConditions } from "../../model/conditions.ts";
import type { NodeClient } from "../../model/node-client.ts";
import type { ProcessSignal } from "../../model/spawner.ts";
import type { NodeExit, StartedNode } from "./driver.ts";

/** Time from SIGTERM to SIGKILL. */
const GRACE_MS = 5_000;
/** Time that the kernel has to end a node after SIGKILL; longer means that it hangs in a device. */
const KILL_TIMEOUT_MS = 5_000;
/** How long a node, perhaps one that boots, may take to be told its conditions; one call of it, and the pause between two. */
const IMPOSE_TIMEOUT_MS = 15_000;
const CALL_TIMEOUT_MS = 2_000;
const LOOK_INTERVAL_MS = 20;

/** What one start of a node is told through. */
export interface NodeLifeOptions {
  /** The node's name. */
  readonly name: string;
  /** How often the node was started, 1 for the first time. */
  readonly start: number;
  readonly started: StartedNode;
  readonly client: NodeClient;
  /** What its files begin it under. */
  readonly conditions: NodeConditions;
  readonly clock: Clock;
  /** Does what its end calls for; it is over when that is done. */
  onExit(life: NodeLife, exit: NodeExit): Promise<void>;
}

/** One start of a node, to its end. */
export class NodeLife {
  readonly start: number;
  readonly client: NodeClient;
  readonly #started: StartedNode;
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
    this.#started = options.started;
    this.client = options.client;
    this.#options = options;
    this.#conditions = options.conditions;
    this.#over = options.started.exited.then(async (exit) => {
      await options.onExit(this, exit);
      this.#isOver = true;
    });
  }

  /** Backend's own name for it. */
  get handle(): string {
    return this.#started.handle;
  }

  /** Whether its end was our doing; known once it has ended. */
  async endedAsAsked(): Promise<boolean> {
    return (await this.#ending) ?? false;
  }

  /** From now on its end is expected: the run is being removed. */
  expectEnd(): void {
    this.#ending ??= Promise.resolve(true);
  }

  /** SIGTERM, 5 s, SIGKILL. @throws CodedError NR-NODE-UNKILLABLE, NR-NODE-STATE when it had just ended */
  async stop(signal?: AbortSignal): Promise<void> {
    await this.#signal("SIGTERM", "stop");
    // A paused one gets its SIGTERM when it goes on.
    if (await this.isPaused()) await this.#started.signal("SIGCONT");
    if (await this.endsWithin(GRACE_MS, signal)) return;
    await this.kill();
  }

  /** @throws CodedError NR-NODE-UNKILLABLE, NR-NODE-STATE when it had just ended */
  async kill(): Promise<void> {
    await this.#signal("SIGKILL", "kill");
    if (await this.endsWithin(KILL_TIMEOUT_MS)) return;
    const message = `${this.#options.name} (${this.handle}) still lives 5s after SIGKILL`;
    throw new CodedError("NR-NODE-UNKILLABLE", message, {
      hint: "Look at the /proc/PID/stack of its process: it probably waits for a disk.",
    });
  }

  /** Freezes it or lets it go on, and waits until the backend shows it so. */
  async setPaused(paused: boolean, signal?: AbortSignal): Promise<void> {
    const { name, clock } = this.#options;
    const act = paused ? "pause" : "resume";
    if (!(await this.#started.signal(paused ? "SIGSTOP" : "SIGCONT"))) throw wrongState(act, name, "it had just ended");
    await waitFor({
      clock,
      what: `${this.handle} of ${name} to ${act}`,
      timeoutMs: KILL_TIMEOUT_MS,
      intervalMs: LOOK_INTERVAL_MS,
      ...(signal ? { signal } : {}),
      look: async () => {
        const look = await this.#started.look();
        if (!look) throw wrongState(act, name, "it has ended");
        return look.paused === paused
          ? { done: true, value: undefined }
          : { done: false, seen: look.paused ? "it is paused" : "it runs" };
      },
    });
  }

  /** Whether the backend shows it frozen. */
  async isPaused(): Promise<boolean> {
    return (await this.#started.look())?.paused ?? false;
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
        if (this.#isOver || (await this.isPaused())) return { done: true, value: undefined };
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

  /** Signals it, so that its end counts as ours only if the signal found it alive. */
  async #signal(signal: ProcessSignal, act: string): Promise<void> {
    const delivered = this.#started.signal(signal);
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
  return new CodedError("NR-NODE-STATE", `can't ${act} ${name}: ${state}`);
}
