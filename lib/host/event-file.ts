import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { CodedError, systemCode } from "../core/errors.ts";
import { EventReader, RESTORE } from "../evidence/stream/event-reader.ts";
import type { EventOf, RunEvent } from "../model/events.ts";

/** Read at a time. Larger pieces are not faster (measured from 1 to 16 MiB), and their text is garbage soon. */
const CHUNK_BYTES = 1 << 20;
/** More than the last line of a stream ever has. */
const TAIL_BYTES = 4_096;
const NEWLINE = 10;

/** A recorded stream that is whole. */
export interface RecordedStream {
  readonly events: readonly RunEvent[];
  readonly ended: EventOf<"run.ended">;
}

/**
 * Reads an `events.ndjson` in one pass, and checks that it is what its run wrote: every line, their order, and their
 * count and SHA-256 as the last line has them.
 * @throws CodedError NR-EVIDENCE-CUT, NR-EVIDENCE-LINE, NR-EVIDENCE-ORDER, NR-EVIDENCE-ALTERED
 */
export function readEventFile(path: string): RecordedStream {
  const file = open(path);
  try {
    const sealed = lastLineStart(file);
    const reader = new EventReader(path);
    const digest = createHash("sha256");
    const decoder = new StringDecoder("utf8");
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest = "";
    let position = 0;
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      digest.update(buffer.subarray(0, Math.max(0, Math.min(length, sealed - position))));
      position += length;
      const lines = (rest + decoder.write(buffer.subarray(0, length))).split("\n");
      rest = lines.pop() ?? "";
      reader.take(lines);
    }
    const stream = reader.end(rest + decoder.end());
    checkSeal(stream, digest.digest("hex"), path);
    return stream;
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    const file = openSync(path, "r");
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
    throw new CodedError("NR-EVIDENCE-ALTERED", "events.ndjson is no file", { at: path, hint: RESTORE });
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT") throw cause;
    throw new CodedError("NR-EVIDENCE-CUT", "the run folder has no events.ndjson", {
      at: path,
      hint: "The run did not come to its end, or the folder was copied without it.",
      cause,
    });
  }
}

/** Where the last line begins, which is not among what it seals. */
function lastLineStart(file: number): number {
  const { size } = fstatSync(file);
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  readSync(file, tail, 0, tail.length, size - tail.length);
  const newline = tail.lastIndexOf(NEWLINE, -2);
  return size - tail.length + newline + 1;
}

function checkSeal({ events, ended }: RecordedStream, sha256: string, at: string): void {
  const before = events.length - 1;
  if (ended.count === before && ended.sha256 === sha256) return;
  const what =
    ended.count === before
      ? `the ${before} lines before it have the SHA-256 ${sha256}, and it says ${ended.sha256}`
      : `${before} lines are before it, and it says ${ended.count}`;
  throw new CodedError("NR-EVIDENCE-ALTERED", `line ${events.length}, run.ended, doesn't seal the stream: ${what}`, {
    at,
    hint: RESTORE,
  });
}
