import { appendFileSync } from "node:fs";

/** Writes lines with the wall time into the guardian's log. */
export type GuardianLog = (line: string) => void;

/** A log at this path. A line that can't be written is dropped: clean-up goes on with a full disk or a folder gone. */
export function openGuardianLog(path: string, wallNow: () => number): GuardianLog {
  return (line) => {
    try {
      appendFileSync(path, `${new Date(wallNow()).toISOString()} ${line}\n`);
    } catch {
      // Nobody is left to be told, and removing processes matters more than the log.
    }
  };
}
