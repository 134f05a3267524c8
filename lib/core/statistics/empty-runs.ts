import { probability } from "./probability.ts";

/**
 * P(some run of more than `longest` failures in a row), for independent trials whose probabilities of success differ.
 * Runs at the beginning and the end count as they are.
 *
 * A first such run ends at trial t when the trials t - longest .. t all fail, the one before them succeeds (or there is
 * none), and none ended earlier; those cases exclude each other, so their probabilities add up. This is the exact
 * recurrence for success runs (Feller, "An Introduction to Probability Theory", vol. 1, XIII.7) with unequal trials.
 */
export function emptyRunLongerThan(success: readonly number[], longest: number): number {
  return runLongerThan(failureLogs(success), success, longest);
}

/** The smallest `g` with P(some run of more than `g` failures in a row) <= `alpha`; at most the number of trials. */
export function longestEmptyRun(success: readonly number[], alpha: number): number {
  const logs = failureLogs(success);
  const allowed = (longest: number) => runLongerThan(logs, success, longest) <= alpha;
  let tooShort = -1;
  let enough = 0;
  while (!allowed(enough)) {
    tooShort = enough;
    enough = Math.min(2 * enough + 1, success.length);
  }
  while (enough - tooShort > 1) {
    const middle = (enough + tooShort) >> 1;
    if (allowed(middle)) enough = middle;
    else tooShort = middle;
  }
  return enough;
}

/** Logarithm of P(a trial fails), for one that never fails: exp of it is 0 for every purpose, and differences stay finite. */
const NEVER = -690;

/** logs[t]: logarithm of P(the first t trials all fail). */
function failureLogs(success: readonly number[]): Float64Array {
  const logs = new Float64Array(success.length + 1);
  for (const [i, p] of success.entries()) {
    const log = Math.log1p(-probability(p, "the chance of a trial"));
    logs[i + 1] = (logs[i] as number) + Math.max(log, NEVER);
  }
  return logs;
}

function runLongerThan(logs: Float64Array, success: readonly number[], longest: number): number {
  const length = longest + 1;
  /** endedBy[t]: P(a run that is too long has ended within the first t trials). */
  const endedBy = new Float64Array(success.length + 1);
  for (let t = length; t <= success.length; t++) {
    const start = t - length;
    const allFail = Math.exp((logs[t] as number) - (logs[start] as number));
    const first = start === 0 ? 1 : (success[start - 1] as number) * (1 - (endedBy[start - 1] as number));
    endedBy[t] = (endedBy[t - 1] as number) + allFail * first;
  }
  return Math.min(endedBy[success.length] as number, 1);
}
