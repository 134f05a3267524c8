import {
  isLost,
  type LimitSearch,
  oneOfEachSlot,
  type ProbeOutcome,
  probeOutcome,
} from "../../evidence/judgement/limit-search.ts";
import type { PlannedStart } from "../open-loop.ts";

interface Watched {
  readonly intended: number;
  includedAt: number | null;
}

/** Watches what becomes of the starts that a probe counts. The judgement counts them again, from the evidence. */
export class ProbeWatch {
  readonly #search: LimitSearch & { readonly withinMs: number };
  readonly #chain: { readonly chainStart: number; readonly slotMs: number };
  readonly #countFrom: number;
  readonly #starts = new Map<number, Watched>();

  /** @param countFrom starts before it are not counted */
  constructor(
    search: LimitSearch & { readonly withinMs: number },
    chain: { readonly chainStart: number; readonly slotMs: number },
    countFrom: number,
  ) {
    this.#search = search;
    this.#chain = chain;
    this.#countFrom = countFrom;
  }

  planned({ n, intended }: PlannedStart): void {
    if (intended >= this.#countFrom) this.#starts.set(n, { intended, includedAt: null });
  }

  /** A start that is none of those that are to be included. */
  forget(n: number): void {
    this.#starts.delete(n);
  }

  included(n: number, at: number): void {
    const start = this.#starts.get(n);
    if (start) start.includedAt ??= at;
  }

  /** Whether so many of `samples` starts were not in time that the rest can't make up for it. */
  isLost(now: number, samples: number): boolean {
    const { withinMs } = this.#search;
    const { slotMs } = this.#chain;
    const decided = this.#asked(now - withinMs - slotMs);
    return isLost(this.#search, decided.filter((start) => !this.#isInTime(start)).length, samples);
  }

  /** What the starts intended before `until` show. */
  outcome(until: number): ProbeOutcome {
    const asked = this.#asked(until);
    return probeOutcome(this.#search, asked.filter((start) => this.#isInTime(start)).length, asked.length);
  }

  #asked(until: number): readonly Watched[] {
    return oneOfEachSlot(
      [...this.#starts.values()].filter(({ intended }) => intended < until),
      this.#chain,
    );
  }

  #isInTime({ intended, includedAt }: Watched): boolean {
    return includedAt !== null && includedAt - intended <= this.#search.withinMs;
  }
}
