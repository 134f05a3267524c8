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
  if (k <= 0) return 1;
  let sum = 0;
  for (let i = n; i >= k; i--) sum += binomialMass(n, p, i);
  return Math.min(sum, 1);
}

/** P(at most `k` successes in `n` trials of probability `p`). */
export function binomialAtMost(n: number, p: number, k: number): number {
  if (k >= n) return 1;
  let sum = 0;
  for (let i = 0; i <= k; i++) sum += binomialMass(n, p, i);
  return Math.min(sum, 1);
}
