import * as v from "valibot";

/** Both directions of one JSON value on the wire. */
export interface Codec<T> {
  /** @throws Error that names the place and the fault when `json` isn't of this shape. */
  decode(json: unknown): T;
  encode(value: T): unknown;
  /** The JSON of what `encode` gives, or its UTF-8, where there is a shorter way to it. */
  write?(value: T): string | Uint8Array;
}

/** A value that `schema` checks and turns into what memory holds; `encode` turns it back. */
export function codec<T>(schema: v.GenericSchema<unknown, T>, encode: (value: T) => unknown): Codec<T> {
  return { decode: (json) => check(schema, json), encode };
}

/** A value that is the same in memory and in JSON. */
export function plain<T>(schema: v.GenericSchema<unknown, T>): Codec<T> {
  return codec(schema, (value) => value);
}

/** `null` or a value: how the node says "none". */
export function nullable<T>(inner: Codec<T>): Codec<T | null> {
  return {
    decode: (json) => (json === null ? null : inner.decode(json)),
    encode: (value) => (value === null ? null : inner.encode(value)),
  };
}

/** The value, or an error whose text has the dotted path of the first fault. */
export function check<T>(schema: v.GenericSchema<unknown, T>, json: unknown): T {
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new TypeError(path === null ? issue.message : `${path}: ${issue.message}`);
}
