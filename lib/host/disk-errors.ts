import { CodedError, errorText, systemCode } from "../core/errors.ts";

/**
 * Names what it means that a write failed: NR-HOST-DISK-FULL when the disk or the quota is full, else NR-HOST-WRITE.
 * @param path what was being written
 */
export function writeError(path: string, thrown: unknown): CodedError {
  const reason = systemCode(thrown) ?? "";
  if (reason === "ENOSPC" || reason === "EDQUOT") {
    return new CodedError("NR-HOST-DISK-FULL", `the disk is full: ${path} can't be written (${reason})`, {
      hint: "Free some space, or let the run write elsewhere with --out DIR.",
      cause: thrown,
    });
  }
  return new CodedError("NR-HOST-WRITE", `${path} can't be written: ${errorText(thrown)}`, {
    hint: "Check that the folder exists and may be written to, or let the run write elsewhere with --out DIR.",
    cause: thrown,
  });
}
