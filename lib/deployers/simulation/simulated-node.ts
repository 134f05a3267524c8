import type { Genesis, NotePublicKey } from "../../chain/types.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import type { Output } from "../../devnet/machine/types.ts";
import { machineConfig } from "../../devnet/shell/config.ts";
import { DaTraffic } from "../../devnet/shell/da-traffic.ts";
import { FinalBlocks } from "../../devnet/shell/final-blocks.ts";
import { Dispatch } from "../../devnet/shell/http/dispatch.ts";
import { createHandlers } from "../../devnet/shell/http/handlers.ts";
import { createLog, type Log } from "../../devnet/shell/log.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { Node, NodeEnd, ProcessObservation } from "../../model/cluster.ts";
import type { EventSink } from "../../model/events.ts";
import type { NodeClient } from "../../model/node-client.ts";
import type { NodeRequest, Transport } from "../../model/transport.ts";
import { createCallTransport } from "./call-transport.ts";
import type { SimulatedConfig } from "./deploy.ts";
import { measureRoundTrips } from "./round-trips.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import type { VirtualNetwork } from "./virtual-network.ts";

/** Time from a process's start until its node runs, and from SIGTERM to its end, as embedded nodes take them, in ms. */
const BOOT_MS = 600;
const STOP_MS = 150;

/** What a simulated node is made of and told through. */
export interface SimulatedNodeOptions {
  readonly deployed: SimulatedConfig;
  readonly bound: BoundNode;
  readonly genesis: Genesis;
  readonly knownKeys: ReadonlySet<NotePublicKey>;
  readonly network: VirtualNetwork;
  readonly clock: VirtualClock;
  readonly events: EventSink;
  connect(transport: Transport): NodeClient;
  /** Takes lines of its log. */
  print(line: string): void;
  onEnd(end: NodeEnd): void;
}

/** One life of the node, from its start to its end. */
interface Life {
  readonly start: number;
  readonly client: NodeClient;
  readonly died: AbortController;
  readonly dispatches: Map<NodeRequest["server"], Dispatch>;
  readonly answered: Map<number, number>;
}

/** One node of a simulated network, as it is started, stopped and asked. Acts on it wait for one another. */
export class SimulatedNode {
  readonly #options: SimulatedNodeOptions;
  readonly #name: string;
  readonly #log: Log;
  #starts = 0;
  #life: Life | null = null;
  #why: string | undefined;
  #paused: PromiseWithResolvers<void> | null = null;
  #clockOffsetMs: number;
  #lastAct: Promise<unknown> = Promise.resolve();

  constructor(options: SimulatedNodeOptions) {
    const { deployed, genesis, network, clock } = options;
    const { config } = deployed;
    this.#options = options;
    this.#name = config.name;
    this.#clockOffsetMs = config.clockOffsetMs;
    this.#log = createLog(config.logLevel, () => clock.now() + this.#clockOffsetMs, options.print);
    network.add(machineConfig(config, genesis), config.clockOffsetMs);
    network.impose(config.name, config.peers.links);
  }

