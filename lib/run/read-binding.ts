import { readFileSync } from "node:fs";
import * as v from "valibot";
import { CodedError } from "../core/errors.ts";
import { RESTORE } from "../evidence/stream/event-reader.ts";
import { type Binding, BindingSchema } from "../model/binding.ts";

/** Reads the `binding.json` of a run folder. @throws CodedError NR-EVIDENCE-ALTERED, NR-EVIDENCE-CUT */
export function readBinding(path: string): Binding {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new CodedError("NR-EVIDENCE-CUT", "the file is not there, or not whole", { at: path, hint: RESTORE, cause });
  }
  const binding = v.safeParse(BindingSchema, value);
  if (binding.success) return binding.output;
  throw new CodedError("NR-EVIDENCE-ALTERED", "the file is not a run's binding", { at: path, hint: RESTORE });
}
