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
  // core
  "NR-CORE-DEADLINE": { class: "error", title: "A wait passed its deadline" },
  "NR-CORE-DURATION": { class: "refused", title: "A duration can't be read" },
  "NR-CORE-INTERNAL": { class: "error", title: "An internal invariant was broken" },
  "NR-CORE-INTERRUPTED": { class: "error", title: "The work was cancelled" },
} as const satisfies Record<string, CodeEntry>;

/** A code of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;
