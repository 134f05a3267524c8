import { type FileHandle, open } from "node:fs/promises";
import { CodedError } from "../core/errors.ts";
import { writeError } from "./disk-errors.ts";

/** Lines that wait for the disk beyond this many characters mean that it doesn't keep up: 64 MiB. */
const MOST_WAITING = 64 * 1_024 * 1_024;

/** Appends lines to a file in the background, in order, a batch at a time. */
export interface LineWriter {
  /**
   * Takes a line; it is written as soon as the batch before it is.
   * @param line with its newline
   * @throws CodedError what made an earlier write fail; NR-HOST-WRITE when the disk doesn't keep up
   */
  append(line: string): void;
  /**
   * Resolves when all lines are with the operating system.
   * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE
   */
  close(): Promise<void>;
}

/**
 * Opens a file that doesn't exist yet for appending.
 * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE, also when the file exists
 */
export async function openLineWriter(path: string): Promise<LineWriter> {
  let file: FileHandle;
  try {
    file = await open(path, "ax");
  } catch (error) {
    throw writeError(path, error);
  }
  let waiting: string[] = [];
  let waitingLength = 0;
  let failure: CodedError | undefined;
  let writing: Promise<void> | undefined;

  const writeAll = async () => {
    try {
      while (waiting.length > 0) {
        const batch = waiting.join("");
        waiting = [];
        waitingLength = 0;
        await file.appendFile(batch);
      }
    } catch (error) {
      failure = writeError(path, error);
    } finally {
      writing = undefined;
    }
  };

  return {
    append(line) {
      if (failure) throw failure;
      if (waitingLength > MOST_WAITING) {
        const mebibytes = Math.round(waitingLength / 1_024 / 1_024);
        failure = new CodedError("NR-HOST-WRITE", `the disk of ${path} doesn't keep up: ${mebibytes} MiB wait for it`, {
          hint: "Let the run write to a faster disk with --out DIR.",
        });
        throw failure;
      }
      waiting.push(line);
      waitingLength += line.length;
      writing ??= writeAll();
    },
    async close() {
      await writing;
      await file.close();
      if (failure) throw failure;
    },
  };
}
