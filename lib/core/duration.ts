import { CodedError } from "./errors.ts";

/** A length of time as scenarios write it: `"90s"`, `"1500ms"`, `"2m"`, `"1h"`, or a number of milliseconds. */
export type Duration = `${number}${"ms" | "s" | "m" | "h"}` | number;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/**
 * Milliseconds of a written duration.
 * @throws CodedError NR-CORE-DURATION when it is malformed, negative or not finite.
 */
export function durationMs(written: Duration | string, facets: { at?: string } = {}): number {
  if (typeof written === "number") {
    if (Number.isFinite(written) && written >= 0) return written;
  } else {
    const match = FORM.exec(written);
    if (match) return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  }
  throw new CodedError("NR-CORE-DURATION", `${JSON.stringify(written)} is not a duration`, {
    ...facets,
    hint: 'Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.',
  });
}

/** The shortest exact form a person reads: `90s`, `1.5s`, `250ms`, `12m`. */
export function formatDuration(ms: number): string {
  if (ms >= 120_000 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  if (ms >= 1_000) return `${Number((ms / 1_000).toFixed(2))}s`;
  return `${Number(ms.toFixed(1))}ms`;
}
