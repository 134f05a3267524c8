import assert from "node:assert/strict";
import { createMachine } from "../../../lib/devnet/machine/machine.ts";
import { createSharedMemo, type SharedMemo } from "../../../lib/devnet/machine/shared-memo.ts";
import type { Input, Machine, Message, Output, PersistRecord } from "../../../lib/devnet/machine/types.ts";
import type { World } from "../../devnet-machine/support/network.ts";

/** Messages after which a network that ought to fall silent is called a storm. */
const STORM = 5_000;

interface Letter {
  readonly from: string;
  readonly to: string;
  readonly message: Message;
}

/**
 * Honest machines, each with a memory of its own, that all know one another and the attackers. Messages arrive at once
 * and in order; nothing moves time but {@link at}. What is sent to an attacker piles up for the test to look at.
 */
export class Mesh {
  readonly #world: World;
  readonly #attackers: readonly string[];
  readonly #machines = new Map<string, Machine>();
  readonly #letters: Letter[] = [];
  /** What waits for nodes that are paused. */
  readonly #backlogs = new Map<string, Letter[]>();
  readonly #offsets = new Map<string, number>();
  readonly #memo: SharedMemo | null;
  #now: number;
  /** Everything that was sent to somebody who is no machine. */
  readonly intercepted: Letter[] = [];
  readonly warnings: string[] = [];
  readonly records = new Map<string, PersistRecord[]>();

  /** @param names the honest nodes, of the world's @param attackers names beside them @param memo shared, to save work */
  constructor(
    world: World,
    names: readonly string[],
    attackers: readonly string[],
    now: number,
    memo: SharedMemo | null = null,
  ) {
    this.#memo = memo;
    this.#world = world;
    this.#attackers = attackers;
    this.#now = now;
    for (const name of names) this.join(name);
    this.settle();
  }

  /** Starts a node and connects it with the attackers first, then with everybody who is there. */
  join(name: string): void {
    const neighbours = [...this.#attackers, ...this.#world.names].filter((other) => other !== name);
    const machine = createMachine(
      { ...this.#world.config(name), neighbours },
      null,
      this.#now,
      this.#memo ?? createSharedMemo(),
    );
    const others = [...this.#machines.keys()];
    this.#machines.set(name, machine);
    this.records.set(name, []);
    this.#act(name, machine.start(this.#now).outputs);
    for (const peer of this.#attackers) this.#feed(name, { type: "connected", peer });
    for (const peer of others) {
      this.#feed(name, { type: "connected", peer });
      this.#feed(peer, { type: "connected", peer: name });
    }
  }

  machine(name: string): Machine {
    const machine = this.#machines.get(name);
    assert.ok(machine, `no machine ${name}`);
    return machine;
  }

  machines(): Machine[] {
    return [...this.#machines.values()];
  }

  /** Puts a node's clock off, from the next input on. */
  setClock(name: string, offsetMs: number): void {
    this.#offsets.set(name, offsetMs);
  }

  /** Stops a node as SIGSTOP does: what is sent to it waits. */
  pause(name: string): void {
    this.#backlogs.set(name, []);
  }

  /** Lets it go on, with everything that waits at once. */
  resume(name: string): void {
    const backlog = this.#backlogs.get(name) ?? [];
    this.#backlogs.delete(name);
    this.#letters.push(...backlog);
  }

  /** Moves time on and lets everybody notice. */
  at(now: number): void {
    for (const name of this.#machines.keys()) if (!this.#backlogs.has(name)) this.tick(name, now);
    this.settle();
  }

  /** Moves time on and lets one node notice. */
  tick(name: string, now: number): void {
    this.#now = now;
    this.#feed(name, { type: "tick" });
  }

  /** An attacker says something to a node. */
  say(from: string, to: string, message: Message): readonly Output[] {
    return this.#feed(to, { type: "message", from, message });
  }

  feed(to: string, input: Input): readonly Output[] {
    return this.#feed(to, input);
  }

  /** Delivers until nobody has anything to say; returns how many messages that took. */
  settle(): number {
    let delivered = 0;
    for (let letter = this.#letters.shift(); letter; letter = this.#letters.shift()) {
      const backlog = this.#backlogs.get(letter.to);
      if (backlog) backlog.push(letter);
      else if (this.#machines.has(letter.to)) {
        delivered++;
        assert.ok(delivered < STORM, `a storm: ${STORM} messages, the last a ${letter.message.type} to ${letter.to}`);
        this.#feed(letter.to, { type: "message", from: letter.from, message: letter.message });
      } else this.intercepted.push(letter);
    }
    return delivered;
  }

  /** Loses what is under way. */
  drop(): void {
    this.#letters.length = 0;
  }

  #feed(name: string, input: Input): readonly Output[] {
    const { outputs } = this.machine(name).handle(input, this.#now + (this.#offsets.get(name) ?? 0));
    this.#act(name, outputs);
    return outputs;
  }

  #act(name: string, outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.type === "send") this.#letters.push({ from: name, to: output.to, message: output.message });
      else if (output.type === "persist") this.records.get(name)?.push(output.record);
      else if (output.type === "log" && output.level === "WARN") this.warnings.push(`${name}: ${output.text}`);
    }
  }
}