  /** The node as it stands now. */
  view(): Node {
    const { bound, deployed } = this.#options;
    const { planned } = deployed;
    const life = this.#life;
    if (!life) return { state: "stopped", planned, bound, ...(this.#why === undefined ? {} : { why: this.#why }) };
    return { state: "running", planned, bound, client: life.client, start: life.start, handle: `start ${life.start}` };
  }

  /** As the simulated machine shows it. */
  observe(): ProcessObservation {
    if (!this.#life) return { alive: false, paused: false, identity: null };
    return { alive: true, paused: this.#paused !== null, identity: `start ${this.#life.start}` };
  }

  /** The first start of a node that doesn't join late. */
  async startWithOthers(): Promise<void> {
    if (!this.#options.deployed.planned.joinsLate) await this.#inTurn(() => this.#begin("run"));
  }

  async start(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#begin("fault"), signal);
  }

  async stop(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#stop(signal), signal);
  }

  async kill(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => this.#end(this.#alive("kill"), true, "SIGKILL, as asked"), signal);
  }

  async restart(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      await this.#stop(signal);
      await this.#begin("fault");
    }, signal);
  }

  async pause(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      this.#alive("pause");
      this.#paused ??= Promise.withResolvers<void>();
      this.#options.network.pause(this.#name);
    }, signal);
  }

  async resume(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => this.#thaw(), signal);
  }

  async wipe(signal?: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#life) throw this.#wrongState("wipe", `it is running as start ${this.#life.start}`);
      this.#options.network.wipe(this.#name);
    }, signal);
  }

  /** Puts its clock this far from where its configuration has it. */
  setClockOffset(offsetMs: number): void {
    this.#clockOffsetMs = this.#options.deployed.config.clockOffsetMs + offsetMs;
    this.#options.network.setSkew(this.#name, this.#clockOffsetMs);
  }

  /** What its machine says that isn't for other nodes. */
  heard(output: Output): void {
    if (output.type === "log") this.#log(output.level, output.target, output.text);
  }

  /** Its end, by whatever hand; nothing when it isn't there. */
  end(expected: boolean, why: string): void {
    if (this.#life) this.#end(this.#life, expected, why);
  }

  /** A bug of its machine has ended it. */
  broke(error: unknown): void {
    this.#log("ERROR", "nomos_node", error instanceof Error ? (error.stack ?? error.message) : errorText(error));
    this.end(false, `exit code 1, not by us: ${errorText(error)}`);
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

  async #begin(by: "run" | "fault"): Promise<void> {
    if (this.#life) throw this.#wrongState("start", `it is running as start ${this.#life.start}`);
    const { clock, network, events } = this.#options;
    const start = ++this.#starts;
    const died = new AbortController();
    const answered = new Map<number, number>();
    const transport = createCallTransport(
      this.#name,
      {
        dispatch: (server) => (network.isUp(this.#name) ? this.#dispatch(server) : null),
        awake: (signal) => this.#awake(signal),
        onAnswered: (status) => answered.set(status, (answered.get(status) ?? 0) + 1),
        died: died.signal,
      },
      clock,
    );
    const life: Life = { start, client: this.#options.connect(transport), died, dispatches: new Map(), answered };
    this.#life = life;
    this.#why = undefined;
    events.emit("node.started", { node: this.#name, start, handle: `start ${start}`, by });
    clock.at(clock.now() + BOOT_MS, () => {
      if (this.#life === life) network.start(this.#name);
    });
  }

  async #stop(signal?: AbortSignal): Promise<void> {
    const life = this.#alive("stop");
    this.#thaw();
    await this.#options.clock.sleep(STOP_MS, signal);
    if (this.#life !== life) return;
    this.#log("INFO", "nomos_node", "stopping");
    this.#end(life, true, "SIGTERM, as asked");
  }

  #end(life: Life, expected: boolean, why: string): void {
    const { network, events } = this.#options;
    this.#thaw();
    network.kill(this.#name);
    this.#life = null;
    this.#why = why;
    life.died.abort(new CodedError("NR-NODE-UNREACHABLE", `${this.#name} closed the connection: it ended`));
    const end: NodeEnd = { node: this.#name, start: life.start, expected, why };
    events.emit("node.ended", { ...end });
    this.#options.onEnd(end);
  }

  #thaw(): void {
    const paused = this.#paused;
    this.#paused = null;
    if (!paused) return;
    this.#options.network.resume(this.#name);
    this.#options.clock.wake();
    paused.resolve();
  }

  async #awake(signal: AbortSignal): Promise<void> {
    while (this.#paused) {
      const aborted = Promise.withResolvers<void>();
      const onAbort = () => aborted.resolve();
      signal.addEventListener("abort", onAbort, { once: true });
      await Promise.race([this.#paused.promise, aborted.promise]);
      signal.removeEventListener("abort", onAbort);
      signal.throwIfAborted();
    }
  }

  /** What answers on one of its ports in this life. */
  #dispatch(server: NodeRequest["server"]): Dispatch | null {
    const life = this.#life;
    if (!life) return null;
    const known = life.dispatches.get(server);
    if (known) return known;
    const { deployed, clock, network, knownKeys } = this.#options;
    const { config } = deployed;
    const name = this.#name;
    const machine = network.machine(name);
    const handlers = createHandlers({
      config,
      knownKeys,
      machine,
      driver: {
        handle: (input) => network.hand(name, input),
        submit: async (tx) => network.submit(name, tx),
        disperse: (request) => network.disperse(name, request),
      },
      finalBlocks: new FinalBlocks(),
      da: new DaTraffic(),
      connections: () => {
        const peers = machine.peers().length;
        return { peers, connections: peers, pending: config.peers.neighbours.length - peers, directions: new Map() };
      },
      roundTrips: (timeoutMs) => measureRoundTrips(network, clock, name, timeoutMs),
      links: () => network.links.imposedOn(name),
      setLinks: (links) => network.impose(name, links),
      clockOffset: () => this.#clockOffsetMs,
      setClockOffset: (ms) => {
        this.#clockOffsetMs = ms;
        network.setSkew(name, ms);
      },
      answered: life.answered,
    });
    const dispatch = new Dispatch({
      role: config.role,
      port: server,
      handlers,
      clock,
      timeoutMs: config.http.timeoutMs,
    });
    life.dispatches.set(server, dispatch);
    return dispatch;
  }

  #alive(act: string): Life {
    if (this.#life) return this.#life;
    throw this.#wrongState(act, this.#why === undefined ? "it was never started" : `it has ended: ${this.#why}`);
  }

  #wrongState(act: string, state: string): CodedError {
    return new CodedError("NR-NODE-STATE", `can't ${act} ${this.#name}: ${state}`);
  }
}
