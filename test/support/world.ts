import { readdirSync, readFileSync } from "node:fs";

/** What a run could leave behind on this machine, as seen without any of the product's own code. */
export interface World {
  readonly processes: readonly string[];
  readonly ports: readonly string[];
  readonly files: readonly string[];
}

/** Lists processes that belong to a run, listening TCP sockets on loopback, and the files in a folder for temporary ones. */
export function lookAround(temporary: string): World {
  return { processes: markedProcesses(), ports: loopbackListeners(), files: readdirSync(temporary).toSorted() };
}

/** Processes whose environment bears a run's mark, as `pid command`. */
export function markedProcesses(runId = ""): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const marked = readFileSync(`/proc/${pid}/environ`, "latin1").includes(`NOMOS_RUN_ID=${runId}`);
        const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
        return marked && command !== "" ? [`${pid} ${command}`] : [];
      } catch {
        // It ended between the listing and the look, or is a kernel thread.
        return [];
      }
    })
    .toSorted();
}

function loopbackListeners(): string[] {
  const LISTEN = "0A";
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && fields[1]?.slice(6, 8) === "7F")
    .map((fields) => fields[1] ?? "")
    .toSorted();
}
