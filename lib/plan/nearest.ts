import { closest } from "fastest-levenshtein";

/** The candidate that is the fewest edits away, for "did you mean". There must be one. */
export function nearest(written: string, candidates: readonly string[]): string {
  return closest(written, [...candidates]);
}
