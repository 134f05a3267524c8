import { closest, distance } from "fastest-levenshtein";

/** Shorter words are part of too many others to mean one of them. */
const SHORTEST_PART = 4;
/** One edit for each so many letters is a slip; more make it another word. */
const LETTERS_PER_EDIT = 3;
/** Names that a message lists; of more it says how many there are. */
const MOST_LISTED = 12;

/** The candidate that the written word is a part of, else the one that is the fewest edits away. There must be one. */
export function nearest(written: string, candidates: readonly string[]): string {
  const word = written.toLowerCase();
  const whole = candidates.filter((candidate) => candidate.toLowerCase().includes(word));
  return closest(written, [...(written.length >= SHORTEST_PART && whole.length > 0 ? whole : candidates)]);
}

/** The candidate that the writer can have meant: the nearest, unless it is another word altogether. */
export function meant(written: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const candidate = nearest(written, candidates);
  const [word, other] = withoutSharedEnding(plain(written), plain(candidate));
  const [shorter, longer] = word.length < other.length ? [word, other] : [other, word];
  if (shorter.length >= SHORTEST_PART && longer.includes(shorter)) return candidate;
  if (lettersOf(word) === lettersOf(other)) return candidate;
  const slips = Math.max(1, Math.floor(word.length / LETTERS_PER_EDIT));
  const edits = distance(word, other);
  return edits <= slips && edits < longer.length ? candidate : undefined;
}

/** Flags are not near by their dashes. */
function plain(word: string): string {
  return word.toLowerCase().replace(/^--?/, "");
}

function lettersOf(word: string): string {
  return word.split("").sort().join("");
}

/** Both without what follows their first dots, where that is the same: files are not near by their ending. */
function withoutSharedEnding(a: string, b: string): readonly [string, string] {
  const ending = a.slice((a.indexOf(".") + 1 || a.length + 1) - 1);
  return ending !== "" && b.endsWith(ending) ? [a.slice(0, -ending.length), b.slice(0, -ending.length)] : [a, b];
}

/** `Did you mean X? `, or nothing where no candidate is near: what there is follows. */
export function didYouMean(written: string, candidates: readonly string[]): string {
  const candidate = meant(written, candidates);
  return candidate === undefined ? "" : `Did you mean ${candidate}? `;
}

/** `The nearest is X. `, or nothing where none is near: where to find all of them follows. */
export function theNearest(written: string, candidates: readonly string[]): string {
  const candidate = meant(written, candidates);
  return candidate === undefined ? "" : `The nearest is ${candidate}. `;
}

/**
 * `The nearest is X.`, or all of them where none is near.
 * @param candidates one at least
 * @param place where they are, as in ` in FOLDER`
 */
export function nearestOrAll(written: string, candidates: readonly string[], place = ""): string {
  const candidate = meant(written, candidates);
  if (candidate !== undefined) return `The nearest${place} is ${candidate}.`;
  return `There ${candidates.length === 1 ? "is" : "are"} ${listed(candidates)}${place}.`;
}

/** The names in a row; of many the first ones. */
function listed(names: readonly string[]): string {
  const left = names.length - MOST_LISTED;
  return left <= 1 ? names.join(", ") : `${names.slice(0, MOST_LISTED).join(", ")} and ${left} more`;
}
