import type { Outbox } from "./outbox.ts";
import type { Message } from "./types.ts";

/** The neighbours that are connected, and what is said to all of them. */
export class Gossip {
  readonly #outbox: Outbox;
  readonly #connected = new Set<string>();
  /** Height of the best tip that a neighbour has announced or shown. */
  readonly #heights = new Map<string, number>();

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  connect(peer: string): void {
    this.#connected.add(peer);
  }

  disconnect(peer: string): void {
    this.#connected.delete(peer);
    this.#heights.delete(peer);
  }

  isConnected(peer: string): boolean {
    return this.#connected.has(peer);
  }

  /** In order of connection. */
  peers(): readonly string[] {
    return [...this.#connected];
  }

  sawHeight(peer: string, height: number): void {
    if (this.#connected.has(peer) && height > this.heightOf(peer)) this.#heights.set(peer, height);
  }

  heightOf(peer: string): number {
    return this.#heights.get(peer) ?? 0;
  }

  /** Says it to every neighbour but the one it came from. */
  flood(message: Message, except?: string): void {
    for (const peer of this.#connected) if (peer !== except) this.#outbox.send(peer, message);
  }
}
