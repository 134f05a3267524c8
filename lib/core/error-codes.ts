/** How a coded error ends the process; the numbers are in `lib/cli/exit-codes.ts`. */
export type ErrorClass =
  /** Refused before the start because of what the user wrote. */
  | "refused"
  /** The world failed us: engine, disk, port, timeout, a bug of ours. */
  | "error";

interface CodeEntry {
  readonly class: ErrorClass;
  /** One line that names the situation, without its particulars. */
  readonly title: string;
}

/**
 * Every error code the product can show. A code is never reused for another meaning.
 * Grouped by the room that raises it; keep each group sorted.
 */
export const ERROR_CODES = {
  // chain
  "NR-CHAIN-BLOB-INCONSISTENT": { class: "error", title: "A blob's shares are no codeword" },
  "NR-CHAIN-BLOB-LAYOUT": { class: "refused", title: "A blob can't be coded into that many shares" },
  "NR-CHAIN-BLOB-SIZE": { class: "refused", title: "A blob is empty or too large" },
  "NR-CHAIN-DECODE": { class: "error", title: "Bytes don't follow the chain's binary layout" },
  "NR-CHAIN-ENCODE": { class: "error", title: "A value doesn't fit the chain's binary layout" },
  "NR-CHAIN-GENESIS": { class: "refused", title: "A genesis is not well formed" },
  "NR-CHAIN-JSON": { class: "error", title: "JSON doesn't follow the node's HTTP contract" },
  "NR-CHAIN-SHARE-INVALID": { class: "error", title: "A share doesn't belong to its blob" },
  "NR-CHAIN-SHARES-TOO-FEW": { class: "error", title: "Too few shares to recover a blob" },
  // core
  "NR-CORE-DEADLINE": { class: "error", title: "A wait passed its deadline" },
  "NR-CORE-DURATION": { class: "refused", title: "A duration can't be read" },
  "NR-CORE-INTERNAL": { class: "error", title: "An internal invariant was broken" },
  "NR-CORE-INTERRUPTED": { class: "error", title: "The work was cancelled" },
  // host
  "NR-HOST-GUARDIAN-DIED": { class: "error", title: "The guardian process ended before its run" },
  "NR-HOST-GUARDIAN-START": { class: "error", title: "The guardian process did not start" },
  "NR-HOST-SPAWN": { class: "error", title: "A program can't be started" },
} as const satisfies Record<string, CodeEntry>;

/** A code of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;
