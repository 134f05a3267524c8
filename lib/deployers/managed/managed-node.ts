import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../core/clock.ts";
import type { CodedError } from "../../core/errors.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { LinkCondition, Node, NodeEnd } from "../../model/cluster.ts";
import { CLEAR_CONDITIONS, type NodeConditions } from "../../model/conditions.ts";
import type { EventSink } from "../../model/events.ts";
import type { NodeClient } from "../../model/node-client.ts";
import type { PlannedNode } from "../../model/plan.ts";
import type { NodeDriver, NodeExit } from "./driver.ts";
import { NodeLife, wrongState } from "./node-life.ts";

/** What a node is started with and told through. */
export interface ManagedNodeOptions {
  readonly planned: PlannedNode;
  readonly bound: BoundNode;
  readonly driver: NodeDriver;
  readonly events: EventSink;
  readonly clock: Clock;
  /** What faults have the node itself apply now. */
  conditions(): NodeConditions;
  connect(): NodeClient;
  onEnd(end: NodeEnd): void;
}

/** One node of the run and its starts, one at a time. Acts on it wait for one another. */
export class ManagedNode {
  readonly #options: ManagedNodeOptions;
  #starts = 0;
  /** What its files begin a start under. */
  #rendered = CLEAR_CONDITIONS;
  #life: NodeLife | null = null;
  #why: string | undefined;
  #isEnding = false;
  #lastAct: Promise<unknown> = Promise.resolve();

  constructor(options: ManagedNodeOptions) {
    this.#options = options;
  }

  get driver(): NodeDriver {
    return this.#options.driver;
  }

  /** The node as it stands now. */
  view(): Node {
    const { planned, bound } = this.#options;
    const life = this.#life;
    if (!life) return { state: "stopped", planned, bound, ...(this.#why === undefined ? {} : { why: this.#why }) };
    return {
      state: "running",
      planned,
      bound,
      client: life.client,
      start: life.start,
      handle: life.handle,
    };
  }

  /** The node's first start, on addresses that were just found free, unless it is to join late. */
  async startWithOthers(): Promise<void> {
    if (!this.#options.planned.joinsLate) await this.#inTurn(() => this.#start("run"));
  }

  /**
   * Starts it again, with the same files and addresses.
   * @throws CodedError when somebody took one of its addresses while it was down
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
      const life = this.#life;
      if (!life || !(await life.isPaused())) return;
      await life.setPaused(false, signal);
      await life.impose(this.#options.conditions(), signal);
    }, signal);
  }

  /** Deletes its state. */
  async wipe(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#life) throw this.#wrongState("wipe", `it is running as ${this.#life.handle}`);
      await this.driver.wipe();
    }, signal);
  }

  /** Puts it under the conditions that hold by now; one that is paused or not there begins under them later. */
  async impose(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => this.#life?.impose(this.#options.conditions(), signal), signal);
  }

  /** Has its driver filter what it receives, from now on and over its later starts. */
  async filter(links: readonly LinkCondition[], signal?: AbortSignal): Promise<void> {
    const { driver } = this;
    if (driver.filter) await this.#inTurn(async () => driver.filter?.(links), signal);
  }

  /** From now on its end is expected, and it isn't started again: the run is being removed. */
  expectEnd(): void {
    this.#isEnding = true;
    this.#life?.expectEnd();
  }

  /** Resolves when the acts on it are over that were begun by now, whatever came of them. */
  async idle(): Promise<void> {
    await this.#lastAct;
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
    if (this.#life) throw this.#wrongState("start", `it is running as ${this.#life.handle}`);
    await this.driver.checkAddresses();
    await this.#start("fault");
  }

  /** Its files say what it begins under: a node that is told only after its start would be free of it until then. */
  async #prepare(): Promise<void> {
    const conditions = this.#options.conditions();
    if (isDeepStrictEqual(conditions, this.#rendered)) return;
    await this.driver.redeliver(conditions);
    this.#rendered = conditions;
  }

  async #start(by: "run" | "fault"): Promise<void> {
    const { planned, events, clock } = this.#options;
    await this.#prepare();
    if (this.#isEnding) throw this.#wrongState("start", "the run is being removed");
    const start = this.#starts + 1;
    const started = await this.driver.start({ start, by });
    this.#starts = start;
    events.emit("node.started", { node: planned.name, start, handle: started.handle, by });
    const client = this.#options.connect();
    this.#life = new NodeLife({
      name: planned.name,
      start,
      started,
      client,
      conditions: this.#rendered,
      clock,
      onExit: (life, exit) => this.#ended(life, exit),
    });
    if (this.#isEnding) this.#life.expectEnd();
    this.#why = undefined;
  }

  async #ended(life: NodeLife, exit: NodeExit): Promise<void> {
    const { events, planned } = this.#options;
    const expected = await life.endedAsAsked();
    const how = exit.signal ?? `exit code ${exit.code}`;
    const why = expected ? `${how}, as asked` : (exit.why ?? `${how}, not by us`);
    this.#life = null;
    this.#why = why;
    const end: NodeEnd = { node: planned.name, start: life.start, expected, why };
    events.emit("node.ended", { ...end });
    this.#options.onEnd(end);
    await life.client.close();
  }

  #alive(act: string): NodeLife {
    if (this.#life) return this.#life;
    throw this.#wrongState(act, this.#why === undefined ? "it was never started" : `it has ended: ${this.#why}`);
  }

  #wrongState(act: string, state: string): CodedError {
    return wrongState(act, this.#options.planned.name, state);
  }
}
