import type { Json } from "../model/plan.ts";
import type { JsonObject } from "./written.ts";

/** Options as a profile scales them, and what the durations among them were before. */
export interface Scaled {
  readonly options: JsonObject;
  /** Milliseconds as written, by dotted path below the options. */
  readonly written: ReadonlyMap<string, number>;
}

/** Multiplies every duration: a number whose key ends in `Ms`, at any depth. */
export function scaleDurations(options: JsonObject, timeScale: number): Scaled {
  const written = new Map<string, number>();
  const scale = (value: Json, path: string): Json => {
    if (typeof value === "number" && /[a-z0-9]Ms$/.test(path)) {
      written.set(path, value);
      return value * timeScale;
    }
    if (Array.isArray(value)) return value.map((part: Json, i) => scale(part, `${path}.${i}`));
    if (typeof value === "object" && value !== null) return scaleObject(value as JsonObject, `${path}.`);
    return value;
  };
  const scaleObject = (object: JsonObject, prefix: string): JsonObject =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, scale(value, `${prefix}${key}`)]));
  return { options: scaleObject(options, ""), written };
}
