import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { systemCode } from "../core/errors.ts";
import { writeFileAtomically } from "../host/atomic-files.ts";

const making = v.object({
  /** Digest of everything that decided about the result. */
  inputs: v.string(),
  /** Content digest of each output, by name. */
  outputs: v.record(v.string(), v.string()),
});
/** One making of a task's outputs. */
export type Making = v.InferOutput<typeof making>;

const record = v.object({
  v: v.literal(1),
  task: v.string(),
  /**
   * The making that the outputs are of. While outputs are being replaced there are two, since some may still be of the
   * one before.
   */
  makings: v.array(making),
});

/** A file of ours beside an output: hidden, and named after it. */
export function besideOutput(output: string, ending: string): string {
  return join(dirname(output), `.${basename(output)}.${ending}`);
}

/** What is known of how outputs came to be; nothing when no task made them, or not one of this name. */
export async function readRecord(path: string, task: string): Promise<readonly Making[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
  const read = v.safeParse(record, parsed(text));
  return read.success && read.output.task === task ? read.output.makings : [];
}

export async function writeRecord(path: string, task: string, makings: readonly Making[]): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify({ v: 1, task, makings }, null, 2)}\n`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Somebody edited it: then nothing is known.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
