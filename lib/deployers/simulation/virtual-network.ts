import type { BlobId, SignedTx } from "../../chain/types.ts";
import { CodedError } from "../../core/errors.ts";
import { createSharedMemo, type SharedMemo } from "../../devnet/machine/shared-memo.ts";
import type { DisperseRequest, Input, Machine, Message, Output, Refusal, Step } from "../../devnet/machine/types.ts";
import { createNodeMachine, type NodeMachineConfig } from "../../devnet/misbehaviour/create.ts";
import type { SentUnder } from "../../model/conditions.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import { VirtualDisk } from "./virtual-disk.ts";
import { type LinkModel, VirtualLinks } from "./virtual-links.ts";

/** A client's answer to a dispersal. */
export type Dispersed = { readonly blob: BlobId } | { readonly refusal: Refusal };

export interface VirtualNetworkOptions {
  readonly clock: VirtualClock;
  /** Decides delays and losses. */
  readonly seed: string;
  readonly link: LinkModel;
  /** Shared by all machines; give one to several networks of one genesis to save work. */
  readonly memo?: SharedMemo;
  /** Sees every output that takes effect. */
  readonly watch?: (node: string, output: Output) => void;
  /** Told of a bug that ended a node in mid-step; thrown to whoever moves the clock when absent. */
  readonly onFault?: (node: string, error: unknown) => void;
}

/** One node: what survives it, and its machine while it runs. */
interface Node {
  readonly config: NodeMachineConfig;
  /** What its clock shows beyond the common one, in ms. */
  skewMs: number;
  disk: VirtualDisk;
  machine: Machine | null;
  /** Counts its starts, so that what was meant for an earlier life is dropped. */
  life: number;
  /** When it is ticked next; Infinity when no tick is scheduled. */
  tickAt: number;
  /** Records it may still write before it dies; Infinity when it is to live. */
  recordsLeft: number;
  /** What arrived while it is paused; null while it isn't. */
  waiting: Input[] | null;
  readonly dispersals: Map<number, (result: Dispersed) => void>;
}

/**
 * Many node machines in one process, under one virtual clock, on modelled links. Time is moved by the clock; everything
 * here takes effect at once or is scheduled on it. Equal seeds and calls give equal histories.
 */
export class VirtualNetwork {
  readonly links: VirtualLinks;
  readonly #clock: VirtualClock;
  readonly #memo: SharedMemo;
  readonly #watch: (node: string, output: Output) => void;
  readonly #onFault: ((node: string, error: unknown) => void) | undefined;
  readonly #nodes = new Map<string, Node>();
  /** Connected neighbours, each pair in both directions. */
  readonly #connected = new Set<string>();
  #calls = 0;

  constructor(options: VirtualNetworkOptions) {
    this.links = new VirtualLinks(options.seed, options.link);
    this.#clock = options.clock;
    this.#memo = options.memo ?? createSharedMemo();
    this.#watch = options.watch ?? (() => undefined);
    this.#onFault = options.onFault;
  }

