import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { BindingSchema } from "../../lib/model/binding.ts";
import { EVENT_SCHEMAS } from "../../lib/model/events.ts";
import { report } from "./fixture.ts";

const page = readFileSync(new URL("../../docs/run-folder.md", import.meta.url), "utf8");
const events = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");

test("docs/events.md has every event type with every field, and no other", () => {
  const rows = events.split("\n");
  for (const [type, schema] of Object.entries(EVENT_SCHEMAS)) {
    const row = rows.find((line) => line.startsWith("|") && line.split("|")[1]?.includes(`\`${type}\``));
    assert.ok(row, `no row for ${type}`);
    for (const field of Object.keys(schema.entries)) assert.ok(row.includes(`\`${field}\``), `${type}.${field}`);
  }
  const named = rows.flatMap((line) =>
    [...(line.split("|")[1] ?? "").matchAll(/`([a-z]+\.[a-z]+)`/g)].map(([, type]) => type),
  );
  assert.deepEqual(
    named.filter((type) => !Object.hasOwn(EVENT_SCHEMAS, type ?? "")),
    [],
  );
});

test("docs/run-folder.md has every field of run.json and binding.json", () => {
  const fields = [
    ...Object.keys(report),
    ...Object.keys(report.forecast),
    ...Object.keys(report.expectations[0] ?? {}),
    ...Object.keys(report.inventory),
    ...Object.keys(report.errors[0] ?? {}),
    ...Object.keys(BindingSchema.entries),
  ];
  for (const field of fields) assert.match(page, new RegExp(`[\`.]${field}(\\[\\])?[\`.]`), field);
});
