import { access, rm } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../core/clock.ts";
import { CodedError } from "../../core/errors.ts";
import { lookAt } from "../../host/processes.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { Node, NodeEnd } from "../../model/cluster.ts";
import { CLEAR_CONDITIONS, type NodeConditions } from "../../model/conditions.ts";
import type { EventSink } from "../../model/events.ts";
import type { Inventory } from "../../model/inventory.ts";
import type { NodeClient } from "../../model/node-client.ts";
import type { Exit, Spawner } from "../../model/spawner.ts";
import { listenAddresses } from "./addresses.ts";
import type { DeliveredNode } from "./deploy.ts";
import { firstTaken } from "./listeners.ts";
import { NodeLife, wrongState } from "./node-life.ts";
import { describeTaken } from "./reserve.ts";

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

/** One node of the run and the processes that it is, one at a time. Acts on it wait for one another. */
export class NodeProcess {
  readonly #options: NodeProcessOptions;
  #starts = 0;
  /** What its files begin a start under. */
  #rendered = CLEAR_CONDITIONS;
  #life: NodeLife | null = null;
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
    await this.#inTurn(() => this.#alive("stop").stop(signal), signal);
  }

  async kill(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#alive("kill").kill(), signal);
  }

  async restart(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      await this.#alive("stop").stop(signal);
      signal?.throwIfAborted();
      await this.#startAgain();
    }, signal);
  }

  /** Freezes it, and waits until the kernel shows it frozen. */
  async pause(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#alive("pause").setPaused(true, signal), signal);
  }

  /** Lets it go on, under the conditions that hold by now. */
  async resume(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#life?.isPaused) return;
      await this.#life.setPaused(false, signal);
      await this.#life.impose(this.#options.conditions(), signal);
    }, signal);
  }

  /** Deletes its state. */
  async wipe(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#life) throw this.#wrongState("wipe", `it is running as pid ${this.#life.process.pid}`);
      await Promise.all(this.#options.files.state.map((path) => rm(path, { recursive: true, force: true })));
    }, signal);
  }

  /** Whether there is anything of its state on the disk. */
  async hasState(): Promise<boolean> {
    const looks = await Promise.allSettled(this.#options.files.state.map((path) => access(path)));
    return looks.some(({ status }) => status === "fulfilled");
  }

  /** Puts it under the conditions that hold by now; one that is paused or not there begins under them later. */
  async impose(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => this.#life?.impose(this.#options.conditions(), signal), signal);
  }

  /** From now on its end is expected: the run is being removed. */
  expectEnd(): void {
    this.#life?.expectEnd();
  }

  /** Waits until its end was noticed, at most this long; whether it was. */
  async endNoticed(timeoutMs: number): Promise<boolean> {
    return !this.#life || this.#life.endsWithin(timeoutMs);
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
    this.#life = new NodeLife({
      name: planned.name,
      start,
      process,
      client,
      conditions: this.#rendered,
      spawner,
      clock: this.#options.clock,
      onExit: (life, exit) => this.#ended(life, exit),
    });
    this.#why = undefined;
  }

  async #ended(life: NodeLife, exit: Exit): Promise<void> {
    const { events, files } = this.#options;
    const { planned } = files;
    const expected = await life.endedAsAsked();
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

  #alive(act: string): NodeLife {
    if (this.#life) return this.#life;
    throw this.#wrongState(act, this.#why === undefined ? "it was never started" : `it has ended: ${this.#why}`);
  }

  #wrongState(act: string, state: string): CodedError {
    return wrongState(act, this.#options.files.planned.name, state);
  }
}
