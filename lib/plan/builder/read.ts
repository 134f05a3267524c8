import { type Duration, durationMs } from "../../core/duration.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import { CodedError } from "../../core/errors.ts";
import type { Json } from "../../model/plan.ts";
import { NAME, NAME_RULE } from "../limits.ts";
import { shown } from "../shown.ts";

/** An argument of a builder call: its value, or why it is none. */
export type Read<T> = { readonly value: T } | { readonly refusal: Refusal };

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** @param call how the call reads to its author: `validators(-1)` */
export function readWhole(call: string, value: unknown, min: number, max: number): Read<number> {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)
    return { value: value as number };
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  return refuse(
    "NR-PLAN-COUNT",
    `${call}: ${shown(value)} is not a whole number ${range}`,
    `Write a whole number ${range}.`,
  );
}

/** A finite number above 0. */
export function readPositive(call: string, value: unknown): Read<number> {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return { value };
  return refuse(
    "NR-PLAN-VALUE",
    `${call}: ${shown(value)} is not a number above 0`,
    "Write a number above 0, such as 5 or 0.5.",
  );
}

/** A finite number from 0 on. */
export function readNotNegative(call: string, value: unknown): Read<number> {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return { value };
  return refuse("NR-PLAN-VALUE", `${call}: ${shown(value)} is not a number from 0 on`, "Write 0 or a number above it.");
}

/** Milliseconds of a duration above 0. */
export function readDuration(call: string, value: unknown): Read<number> {
  const hint = 'Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.';
  if (typeof value !== "string" && typeof value !== "number") {
    return refuse("NR-CORE-DURATION", `${call}: ${shown(value)} is not a duration`, hint);
  }
  try {
    const ms = durationMs(value as Duration);
    if (ms > 0) return { value: ms };
    return refuse(
      "NR-CORE-DURATION",
      `${call}: ${shown(value)} is no time at all`,
      'Write a duration above 0, such as "10s".',
    );
  } catch (thrown) {
    if (!(thrown instanceof CodedError)) throw thrown;
    return refuse("NR-CORE-DURATION", `${call}: ${shown(value)} is not a duration`, hint);
  }
}

export function readFlag(call: string, value: unknown): Read<boolean> {
  if (typeof value === "boolean") return { value };
  return refuse("NR-PLAN-VALUE", `${call}: ${shown(value)} is neither true nor false`, "Write true or false.");
}

export function readName(call: string, value: unknown): Read<string> {
  if (typeof value === "string" && NAME.test(value)) return { value };
  return refuse("NR-PLAN-NAME", `${call}: ${shown(value)} is not a name`, `A name has ${NAME_RULE}.`);
}

export function readSeed(text: unknown): Read<string> {
  if (typeof text === "string" && text !== "") return { value: text };
  return refuse("NR-PLAN-VALUE", `seed(${shown(text)}): a seed is text that is not empty`, 'Write text, such as "42".');
}

/** An http or https URL without credentials: it is printed and recorded. */
export function readUrl(call: string, value: unknown): Read<string> {
  const hint = "Write a URL such as http://127.0.0.1:9090.";
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    return refuse("NR-PLAN-URL", `${call}: ${shown(value)} is not an http or https URL`, hint);
  }
  if (url.username || url.password) {
    return refuse(
      "NR-PLAN-URL",
      `${call}: the URL of ${url.host} has credentials in it, and plans are printed and recorded`,
      "Leave user and password out of the URL.",
    );
  }
  return { value: value as string };
}

/** Plain JSON that survives being written and read again. */
export function readJson(call: string, value: unknown): Read<Json> {
  const odd = oddPart(value, "", new Set());
  if (odd === undefined) return { value: structuredClone(value) as Json };
  return refuse(
    "NR-PLAN-JSON",
    `${call}: ${odd}, which JSON can't hold`,
    "Use strings, finite numbers, true, false, null, arrays and plain objects.",
  );
}

/** A plain JSON object. */
export function readJsonObject(call: string, value: unknown): Read<{ readonly [key: string]: Json }> {
  const read = readJson(call, value);
  if ("refusal" in read) return read;
  if (isPlainObject(read.value)) return { value: read.value as { readonly [key: string]: Json } };
  return refuse("NR-PLAN-JSON", `${call}: ${shown(value)} is not an object`, "Write an object, such as { key: 1 }.");
}

/** The first part that is not JSON, as `path is what`; undefined when all of it is JSON. */
function oddPart(value: unknown, path: string, above: ReadonlySet<unknown>): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value))
    return undefined;
  const place = path === "" ? "it" : path;
  if (!Array.isArray(value) && !isPlainObject(value)) return `${place} is ${shown(value)}`;
  if (above.has(value)) return `${place} contains itself`;
  const inside = new Set(above).add(value);
  for (const [key, part] of Object.entries(value as object)) {
    const odd = oddPart(part, path === "" ? key : `${path}.${key}`, inside);
    if (odd !== undefined) return odd;
  }
  return undefined;
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function refuse(code: ErrorCode, message: string, hint: string): { refusal: Refusal } {
  return { refusal: { code, message, hint } };
}
