import * as v from "valibot";

/** Both directions of one JSON value on the wire. */
export interface Codec<T> {
  /** @throws Error that names the place and the fault when `json` isn't of this shape. */
  decode(json: unknown): T;
  encode(value: T): unknown;
}

/** A value that is the same in memory and in JSON. */
export function plain<T>(schema: v.GenericSchema<unknown, T>): Codec<T> {
  return { decode: (json) => check(schema, json), encode: (value) => value };
}

/** A value whose JSON is checked by `schema` and then turned into what memory holds. */
export function mapped<J, T>(
  schema: v.GenericSchema<unknown, J>,
  fromJson: (json: J) => T,
  toJson: (value: T) => J,
): Codec<T> {
  return { decode: (json) => fromJson(check(schema, json)), encode: toJson };
}

/** `null` or a value: how the node says "none". */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    decode: (json) => (json === null ? null : codec.decode(json)),
    encode: (value) => (value === null ? null : codec.encode(value)),
  };
}

export function arrayOf<T>(codec: Codec<T>): Codec<readonly T[]> {
  const list = v.array(v.unknown());
  return {
    decode: (json) => check(list, json).map((item) => codec.decode(item)),
    encode: (values) => values.map((value) => codec.encode(value)),
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
