import type { BlobId, Block, ChainInfo, HeaderId, NotePublicKey, Share, TxHash } from "../../chain/types.ts";
import { randomStream } from "../../core/random.ts";
import type { Input, Machine, MachineConfig, Output, Step } from "../machine/types.ts";
import { type Misbehaviour, misbehaviourText } from "./misbehaviour.ts";

const LOG = "nomos_node::misbehaviour";

/** What a disguise knows of its node. */
export interface Disguised {
  readonly machine: Machine;
  readonly config: MachineConfig;
}

/**
 * An honest machine behind somebody who is not: it changes what the machine hears, what it says and what clients are
 * told, and nothing of how the machine works. Pure, as the machine is. A kind overrides what it misbehaves in.
 */
export abstract class Disguise<M extends Misbehaviour> implements Machine {
  protected readonly machine: Machine;
  protected readonly config: MachineConfig;
  protected readonly dose: M;
  protected now = Number.NEGATIVE_INFINITY;
  #notes: string[] = [];

  constructor({ machine, config }: Disguised, dose: M) {
    this.machine = machine;
    this.config = config;
    this.dose = dose;
  }

  start(now: number): Step {
    this.now = now;
    this.note(`misbehaves on purpose, as its configuration says: ${misbehaviourText(this.dose)}`);
    return this.#said(this.machine.start(now));
  }

  handle(input: Input, now: number): Step {
    this.now = Math.max(this.now, now);
    const heard = this.begun ? this.hear(input) : { input };
    const step = this.machine.handle(heard.input ?? { type: "tick" }, now);
    const said = this.#said(step);
    return heard.answer ? { ...said, outputs: [...said.outputs, heard.answer] } : said;
  }

  #said({ outputs, wake }: Step): Step {
    const said = this.begun ? this.say(outputs) : outputs;
    const notes = this.#notes.map((text): Output => ({ type: "log", level: "WARN", target: LOG, text }));
    this.#notes = [];
    return { outputs: [...notes, ...said], wake };
  }

  /** The slot that the last input came in. */
  protected get slot(): number {
    return Math.floor((this.now - this.config.chainStart) / this.config.consensus.slotMs);
  }

  /** Whether it misbehaves by now. */
  protected get begun(): boolean {
    return this.slot >= ("fromSlot" in this.dose ? this.dose.fromSlot : 0);
  }

  /** Whether the dose falls on the thing of these names; always the same for the same. */
  protected falls(...names: readonly (string | number)[]): boolean {
    const share = "percent" in this.dose ? this.dose.percent : 100;
    return share >= 100 || randomStream(this.config.identity.name, this.dose.kind, ...names).float() * 100 < share;
  }

  /** Puts a line into the node's log. */
  protected note(text: string): void {
    this.#notes.push(text);
  }

  /** What the machine is given of an input: nothing where `input` is null, and an answer in its place. */
  protected hear(input: Input): { readonly input: Input | null; readonly answer?: Output } {
    return { input };
  }

  /** What leaves the node of what the machine wants done. */
  protected say(outputs: readonly Output[]): readonly Output[] {
    return outputs;
  }

  info(): ChainInfo {
    return this.machine.info();
  }
  headers(from?: HeaderId, to?: HeaderId): readonly HeaderId[] {
    return this.machine.headers(from, to);
  }
  branchTips(): readonly HeaderId[] {
    return this.machine.branchTips();
  }
  block(id: HeaderId): Block | null {
    return this.machine.block(id);
  }
  txStatus(hashes: readonly TxHash[]) {
    return this.machine.txStatus(hashes);
  }
  mempoolMetrics() {
    return this.machine.mempoolMetrics();
  }
  balance(pk: NotePublicKey, tip?: HeaderId): bigint | null {
    return this.machine.balance(pk, tip);
  }
  peers(): readonly string[] {
    return this.machine.peers();
  }
  share(blob: BlobId, index: number): Share | null {
    return this.machine.share(blob, index);
  }
  shares(blob: BlobId): readonly Share[] {
    return this.machine.shares(blob);
  }
  daMembership() {
    return this.machine.daMembership();
  }
  metrics(): Readonly<Record<string, number>> {
    return this.machine.metrics();
  }
  totalValue(id?: HeaderId): bigint | null {
    return this.machine.totalValue(id);
  }
}
