import { probability } from "./probability.ts";

/** Mass below this is dropped from the ends: far below any limit in use, and it keeps the sums short and free of denormals. */
const NEGLIGIBLE = 1e-60;

/**
 * Distribution of the number of successes in independent trials whose probabilities may differ (Poisson-binomial).
 * Exact up to rounding: trials are convolved one by one and every term is positive, so nothing cancels
 * (Hong, "On computing the distribution function for the Poisson binomial distribution", 2013, direct convolution).
 */
export class CountDistribution {
  /** Number of trials added. */
  trials = 0;
  /** Sum of the trials' probabilities. */
  mean = 0;
  #mass = new Float64Array(64);
  /** Counts with mass are `#lowest` to `#lowest + #width - 1`; the mass of the count `#lowest + i` is `#mass[i]`. */
  #lowest = 0;
  #width = 1;

  constructor(trials: Iterable<number> = []) {
    this.#mass[0] = 1;
    for (const p of trials) this.add(p);
  }

  /** Adds one trial that succeeds with probability `p`. */
  add(p: number): void {
    probability(p, "the chance of a trial");
    this.trials += 1;
    this.mean += p;
    if (this.#width === this.#mass.length) this.#grow();
    const mass = this.#mass;
    for (let i = this.#width; i > 0; i--) mass[i] = at(mass, i) * (1 - p) + at(mass, i - 1) * p;
    mass[0] = at(mass, 0) * (1 - p);
    this.#width += 1;
    this.#trim();
  }

  /** P(count < `limit`). */
  below(limit: number): number {
    let sum = 0;
    const end = Math.min(limit - this.#lowest, this.#width);
    for (let i = 0; i < end; i++) sum += at(this.#mass, i);
    return Math.min(sum, 1);
  }

  /** P(count >= `limit`), summed from that side so that a small chance keeps its precision. */
  atLeast(limit: number): number {
    let sum = 0;
    for (let i = this.#width - 1; i >= Math.max(0, limit - this.#lowest); i--) sum += at(this.#mass, i);
    return Math.min(sum, 1);
  }

  /** The largest `c` with P(count < c) <= `alpha`: a count below it is a false alarm with at most that probability. */
  lowerQuantile(alpha: number): number {
    let sum = 0;
    for (let i = 0; i < this.#width; i++) {
      sum += at(this.#mass, i);
      if (sum > alpha) return this.#lowest + i;
    }
    return this.#lowest + this.#width - 1;
  }

  #grow(): void {
    const grown = new Float64Array(this.#mass.length * 2);
    grown.set(this.#mass);
    this.#mass = grown;
  }

  #trim(): void {
    const mass = this.#mass;
    while (this.#width > 1 && at(mass, this.#width - 1) < NEGLIGIBLE) {
      this.#width -= 1;
      mass[this.#width] = 0;
    }
    let drop = 0;
    while (drop < this.#width - 1 && at(mass, drop) < NEGLIGIBLE) drop += 1;
    if (drop === 0) return;
    mass.copyWithin(0, drop, this.#width);
    mass.fill(0, this.#width - drop, this.#width);
    this.#lowest += drop;
    this.#width -= drop;
  }
}

function at(values: Float64Array, index: number): number {
  return values[index] as number;
}
