import { probability } from "./probability.ts";

/** Natural logarithm of `n!`, to about 1e-15 relative: a product below 20, Stirling's series above (DLMF 5.11.1). */
export function logFactorial(n: number): number {
  if (n < 20) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  const x = n + 1;
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/** P(exactly `k` successes in `n` trials of probability `p`), computed through logarithms so that it does not underflow early. */
export function binomialMass(n: number, p: number, k: number): number {
  probability(p, "the chance of a trial");
  if (k < 0 || k > n) return 0;
  if (p === 0) return k === 0 ? 1 : 0;
  if (p === 1) return k === n ? 1 : 0;
  const logChoose = logFactorial(n) - logFactorial(k) - logFactorial(n - k);
  return Math.exp(logChoose + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/** P(at least `k` successes in `n` trials of probability `p`). */
export function binomialAtLeast(n: number, p: number, k: number): number {
  return k <= 0 ? 1 : between(n, p, k, n);
}

/** P(at most `k` successes in `n` trials of probability `p`). */
export function binomialAtMost(n: number, p: number, k: number): number {
  return k >= n ? 1 : between(n, p, 0, k);
}

/** Terms below this part of the sum can't change it any more. */
const NEGLIGIBLE = 1e-20;

/** P(`from` to `to` successes): from the largest term outwards, each by its ratio to the one before, while they matter. */
function between(n: number, p: number, from: number, to: number): number {
  if (from > to) return 0;
  const largest = Math.min(Math.max(Math.floor((n + 1) * p), from), to);
  const peak = binomialMass(n, p, largest);
  const odds = p / (1 - p);
  let sum = peak;
  for (let k = largest, term = peak; k < to && term > sum * NEGLIGIBLE; k++) {
    term *= ((n - k) / (k + 1)) * odds;
    sum += term;
  }
  for (let k = largest, term = peak; k > from && term > sum * NEGLIGIBLE; k--) {
    term *= k / ((n - k + 1) * odds);
    sum += term;
  }
  return Math.min(sum, 1);
}
