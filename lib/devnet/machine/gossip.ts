import type { Outbox } from "./outbox.ts";
import type { Message } from "./types.ts";

/** The neighbours that are connected, and what is said to all of them. */
export class Gossip {
  readonly #outbox: Outbox;
  readonly #connected = new Set<string>();

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  connect(peer: string): void {
    this.#connected.add(peer);
  }

  disconnect(peer: string): void {
    this.#connected.delete(peer);
  }

  isConnected(peer: string): boolean {
    return this.#connected.has(peer);
  }

  /** In order of connection. */
  peers(): readonly string[] {
    return [...this.#connected];
  }

  /** Says it to every neighbour but the one it came from. */
  flood(message: Message, except?: string): void {
    for (const peer of this.#connected) if (peer !== except) this.#outbox.send(peer, message);
  }
}
