import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import { EVENT_FORMS } from "../../lib/evidence/stream/event-check.ts";
import { EVENT_SCHEMAS, type EventType } from "../../lib/model/events.ts";

const anything = fc.oneof(
  fc.constantFrom(undefined, null, "", "run", "good", "passed", true, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY),
  fc.constantFrom([], {}, [1], ["a"], [{ channel: "c", id: "i", blob: null }], { a: 1 }, { a: [] }, [null]),
  fc.jsonValue(),
);

test("the quick check of events says what their schemas say", () => {
  for (const type of Object.keys(EVENT_SCHEMAS) as EventType[]) {
    const schema = EVENT_SCHEMAS[type];
    const form = EVENT_FORMS.get(type);
    assert.ok(form);
    const arbitrary = fc.record(Object.fromEntries(Object.keys(schema.entries).map((key) => [key, anything])));
    fc.assert(
      fc.property(arbitrary, (value) => {
        assert.equal(form.check(value), v.is(schema, value), type);
      }),
      { numRuns: 100 },
    );
    // Field by field, since all of them at once are hardly ever right.
    for (const [key, entry] of Object.entries(schema.entries)) {
      fc.assert(
        fc.property(anything, (value) => {
          const others = Object.fromEntries(Object.entries(schema.entries).map(([name, of]) => [name, example(of)]));
          assert.ok(form.check(others), `${type}: ${JSON.stringify(others)}`);
          assert.equal(form.check({ ...others, [key]: value }), v.is(entry, value), `${type}.${key}`);
        }),
        { numRuns: 50 },
      );
    }
  }
});

/** Something that a schema takes, found by trying. */
function example(schema: v.GenericSchema): unknown {
  if (v.is(schema, undefined)) return undefined;
  const picks = (schema as { options?: readonly unknown[] }).options ?? [];
  const found = [...picks, "text", 1, true, null, [], {}].find((value) => v.is(schema, value));
  assert.notEqual(found, undefined);
  return found;
}
