/**
 * What the node takes for the time: wall time, the configured offset, and one that can be set at run time. It stands still
 * where one of them is put back: a machine's time never goes back.
 */
export class NodeClock {
  /** Added at run time, ms. */
  imposedMs: number;
  readonly #world: { wallNow(): number };
  readonly #offsetMs: number;
  #latest = Number.NEGATIVE_INFINITY;

  constructor(world: { wallNow(): number }, offsetMs: number, imposedMs: number) {
    this.#world = world;
    this.#offsetMs = offsetMs;
    this.imposedMs = imposedMs;
  }

  /** In ms since 1970. */
  now(): number {
    this.#latest = Math.max(this.#latest, this.#world.wallNow() + this.#offsetMs + this.imposedMs);
    return this.#latest;
  }
}
