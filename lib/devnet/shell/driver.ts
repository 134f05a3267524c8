import type { HeaderId, SignedTx } from "../../chain/types.ts";
import type { Clock } from "../../core/clock.ts";
import type {
  DisperseRequest,
  Input,
  Machine,
  Message,
  Output,
  PersistRecord,
  Refusal,
  Step,
} from "../machine/types.ts";
import { Alarm } from "./alarm.ts";
import type { FinalBlock } from "./final-blocks.ts";
import type { Log } from "./log.ts";
import type { Store } from "./store.ts";

/** How a dispersal ended. */
export type Dispersal = Extract<Output, { type: "dispersed" }>["result"];

export interface DriverOptions {
  readonly machine: Machine;
  readonly store: Store;
  readonly clock: Clock;
  /** The time that the machine is told; never goes back. */
  now(): number;
  readonly log: Log;
  send(to: string, message: Message): void;
  /** Blocks that became final in a step, oldest first. */
  onFinal(blocks: readonly FinalBlock[]): void;
  /** A bug of ours or a full disk: the machine is not stepped any more. */
  onFault(error: unknown): void;
}

/**
 * Steps the machine, one input at a time. What a step persists is committed in one transaction before anything that the
 * step says leaves the node.
 */
export class Driver {
  readonly #options: DriverOptions;
  readonly #alarm: Alarm;
  readonly #submissions = new Map<number, (refusal: Refusal | null) => void>();
  readonly #dispersals = new Map<number, (result: Dispersal) => void>();
  #calls = 0;
  #stopped = false;
  #final: FinalBlock;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.handle({ type: "tick" }));
    const { lib } = options.machine.info();
    this.#final = { id: lib, height: options.store.heightOf(lib) };
  }

  /** The first step. */
  start(): void {
    this.#run((now) => this.#options.machine.start(now));
  }

  /** Takes one step. Nothing happens any more after {@link stop} or a fault. */
  handle(input: Input): void {
    this.#run((now) => this.#options.machine.handle(input, now));
  }

  /** A client's transaction; resolves to why it was refused, or null. */
  submit(tx: SignedTx): Promise<Refusal | null> {
    const call = this.#calls++;
    const answer = new Promise<Refusal | null>((resolve) => this.#submissions.set(call, resolve));
    this.handle({ type: "submit", call, tx });
    return answer;
  }

  /** A client's blob; resolves when the machine says how it went. */
  disperse(request: DisperseRequest): Promise<Dispersal> {
    const call = this.#calls++;
    const answer = new Promise<Dispersal>((resolve) => this.#dispersals.set(call, resolve));
    this.handle({ type: "disperse", call, request });
    return answer;
  }

  stop(): void {
    this.#stopped = true;
    this.#alarm.stop();
  }

  #run(step: (now: number) => Step): void {
    if (this.#stopped) return;
    try {
      const now = this.#options.now();
      const { outputs, wake } = step(now);
      this.#apply(outputs);
      this.#alarm.set(Math.max(0, wake - now));
    } catch (error) {
      this.stop();
      this.#options.onFault(error);
    }
  }

  #apply(outputs: readonly Output[]): void {
    const records = outputs.flatMap((output) => (output.type === "persist" ? [output.record] : []));
    if (records.length > 0) this.#options.store.commit(records);
    for (const output of outputs) this.#act(output);
    this.#announceFinal(records);
  }

  #act(output: Output): void {
    switch (output.type) {
      case "persist":
        return;
      case "send":
        return this.#options.send(output.to, output.message);
      case "log":
        return this.#options.log(output.level, output.target, output.text);
      case "submitted":
        this.#submissions.get(output.call)?.(output.refusal);
        this.#submissions.delete(output.call);
        return;
      case "dispersed":
        this.#dispersals.get(output.call)?.(output.result);
        this.#dispersals.delete(output.call);
    }
  }

  #announceFinal(records: readonly PersistRecord[]): void {
    const lib = records.findLast((record) => record.type === "tip")?.lib;
    if (lib === undefined || lib === this.#final.id) return;
    const blocks = this.#chainSince(this.#final.id, lib).map((id, i) => ({ id, height: this.#final.height + 1 + i }));
    this.#final = blocks.at(-1) ?? this.#final;
    this.#options.onFinal(blocks);
  }

  /** Ids after `old` up to `lib`, oldest first. */
  #chainSince(old: HeaderId, lib: HeaderId): HeaderId[] {
    const ids: HeaderId[] = [];
    for (let id: HeaderId | undefined = lib; id !== undefined && id !== old; ) {
      ids.push(id);
      id = this.#options.machine.block(id)?.header.parent;
    }
    return ids.reverse();
  }
}
