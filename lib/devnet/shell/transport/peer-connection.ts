import type { Socket } from "node:net";
import type { LinkConditions } from "../../../chain/http/link-conditions.ts";
import type { Clock } from "../../../core/clock.ts";
import { errorText } from "../../../core/errors.ts";
import type { Random } from "../../../core/random.ts";
import { type Frame, FrameReader, writeFrame } from "./framing.ts";
import {
  FRAME,
  type Greeting,
  PROBE_BYTES,
  readGreeting,
  readRefusal,
  writeGreeting,
  writeRefusal,
} from "./greeting.ts";
import { Outbox } from "./outbox.ts";

/** Bytes that may wait for a peer that takes nothing before its connection is given up. */
export const MAX_QUEUED = 32 * 1024 * 1024;

/** `M` is what frames carry after the greeting. */
export interface ConnectionOptions<M> {
  readonly clock: Clock;
  readonly random: Random;
  /** Whether this end dialled. */
  readonly dialled: boolean;
  readonly greeting: Greeting;
  /**
   * Called with the other end's greeting.
   * @returns why it is refused, or null
   */
  admit(theirs: Greeting): string | null;
  /** Greetings were exchanged and admitted. */
  onOpen(connection: PeerConnection<M>): void;
  /** @throws Error for a frame that no peer of this build sends; it closes the connection. */
  readMessage(frame: Frame): M;
  onMessage(connection: PeerConnection<M>, message: M): void;
  /** Called once, with the reason in words; also for connections that never opened. */
  onClose(connection: PeerConnection<M>, reason: string): void;
}

/** One TCP connection to a peer: greeting first, then frames, both ways. */
export class PeerConnection<M> {
  readonly dialled: boolean;
  /** The other end's greeting; null until it came and was admitted. */
  theirs: Greeting | null = null;
  /** When it was made, on the clock. */
  readonly since: number;
  /** When the last frame came, and when one was last asked to be sent, on the clock. */
  heardAt: number;
  usedAt: number;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions<M>;
  readonly #reader = new FrameReader();
  readonly #outbox: Outbox;
  readonly #probes = new Map<number, () => void>();
  #probed = 0;
  #reason: string | null = null;

  constructor(socket: Socket, options: ConnectionOptions<M>) {
    this.#socket = socket;
    this.#options = options;
    this.dialled = options.dialled;
    this.since = options.clock.now();
    this.heardAt = this.since;
    this.usedAt = this.since;
    this.#outbox = new Outbox(options.clock, options.random, (bytes) => this.#write(bytes));
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("end", () => this.close("the peer closed the connection"));
    socket.on("error", (error) => this.destroy(error.message));
    socket.on("close", () => this.#closed());
    this.#write(writeFrame(writeGreeting(options.greeting)));
  }

  /** Name of the peer, once it is known. */
  get peer(): string | null {
    return this.theirs?.name ?? null;
  }

  get remoteAddress(): string {
    return `${this.#socket.remoteAddress ?? "?"}:${this.#socket.remotePort ?? "?"}`;
  }

  set conditions(conditions: LinkConditions) {
    this.#outbox.conditions = conditions;
  }

  /** Sends a frame's bytes, subject to the link's conditions. */
  send(bytes: Uint8Array): void {
    if (this.#reason !== null) return;
    this.usedAt = this.#options.clock.now();
    this.#outbox.send(bytes);
    const queued = this.#outbox.heldBytes + this.#socket.writableLength;
    if (queued > MAX_QUEUED) this.destroy(`the peer takes nothing: ${queued} bytes are queued`);
  }

  /** Keeps the connection alive; not subject to the link's conditions. */
  ping(): void {
    if (this.#reason === null) this.#write(writeFrame({ type: FRAME.ping, body: new Uint8Array() }));
  }

  /**
   * Sends a probe that the peer echoes; both travel under the link's conditions, like messages.
   * @returns ms until the echo came, or null when `signal` aborted first
   */
  probe(signal: AbortSignal): Promise<number | null> {
    const { clock } = this.#options;
    const number = this.#probed++;
    const began = clock.now();
    return new Promise((resolve) => {
      const done = (ms: number | null) => {
        this.#probes.delete(number);
        resolve(ms);
      };
      this.#probes.set(number, () => done(clock.now() - began));
      signal.addEventListener("abort", () => done(null), { once: true });
      if (this.#reason === null) this.#outbox.send(writeFrame({ type: FRAME.probe, body: numberBytes(number) }));
    });
  }

  /** Sends what was given to the socket, then closes. */
  close(reason: string): void {
    this.#reason ??= reason;
    this.#outbox.close();
    this.#socket.end();
  }

  /** Closes at once and loses what is queued. */
  destroy(reason: string): void {
    this.#reason ??= reason;
    this.#outbox.close();
    this.#socket.destroy();
  }

  #write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  #closed(): void {
    this.#outbox.close();
    this.#options.onClose(this, this.#reason ?? "the connection was lost");
  }

  #receive(chunk: Uint8Array): void {
    this.heardAt = this.#options.clock.now();
    for (const frame of this.#guarded(() => this.#reader.push(chunk)) ?? []) {
      const turnedAway = this.#reason !== null && this.theirs === null;
      if (this.#socket.destroyed || turnedAway) return;
      this.#guarded(() => this.#read(frame))?.();
    }
  }

  /** What to do about a frame. Reading is the only part that a bad frame can make fail. */
  #read(frame: Frame): () => void {
    if (frame.type === FRAME.ping) return () => undefined;
    if (frame.type === FRAME.refusal) {
      const reason = readRefusal(frame);
      return () => this.close(`the peer refused us: ${reason}`);
    }
    if (this.theirs === null) {
      const greeting = readGreeting(frame);
      return () => this.#greeted(greeting);
    }
    if (frame.type === FRAME.probe) {
      if (frame.body.length !== PROBE_BYTES) throw new RangeError(`a probe of ${frame.body.length} bytes`);
      return () => this.#outbox.send(writeFrame({ type: FRAME.echo, body: frame.body }));
    }
    if (frame.type === FRAME.echo) {
      if (frame.body.length !== PROBE_BYTES) throw new RangeError(`an echo of ${frame.body.length} bytes`);
      return () => this.#probes.get(numberOf(frame.body))?.();
    }
    const message = this.#options.readMessage(frame);
    return () => this.#options.onMessage(this, message);
  }

  /** The result of reading what the peer sent; a failure closes the connection. */
  #guarded<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.destroy(`the peer sent a bad frame: ${errorText(error)}`);
      return undefined;
    }
  }

  #greeted(theirs: Greeting): void {
    const refusal = this.#options.admit(theirs);
    if (refusal !== null) {
      this.#write(writeFrame(writeRefusal(refusal)));
      this.close(`refused: ${refusal}`);
      return;
    }
    this.theirs = theirs;
    this.#options.onOpen(this);
  }
}

function numberBytes(number: number): Uint8Array {
  const bytes = new Uint8Array(PROBE_BYTES);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}

function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}
