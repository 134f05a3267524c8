import { rm } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../core/clock.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import { waitFor } from "../../core/wait.ts";
import { lookAt } from "../../host/processes.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { Node, NodeEnd } from "../../model/cluster.ts";
import { CLEAR_CONDITIONS, type NodeConditions } from "../../model/conditions.ts";
import type { EventSink } from "../../model/events.ts";
import type { Inventory } from "../../model/inventory.ts";
import type { NodeClient } from "../../model/node-client.ts";
import type { Exit, ProcessSignal, SpawnedProcess, Spawner } from "../../model/spawner.ts";
import { listenAddresses } from "./addresses.ts";
import type { DeliveredNode } from "./deploy.ts";
import { firstTaken } from "./listeners.ts";
import { describeTaken } from "./reserve.ts";

/** Time from SIGTERM to SIGKILL. */
const GRACE_MS = 5_000;
/** Time that the kernel has to end a process after SIGKILL; longer means that it hangs in a device. */
const KILL_TIMEOUT_MS = 5_000;
/** How long a node, perhaps one that boots, may take to be told its conditions; one call of it, and the pause between two. */
const IMPOSE_TIMEOUT_MS = 15_000;
const CALL_TIMEOUT_MS = 2_000;
const LOOK_INTERVAL_MS = 20;
/** Exit code of a node that could not listen on one of its ports; its log says `NR-NODE-PORT`. */
const EXIT_PORT_TAKEN = 3;

/** What a node's processes are started with and told through. */
export interface NodeProcessOptions {
  readonly files: DeliveredNode;
  readonly bound: BoundNode;
  readonly spawner: Spawner;
  readonly inventory: Inventory;
  readonly events: EventSink;
  readonly clock: Clock;
  /** What faults impose on it now. */
  conditions(): NodeConditions;
  connect(): NodeClient;
  onEnd(end: NodeEnd): void;
}

/** One process of the node, from its start to its end. */
interface Life {
  readonly start: number;
  readonly process: SpawnedProcess;
  readonly client: NodeClient;
  /** What it was last put under. */
  conditions: NodeConditions;
  /** Set when an end of it is our doing: whether our signal found it alive. */
  ending: Promise<boolean> | null;
  /** Resolves when it has ended and everybody was told. */
  readonly over: Promise<void>;
}

/** One node of the run and the processes that it is, one at a time. Acts on it wait for one another. */
export class NodeProcess {
  readonly #options: NodeProcessOptions;
  #starts = 0;
  /** What its files begin a start under. */
  #rendered = CLEAR_CONDITIONS;
  #life: Life | null = null;
  #why: string | undefined;
  #lastAct: Promise<unknown> = Promise.resolve();

  constructor(options: NodeProcessOptions) {
    this.#options = options;
  }

  /** Of its process; null while there is none. */
  get pid(): number | null {
    return this.#life?.process.pid ?? null;
  }

