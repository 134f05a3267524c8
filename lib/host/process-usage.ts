import { readFileSync } from "node:fs";
import { systemCode } from "../core/errors.ts";
import type { ProcessUsage } from "../model/cluster.ts";

/** Linux counts processor time in these for every program, whatever the kernel's own clock (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;
/** Errors that mean that the process has ended, or belongs to somebody else. */
const GONE_OR_FOREIGN = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM"]);

/**
 * What a process has used and holds, from `/proc/PID/stat` and `/proc/PID/smaps_rollup`; null when it is gone or this
 * system has no such files.
 */
export function processUsage(pid: number): ProcessUsage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const memory = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
    // Fields 14 and 15 of proc(5), utime and stime, counted from the end of the program's name, field 2.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      residentBytes: bytesOf(memory, "Rss"),
      privateBytes: bytesOf(memory, "Private_Clean") + bytesOf(memory, "Private_Dirty"),
    };
  } catch (thrown) {
    if (GONE_OR_FOREIGN.has(systemCode(thrown) ?? "")) return null;
    throw thrown;
  }
}

function bytesOf(memory: string, field: string): number {
  return 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(memory)?.[1] ?? 0);
}
