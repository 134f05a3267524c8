import { closest } from "fastest-levenshtein";

/** Shorter words are part of too many others to mean one of them. */
const SHORTEST_PART = 4;

/** The candidate that the written word is a part of, else the one that is the fewest edits away. There must be one. */
export function nearest(written: string, candidates: readonly string[]): string {
  const word = written.toLowerCase();
  const whole = candidates.filter((candidate) => candidate.toLowerCase().includes(word));
  return closest(written, [...(written.length >= SHORTEST_PART && whole.length > 0 ? whole : candidates)]);
}