  /** The node as it stands now. */
  view(): Node {
    const { planned } = this.#options.files;
    const { bound } = this.#options;
    const life = this.#life;
    if (!life) return { state: "stopped", planned, bound, ...(this.#why === undefined ? {} : { why: this.#why }) };
    return {
      state: "running",
      planned,
      bound,
      client: life.client,
      start: life.start,
      handle: `pid ${life.process.pid}`,
    };
  }

  /** The node's first start, on addresses that were just found free, unless it is to join late. */
  async startWithOthers(): Promise<void> {
    if (!this.#options.files.planned.joinsLate) await this.#inTurn(() => this.#spawn("run"));
  }

  /**
   * Starts it again, with the same files and addresses.
   * @throws CodedError NR-LOCAL-PORT-TAKEN when somebody took one of its ports while it was down
   */
  async start(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#startAgain(), signal);
  }

  /** SIGTERM, 5 s, SIGKILL. */
  async stop(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#stop(signal), signal);
  }

  async kill(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#kill(this.#alive("kill")), signal);
  }

  async restart(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      await this.#stop(signal);
      signal?.throwIfAborted();
      await this.#startAgain();
    }, signal);
  }

  /** Freezes it, and waits until the kernel shows it frozen. */
  async pause(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#setPaused(true, signal), signal);
  }

  /** Lets it go on, under the conditions that hold by now. */
  async resume(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#life || !lookAt(this.#life.process)?.paused) return;
      await this.#setPaused(false, signal);
      await this.#impose(signal);
    }, signal);
  }

  /** Deletes its state. */
  async wipe(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#life) throw this.#wrongState("wipe", `it is running as pid ${this.#life.process.pid}`);
      await Promise.all(this.#options.files.state.map((path) => rm(path, { recursive: true, force: true })));
    }, signal);
  }

  /** Puts it under the conditions that hold by now; one that is paused or not there begins under them later. */
  async impose(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#impose(signal), signal);
  }

  /** From now on its end is expected: the run is being removed. */
  expectEnd(): void {
    if (this.#life) this.#life.ending ??= Promise.resolve(true);
  }

  /** Waits until its end was noticed, at most this long; whether it was. */
  async endNoticed(timeoutMs: number): Promise<boolean> {
    return !this.#life || this.#isOver(this.#life, timeoutMs);
  }

  /** Runs acts one after another; one that fails doesn't stop the next. */
  #inTurn<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.#lastAct.then(() => {
      signal?.throwIfAborted();
      return act();
    });
    this.#lastAct = turn.catch(() => undefined); // Its caller is told; the next act begins all the same.
    return turn;
  }

  async #startAgain(): Promise<void> {
    const { bound } = this.#options;
    const { planned } = this.#options.files;
    if (this.#life) throw this.#wrongState("start", `it is running as pid ${this.#life.process.pid}`);
    const taken = await firstTaken(listenAddresses(bound));
    if (taken) {
      throw new CodedError("NR-LOCAL-PORT-TAKEN", `${planned.name} can't start: ${describeTaken(taken)}`, {
        hint: "End that program; nodes keep their addresses for the whole run.",
      });
    }
    await this.#spawn("fault");
  }

  /** Its files say what it begins under: a node that is told only after its start would be free of it until then. */
  async #prepare(): Promise<void> {
    const conditions = this.#options.conditions();
    if (isDeepStrictEqual(conditions, this.#rendered)) return;
    await this.#options.files.redeliver(conditions);
    this.#rendered = conditions;
  }

  async #impose(signal?: AbortSignal): Promise<void> {
    const life = this.#life;
    const conditions = this.#options.conditions();
    if (!life || isDeepStrictEqual(conditions, life.conditions)) return;
    const { name } = this.#options.files.planned;
    const impose = life.client.impose?.bind(life.client);
    if (!impose) throw this.#wrongState("change the links or the clock of", "its kind can't do that");
    await waitFor({
      clock: this.#options.clock,
      what: `${name} to take conditions of its links and clock`,
      timeoutMs: IMPOSE_TIMEOUT_MS,
      intervalMs: LOOK_INTERVAL_MS,
      ...(signal ? { signal } : {}),
      look: async () => {
        if (this.#life !== life || lookAt(life.process)?.paused) return { done: true, value: undefined };
        try {
          await impose(conditions, { timeoutMs: CALL_TIMEOUT_MS, ...(signal ? { signal } : {}) });
          life.conditions = conditions;
          return { done: true, value: undefined };
        } catch (thrown) {
          signal?.throwIfAborted();
          return { done: false, seen: errorText(thrown) };
        }
      },
    });
  }

  async #setPaused(paused: boolean, signal?: AbortSignal): Promise<void> {
    const act = paused ? "pause" : "resume";
    const life = this.#alive(act);
    const { pid } = life.process;
    if (!(await this.#options.spawner.signal(pid, paused ? "SIGSTOP" : "SIGCONT"))) {
      throw this.#wrongState(act, "it had just ended");
    }
    await waitFor({
      clock: this.#options.clock,
      what: `pid ${pid} of ${this.#options.files.planned.name} to ${act}`,
      timeoutMs: KILL_TIMEOUT_MS,
      intervalMs: LOOK_INTERVAL_MS,
      ...(signal ? { signal } : {}),
      look: () => {
        const look = lookAt(life.process);
        if (!look) throw this.#wrongState(act, "it has ended");
        return look.paused === paused
          ? { done: true, value: undefined }
          : { done: false, seen: look.paused ? "it is paused" : "it runs" };
      },
    });
  }

  async #spawn(by: "run" | "fault"): Promise<void> {
    const { files, spawner, inventory, events } = this.#options;
    const { planned, spec } = files;
    await this.#prepare();
    const process = await spawner.spawn(spec);
    const start = ++this.#starts;
    const handle = `pid ${process.pid}`;
    inventory.add(
      { kind: "process", id: `${handle} @ ${process.startTicks}`, name: `${planned.name}, start ${start}`, by },
      async () => lookAt(process) === null,
    );
    events.emit("node.started", { node: planned.name, start, handle, by });
    const client = this.#options.connect();
    const over = process.exited.then((exit) => this.#ended(exit));
    this.#life = { start, process, client, conditions: this.#rendered, ending: null, over };
    this.#why = undefined;
  }

  async #ended(exit: Exit): Promise<void> {
    const life = this.#life;
    if (!life) throw new CodedError("NR-CORE-INTERNAL", `a process that was not there ended: pid ${exit.pid}`);
    const { events, files } = this.#options;
    const { planned } = files;
    const expected = (await life.ending) ?? false;
    const why = await this.#explain(exit, expected);
    this.#life = null;
    this.#why = why;
    const end: NodeEnd = { node: planned.name, start: life.start, expected, why };
    events.emit("node.ended", { ...end });
    this.#options.onEnd(end);
    await life.client.close();
  }

  async #explain(exit: Exit, expected: boolean): Promise<string> {
    const how = exit.signal ?? `exit code ${exit.code}`;
    if (expected) return `${how}, as asked`;
    if (exit.code === EXIT_PORT_TAKEN) {
      const taken = await firstTaken(listenAddresses(this.#options.bound));
      const what = taken ? describeTaken(taken) : "a port was taken and is free again";
      return `NR-LOCAL-PORT-TAKEN: ${what}`;
    }
    return `${how}, not by us`;
  }

  async #stop(signal?: AbortSignal): Promise<void> {
    const life = this.#alive("stop");
    await this.#signal(life, "SIGTERM", "stop");
    // A paused process gets its SIGTERM when it goes on.
    if (lookAt(life.process)?.paused) await this.#options.spawner.signal(life.process.pid, "SIGCONT");
    if (await this.#isOver(life, GRACE_MS, signal)) return;
    await this.#kill(life);
  }

  async #kill(life: Life): Promise<void> {
    await this.#signal(life, "SIGKILL", "kill");
    if (await this.#isOver(life, KILL_TIMEOUT_MS)) return;
    const { name } = this.#options.files.planned;
    throw new CodedError("NR-LOCAL-UNKILLABLE", `${name} (pid ${life.process.pid}) still lives 5s after SIGKILL`, {
      hint: `Look at /proc/${life.process.pid}/stack: it probably waits for a disk.`,
    });
  }

  /** Signals this process, so that its end counts as ours only if the signal found it alive. */
  async #signal(life: Life, signal: ProcessSignal, act: string): Promise<void> {
    const delivered = this.#options.spawner.signal(life.process.pid, signal);
    const before = life.ending;
    life.ending = delivered.then(
      async (found) => found || ((await before) ?? false),
      () => false,
    );
    if (await delivered) return;
    await this.#isOver(life, KILL_TIMEOUT_MS);
    if (before === null) throw this.#wrongState(act, `it had just ended: ${this.#why}`);
  }

  #alive(act: string): Life {
    if (this.#life) return this.#life;
    throw this.#wrongState(act, this.#why === undefined ? "it was never started" : `it has ended: ${this.#why}`);
  }

  #wrongState(act: string, state: string): CodedError {
    return new CodedError("NR-LOCAL-NODE-STATE", `can't ${act} ${this.#options.files.planned.name}: ${state}`);
  }

  async #isOver(life: Life, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
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
      return await Promise.race([life.over.then(() => true), late]);
    } finally {
      cancel.abort();
    }
  }
}
