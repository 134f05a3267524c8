/** Slots of a chain: slot s lasts from `chainStart + s * slotMs` up to the start of the next. */
export class SlotClock {
  readonly slotMs: number;
  readonly #chainStart: number;

  constructor(chainStart: number, slotMs: number) {
    this.#chainStart = chainStart;
    this.slotMs = slotMs;
  }

  /** The slot at `now`; 0 before the chain starts. */
  slotAt(now: number): number {
    return Math.max(0, Math.floor((now - this.#chainStart) / this.slotMs));
  }

  /** When a slot begins, in ms. */
  startOf(slot: number): number {
    return this.#chainStart + slot * this.slotMs;
  }
}
