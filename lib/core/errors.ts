import { ERROR_CODES, type ErrorClass, type ErrorCode } from "./error-codes.ts";

/** What an error can carry beside its text. */
export interface ErrorFacets {
  /** What to do about it, one sentence. */
  readonly hint?: string;
  /** Where the user caused it: `file:line` of a scenario, a flag, a variable. */
  readonly at?: string;
  /** The lines of a file that it is about, with a mark below the place. */
  readonly excerpt?: string;
  readonly cause?: unknown;
}

/** The one error class of the product: a stable code, what happened, where, and what to do. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly at: string | undefined;
  readonly excerpt: string | undefined;

  constructor(code: ErrorCode, message: string, facets: ErrorFacets = {}) {
    super(message, facets.cause === undefined ? undefined : { cause: facets.cause });
    this.name = "CodedError";
    this.code = code;
    this.hint = facets.hint;
    this.at = facets.at;
    this.excerpt = facets.excerpt;
  }

  /** Whether the user's input was refused or the world failed. */
  get class(): ErrorClass {
    return ERROR_CODES[this.code].class;
  }
}

/** The text of any thrown value, without a stack. */
export function errorText(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return String(thrown);
}

/** The `code` of a Node system error (`ECONNREFUSED`), or of one of its causes. */
export function systemCode(thrown: unknown): string | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const code = (error as { code?: unknown }).code;
    if (typeof code === "string") return code;
  }
  return undefined;
}

/**
 * Narrows away the impossible.
 * @throws CodedError NR-CORE-INTERNAL when `value` is missing.
 */
export function must<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new CodedError("NR-CORE-INTERNAL", `${what} is missing`);
  return value;
}
