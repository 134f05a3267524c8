import { closeSync, openSync, readSync } from "node:fs";
import { systemCode } from "../core/errors.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * The lines of a log file, without their newlines; none when there is no file. Read without yielding, so that no virtual
 * time can pass meanwhile.
 */
export function* logLines(path: string): Generator<string> {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return;
    throw thrown;
  }
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const decoder = new TextDecoder();
    let rest = "";
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      const lines = (rest + decoder.decode(chunk.subarray(0, read), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest !== "") yield rest;
  } finally {
    closeSync(file);
  }
}