  /** Adds a node, not started yet. */
  add(config: NodeMachineConfig, skewMs = 0): void {
    this.#nodes.set(config.identity.name, {
      config,
      skewMs,
      disk: new VirtualDisk(),
      machine: null,
      life: 0,
      tickAt: Number.POSITIVE_INFINITY,
      recordsLeft: Number.POSITIVE_INFINITY,
      waiting: null,
      dispersals: new Map(),
    });
  }

  names(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  isUp(name: string): boolean {
    return this.#node(name).machine !== null;
  }

  /** Names and machines of the nodes that run. */
  running(): readonly (readonly [string, Machine])[] {
    return [...this.#nodes].flatMap(([name, { machine }]) => (machine ? [[name, machine] as const] : []));
  }

  /** @throws CodedError NR-NODE-STATE when the node does not run */
  machine(name: string): Machine {
    const { machine } = this.#node(name);
    if (machine) return machine;
    throw new CodedError("NR-NODE-STATE", `${name} does not run`, { hint: "Start it first." });
  }

  #node(name: string): Node {
    const node = this.#nodes.get(name);
    if (node) return node;
    throw new CodedError("NR-NODE-UNKNOWN", `there is no node "${name}"`, {
      hint: `The nodes are ${this.names().join(", ")}.`,
    });
  }

  /** Starts a node from its disk and connects it to the neighbours that run. Nothing if it runs already. */
  start(name: string): void {
    const node = this.#node(name);
    if (node.machine) return;
    const now = this.#timeOf(node);
    node.life++;
    node.tickAt = Number.POSITIVE_INFINITY;
    node.recordsLeft = Number.POSITIVE_INFINITY;
    node.machine = createNodeMachine(node.config, node.life === 1 ? null : node.disk.read(), now, this.#memo);
    this.#apply(name, node, node.machine.start(now));
    for (const neighbour of node.config.neighbours) this.#connect(name, neighbour);
  }

  /** Ends a node between two steps, as SIGTERM and SIGKILL both do. Nothing if it does not run. */
  kill(name: string): void {
    const node = this.#node(name);
    if (!node.machine) return;
    node.machine = null;
    node.waiting = null;
    node.dispersals.clear();
    for (const neighbour of node.config.neighbours) this.#disconnect(name, neighbour);
  }

  /** Ends a node in mid-write: when it is about to write the record after the next `records`. */
  killAfter(name: string, records: number): void {
    this.#node(name).recordsLeft = records;
  }

  /** Freezes a node: what arrives waits, as in the buffers of a stopped process. */
  pause(name: string): void {
    this.#node(name).waiting ??= [];
  }

  /** Thaws a node, which then takes what has waited. */
  resume(name: string): void {
    const node = this.#node(name);
    const waiting = node.waiting ?? [];
    node.waiting = null;
    for (const input of waiting) this.#feed(name, input);
  }

  isPaused(name: string): boolean {
    return this.#node(name).waiting !== null;
  }

  /** Puts a node's clock this far from the common one, in ms. */
  setSkew(name: string, skewMs: number): void {
    const node = this.#node(name);
    node.skewMs = skewMs;
    if (node.machine) this.#schedule(name, node, this.#clock.now());
  }

  /** Empties the disk of a node that does not run. */
  wipe(name: string): void {
    this.#node(name).disk = new VirtualDisk();
  }

  /** Whether a node has written anything to the disk that it has now. */
  hasState(name: string): boolean {
    return !this.#node(name).disk.isEmpty;
  }

  /** Lets nodes only reach those of their own group; connections across are lost. */
  partition(groups: readonly (readonly string[])[]): void {
    this.links.partition(groups);
    for (const [name, { config }] of this.#nodes) {
      for (const neighbour of config.neighbours) {
        if (!this.links.isOpen(name, neighbour)) this.#disconnect(name, neighbour);
      }
    }
  }

  /** Ends the partition; neighbours connect again. */
  heal(): void {
    this.links.heal();
    for (const name of this.#nodes.keys()) this.#connectAll(name);
  }

  /** Replaces what is done to everything that a node sends, by peer. Neighbours that can connect again do. */
  impose(name: string, conditions: Readonly<Record<string, SentUnder>>): void {
    this.links.impose(name, conditions);
    for (const peer of Object.keys(conditions)) if (!this.links.isOpen(name, peer)) this.#disconnect(name, peer);
    this.#connectAll(name);
  }

  /** Connects a node to the neighbours that it could reach and doesn't. */
  #connectAll(name: string): void {
    for (const neighbour of this.#node(name).config.neighbours) {
      if (!this.#isConnected(name, neighbour)) this.#connect(name, neighbour);
    }
  }

  /** Gives a node an input, as its own process would; nothing when it does not run. */
  hand(name: string, input: Input): void {
    this.#feed(name, input);
  }

  /** Hands a transaction to a node, as a client does. */
  submit(name: string, tx: SignedTx): Refusal | null {
    const call = this.#calls++;
    const outputs = this.#feed(name, { type: "submit", call, tx });
    const answer = outputs.find((output) => output.type === "submitted" && output.call === call);
    return answer?.type === "submitted" ? answer.refusal : { status: 503, reason: `${name} does not run` };
  }

  /** Hands a blob to an executor, as a client does. Never settles if the node dies. */
  disperse(name: string, request: DisperseRequest): Promise<Dispersed> {
    const { promise, resolve } = Promise.withResolvers<Dispersed>();
    const call = this.#calls++;
    this.#node(name).dispersals.set(call, (result) => {
      this.#clock.wake();
      resolve(result);
    });
    this.#feed(name, { type: "disperse", call, request });
    return promise;
  }

  /** The node's own clock. */
  #timeOf(node: Node): number {
    return this.#clock.now() + node.skewMs;
  }

  #isConnected(a: string, b: string): boolean {
    return this.#connected.has(`${a}>${b}`);
  }

  /** Connects two neighbours after the time that a message takes, if they can reach one another then. */
  #connect(a: string, b: string): void {
    if (a === b) return;
    const now = this.#clock.now();
    this.#clock.at(this.links.arrival(a, b, now) ?? now, () => {
      const able = this.#node(a).machine && this.#node(b).machine && this.links.isOpen(a, b);
      if (!able || this.#isConnected(a, b)) return;
      this.#connected.add(`${a}>${b}`).add(`${b}>${a}`);
      this.#feed(a, { type: "connected", peer: b });
      this.#feed(b, { type: "connected", peer: a });
    });
  }

  #disconnect(a: string, b: string): void {
    if (!this.#isConnected(a, b)) return;
    this.#connected.delete(`${a}>${b}`);
    this.#connected.delete(`${b}>${a}`);
    this.#clock.at(this.#clock.now(), () => {
      this.#feed(a, { type: "disconnected", peer: b });
      this.#feed(b, { type: "disconnected", peer: a });
    });
  }

  /** Gives a node an input, if it runs; returns the outputs. */
  #feed(name: string, input: Input): readonly Output[] {
    const node = this.#node(name);
    if (!node.machine) return [];
    if (node.waiting) {
      node.waiting.push(input);
      return [];
    }
    try {
      const step = node.machine.handle(input, this.#timeOf(node));
      this.#apply(name, node, step);
      return step.outputs;
    } catch (error) {
      if (!this.#onFault) throw error;
      this.kill(name);
      this.#onFault(name, error);
      return [];
    }
  }

  /** Does what a step wants, in order, up to the record at which the node is to die. */
  #apply(name: string, node: Node, step: Step): void {
    for (const output of step.outputs) {
      if (output.type === "persist" && node.recordsLeft-- <= 0) return this.kill(name);
      this.#watch(name, output);
      if (output.type === "persist") node.disk.write(output.record);
      else if (output.type === "send") this.#send(name, output.to, output.message);
      else if (output.type === "dispersed") {
        node.dispersals.get(output.call)?.(output.result);
        node.dispersals.delete(output.call);
      }
    }
    this.#schedule(name, node, step.wake - node.skewMs);
  }

  #schedule(name: string, node: Node, time: number): void {
    if (time >= node.tickAt) return;
    node.tickAt = time;
    const { life } = node;
    this.#clock.at(time, () => {
      if (node.life !== life || node.tickAt !== time) return;
      node.tickAt = Number.POSITIVE_INFINITY;
      this.#feed(name, { type: "tick" });
    });
  }

  #send(from: string, to: string, message: Message): void {
    const target = this.#nodes.get(to);
    if (!target?.machine || !this.links.isOpen(from, to)) return;
    const arrival = this.links.arrival(from, to, this.#clock.now());
    if (arrival === undefined) return;
    const { life } = target;
    this.#clock.at(arrival, () => {
      if (target.life === life && this.links.isOpen(from, to)) this.#feed(to, { type: "message", from, message });
    });
  }
}
