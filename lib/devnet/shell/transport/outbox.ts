import type { LinkConditions } from "../../../chain/http/link-conditions.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Random } from "../../../core/random.ts";

/** A link on which nothing is done to frames. */
export const CLEAR_LINK: LinkConditions = { delayMs: 0, jitterMs: 0, loss: 0, blocked: false };

/** Frames on their way to one peer, held back and thinned out as the link's conditions say. Keeps order. */
export class Outbox {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #closed = new AbortController();
  readonly #held: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #heldBytes = 0;
  #conditions = CLEAR_LINK;

  constructor(clock: Clock, random: Random, write: (bytes: Uint8Array) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#write = write;
  }

  /** Bytes that wait for their time. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** In force for every frame from now on. */
  set conditions(conditions: LinkConditions) {
    this.#conditions = conditions;
  }

  send(bytes: Uint8Array): void {
    const { delayMs, jitterMs, loss } = this.#conditions;
    if (loss > 0 && this.#random.float() < loss) return;
    if (this.#held.length === 0 && delayMs === 0 && jitterMs === 0) {
      this.#write(bytes);
      return;
    }
    const earliest = this.#held.at(-1)?.at ?? 0;
    const at = Math.max(earliest, this.#clock.now() + delayMs + jitterMs * this.#random.float());
    this.#held.push({ at, bytes });
    this.#heldBytes += bytes.length;
    if (this.#held.length === 1) void this.#pump();
  }

  /** Forgets what is held. */
  close(): void {
    this.#closed.abort();
    this.#held.length = 0;
    this.#heldBytes = 0;
  }

  async #pump(): Promise<void> {
    for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
      const wait = next.at - this.#clock.now();
      if (wait > 0 && !(await this.#slept(wait))) return;
      this.#held.shift();
      this.#heldBytes -= next.bytes.length;
      this.#write(next.bytes);
    }
  }

  /** Whether the time passed before the outbox was closed. */
  async #slept(ms: number): Promise<boolean> {
    try {
      await this.#clock.sleep(ms, this.#closed.signal);
      return true;
    } catch {
      // The only rejection is our own abort: nothing is left to send.
      return false;
    }
  }
}
