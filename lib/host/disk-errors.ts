import { CodedError, errorText, systemCode } from "../core/errors.ts";

/** What else there is to do, by who writes. */
const ELSEWHERE = {
  run: "let the run write elsewhere with --out DIR",
  task: "have it made elsewhere, where the task has an option for that: nomos-run task --list",
  file: "name another place",
} as const;
/** Who writes a file. */
export type Writer = keyof typeof ELSEWHERE;

/**
 * Names what it means that a write failed: NR-HOST-DISK-FULL when the disk or the quota is full, else NR-HOST-WRITE.
 * @param path what was being written
 * @param writer a run, a task, or a command whose user named the file
 */
export function writeError(path: string, thrown: unknown, writer: Writer = "run"): CodedError {
  const reason = systemCode(thrown) ?? "";
  const elsewhere = ELSEWHERE[writer];
  if (reason === "ENOSPC" || reason === "EDQUOT") {
    return new CodedError("NR-HOST-DISK-FULL", `the disk is full: ${path} can't be written (${reason})`, {
      hint: `Free some space, or ${elsewhere}.`,
      cause: thrown,
    });
  }
  return new CodedError("NR-HOST-WRITE", `${path} can't be written: ${errorText(thrown)}`, {
    hint: `Check that the folder exists and may be written to, or ${elsewhere}.`,
    cause: thrown,
  });
}
