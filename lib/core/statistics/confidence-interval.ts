import { binomialAtLeast, binomialAtMost } from "./binomial.ts";

/** A range that holds the true probability with at least the confidence it was made for. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The exact interval for a probability of which `successes` of `trials` were seen
 * (Clopper and Pearson, "The use of confidence or fiducial limits", Biometrika 26, 1934).
 * @param confidence 0.95 and the like; each side is missed with at most half of the rest
 */
export function clopperPearson(successes: number, trials: number, confidence: number): Interval {
  const side = (1 - confidence) / 2;
  return {
    low: successes === 0 ? 0 : crossing((p) => binomialAtLeast(trials, p, successes) < side),
    high: successes === trials ? 1 : crossing((p) => binomialAtMost(trials, p, successes) >= side),
  };
}

/** Where `before` turns from true to false on [0, 1], by bisection down to the precision of a double. */
function crossing(before: (p: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (before(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
