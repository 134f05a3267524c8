import { uptime } from "node:os";
import type { ProcessIdentity } from "./run-marks.ts";
import { wallNow } from "./system-clock.ts";

/** USER_HZ, the unit of times in /proc: 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** How long ago a process was started, in ms, to the second. */
export function ageMs({ startTicks }: ProcessIdentity): number {
  if (process.platform === "linux") return (uptime() - startTicks / TICKS_PER_SECOND) * 1_000;
  return wallNow() - startTicks * 1_000;
}
