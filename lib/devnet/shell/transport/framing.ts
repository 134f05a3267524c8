/** Bytes of a frame's head: length of type and body (u32 little-endian), then the type (u8). */
export const FRAME_HEAD = 5;

/** Largest frame a peer may send, in bytes of type and body: several full blocks of 1024 transactions. */
export const MAX_FRAME = 16 * 1024 * 1024;

/** One unit of what peers say to each other. */
export interface Frame {
  readonly type: number;
  readonly body: Uint8Array;
}

/** The bytes of a frame as they go on the wire. */
export function writeFrame(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEAD + frame.body.length);
  new DataView(bytes.buffer).setUint32(0, 1 + frame.body.length, true);
  bytes[4] = frame.type;
  bytes.set(frame.body, FRAME_HEAD);
  return bytes;
}

/** Cuts a byte stream into frames. Holds at most one unfinished frame, and refuses a large one by its head alone. */
export class FrameReader {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #held = 0;

  constructor(limit = MAX_FRAME) {
    this.#limit = limit;
  }

  /**
   * The frames that `chunk` completes, in order.
   * @throws RangeError for a frame that is empty or larger than the limit; the stream is of no use after that.
   */
  push(chunk: Uint8Array): Frame[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const frames: Frame[] = [];
    for (let length = this.#nextLength(); length !== null && this.#held >= 4 + length; length = this.#nextLength()) {
      const bytes = this.#take(4 + length);
      frames.push({ type: bytes[4] as number, body: bytes.subarray(FRAME_HEAD) });
    }
    return frames;
  }

  #nextLength(): number | null {
    if (this.#held < 4) return null;
    if ((this.#chunks[0] as Uint8Array).length < 4) this.#join();
    const first = this.#chunks[0] as Uint8Array;
    const length = new DataView(first.buffer, first.byteOffset, 4).getUint32(0, true);
    if (length === 0 || length > this.#limit) {
      throw new RangeError(`a frame of ${length} bytes; 1 to ${this.#limit} are allowed`);
    }
    return length;
  }

  #take(count: number): Uint8Array {
    if ((this.#chunks[0] as Uint8Array).length < count) this.#join();
    const first = this.#chunks[0] as Uint8Array;
    this.#held -= count;
    if (first.length === count) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(count);
    return first.subarray(0, count);
  }

  #join(): void {
    const joined = new Uint8Array(this.#held);
    let offset = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, offset);
      offset += chunk.length;
    }
    this.#chunks = [joined];
  }
}
