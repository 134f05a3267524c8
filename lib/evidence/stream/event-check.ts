import * as v from "valibot";
import { EVENT_SCHEMAS, type EventType } from "../../model/events.ts";

type Check = (value: unknown) => boolean;

/** Fields that hold sentences. */
const PROSE: readonly string[] = ["why", "reason", "seen", "text", "message", "summary"];

/** How events of a type are read. */
export interface EventForm {
  readonly type: EventType;
  /**
   * Whether a value is an event of this type, by its schema. Says the same as the schema's own check, but copies nothing: a
   * million events are checked in a fifth of the time.
   */
  readonly check: Check;
  /** Its fields that are names or ids: the same few texts in many events. */
  readonly names: readonly string[];
}

export const EVENT_FORMS: ReadonlyMap<string, EventForm> = new Map(
  (Object.keys(EVENT_SCHEMAS) as EventType[]).map((type) => {
    const schema = EVENT_SCHEMAS[type];
    const texts = Object.entries(schema.entries).filter(([, entry]) => entry.type === "string");
    const names = texts.map(([key]) => key).filter((key) => !PROSE.includes(key));
    return [type, { type, check: checkOf(schema), names }];
  }),
);

/** What the schemas of events are made of; of anything else, valibot itself is asked. */
type Shape = v.GenericSchema & {
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly item?: v.GenericSchema;
  readonly value?: v.GenericSchema;
  readonly wrapped?: v.GenericSchema;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly pipe?: readonly { readonly type: string }[];
};

function checkOf(schema: Shape): Check {
  if (schema.pipe) return checkOfPipe(schema, schema.pipe);
  switch (schema.type) {
    case "string":
      return (value) => typeof value === "string";
    case "number":
      return (value) => typeof value === "number" && !Number.isNaN(value);
    case "boolean":
      return (value) => typeof value === "boolean";
    case "null":
      return (value) => value === null;
    case "unknown":
      return () => true;
    case "nullable": {
      const check = checkOf(schema.wrapped as Shape);
      return (value) => value === null || check(value);
    }
    case "optional": {
      const check = checkOf(schema.wrapped as Shape);
      return (value) => value === undefined || check(value);
    }
    case "literal": {
      const { literal } = schema;
      return (value) => value === literal;
    }
    case "picklist": {
      const options = schema.options as readonly unknown[];
      return (value) => options.includes(value);
    }
    case "union": {
      const checks = (schema.options as readonly Shape[]).map(checkOf);
      return (value) => checks.some((check) => check(value));
    }
    case "array": {
      const check = checkOf(schema.item as Shape);
      return (value) => Array.isArray(value) && value.every(check);
    }
    case "object":
      return checkOfObject(schema);
    default:
      return (value) => v.is(schema, value);
  }
}

function checkOfPipe(schema: Shape, pipe: readonly { readonly type: string }[]): Check {
  const [first, second, ...more] = pipe;
  const isInteger = first?.type === "number" && second?.type === "integer" && more.length === 0;
  return isInteger ? Number.isInteger : (value) => v.is(schema, value);
}

function checkOfObject(schema: Shape): Check {
  const entries = Object.entries(schema.entries ?? {});
  const keys = entries.map(([key]) => key);
  const checks = entries.map(([, entry]) => checkOf(entry as Shape));
  return (value) => {
    if (typeof value !== "object" || value === null) return false;
    for (let i = 0; i < keys.length; i++) {
      if (!checks[i]?.((value as Readonly<Record<string, unknown>>)[keys[i] as string])) return false;
    }
    return true;
  };
}
