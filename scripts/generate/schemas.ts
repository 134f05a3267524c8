import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { BindingSchema } from "../../lib/model/binding.ts";
import { EVENT_SCHEMAS } from "../../lib/model/events.ts";
import { PlanSchema } from "../../lib/model/plan.ts";
import { lockEnvironment } from "../../lib/plan/lock.ts";
import { RunReportSchema } from "../../lib/run/run-report.ts";

/** One line of `events.ndjson`: what every line has, and its type's own fields. */
const eventLine = v.variant(
  "type",
  Object.entries(EVENT_SCHEMAS).map(([type, { entries }]) =>
    v.object({
      v: v.literal(1),
      seq: v.pipe(v.number(), v.integer(), v.minValue(0)),
      t: v.number(),
      type: v.literal(type),
      ...entries,
    }),
  ),
);

const planLock = v.object({ plan: PlanSchema, digest: v.string(), environment: lockEnvironment });

const DOCUMENTS: readonly (readonly [name: string, title: string, schema: v.GenericSchema])[] = [
  ["event", "One line of events.ndjson", eventLine],
  ["run", "run.json: the verdict of a run and its reasons", RunReportSchema],
  ["plan.lock", "plan.lock.json: the plan that was run, and its digest", planLock],
  ["binding", "binding.json: where the nodes of a run were", BindingSchema],
];

/** The JSON schemas of a run folder's documents, by the path of their file. */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map(
    DOCUMENTS.map(([name, title, schema]) => {
      const document = toJsonSchema(schema, {
        // Any JSON: only code can tell that a value is none.
        overrideSchema: ({ valibotSchema }) => (valibotSchema.type === "custom" ? {} : undefined),
      });
      const { $schema, ...rest } = document;
      return [`assets/schemas/${name}.schema.json`, `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`];
    }),
  );
}
