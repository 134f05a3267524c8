import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { arch, availableParallelism, freemem, platform, release } from "node:os";
import { dirname } from "node:path";
import { errorText } from "../../core/errors.ts";
import { findTool } from "../../host/find-tool.ts";
import { type Finding, found, install, missing, type Surroundings } from "./finding.ts";

const MIB = 2 ** 20;
/** Below this a run of a few minutes may not have room for its logs. */
const LEAST_DISK = 500 * MIB;
/** Five nodes of 60 MiB each, and the runner. */
const LEAST_MEMORY = 400 * MIB;
/** Each node has a socket to each neighbour, and the guardian a log for each node. */
const LEAST_FILES = 1024;

/** What local processes need: little. */
export async function lookAtLocal(place: Surroundings): Promise<readonly Finding[]> {
  return [system(), processes(), await loopback(), openFiles(), await disk(place), memory(), shell(place)];
}

function system(): Finding {
  const detail = `${platform()} ${arch()}, ${release()}`;
  const runs = platform() === "linux" || platform() === "darwin";
  return runs ? found("system", detail) : missing("system", `${detail}: runs need Linux or macOS`, null);
}

/** How leftovers of runs are found. */
function processes(): Finding {
  if (platform() !== "linux") {
    return findTool("ps", { PATH: "/bin:/usr/bin" })
      ? found("processes", "by ps")
      : missing("processes", "there is no ps", null);
  }
  if (existsSync("/proc/self/environ")) return found("processes", "by /proc");
  return missing("processes", "/proc is not mounted", "sudo mount -t proc proc /proc");
}

/** An address of the kind that nodes get. */
async function loopback(): Promise<Finding> {
  const host = platform() === "linux" ? "127.77.0.1" : "127.0.0.1";
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, host, resolve);
    });
    return found("loopback", `${host} can be bound`);
  } catch (error) {
    return missing("loopback", `${host} can't be bound: ${errorText(error)}`, "sudo ip link set lo up");
  } finally {
    server.close();
  }
}

function openFiles(): Finding {
  if (platform() !== "linux" || !existsSync("/proc/self/limits"))
    return found("open files", "not limited as far as can be told");
  const limit =
    /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? "unlimited";
  if (limit === "unlimited" || Number(limit) >= LEAST_FILES) return found("open files", `up to ${limit}`);
  return missing("open files", `only ${limit}, and ${LEAST_FILES} are needed`, `ulimit -n ${4 * LEAST_FILES}`);
}

async function disk({ out }: Surroundings): Promise<Finding> {
  const there = nearestFolder(out);
  try {
    accessSync(there, constants.W_OK);
  } catch (error) {
    return missing("run folders", `${there} can't be written: ${errorText(error)}`, "nomos-run run FILE --out DIR");
  }
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  const detail = `${Math.floor(free / MIB)} MiB free in ${there}`;
  if (free >= LEAST_DISK) return found("run folders", detail);
  return missing("run folders", `${detail}, and ${LEAST_DISK / MIB} are needed`, "nomos-run run FILE --out DIR");
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}

function memory(): Finding {
  const free = availableMemory();
  const detail = `${Math.floor(free / MIB)} MiB for use, ${availableParallelism()} processors`;
  return free >= LEAST_MEMORY
    ? found("memory", detail, false)
    : missing("memory", `${detail}: little for a network`, null, false);
}

/** What could be had without swapping: on Linux more than what is free, since caches give way. */
function availableMemory(): number {
  if (platform() !== "linux" || !existsSync("/proc/meminfo")) return freemem();
  const kib = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  return kib === undefined ? freemem() : Number(kib) * 1024;
}

function shell({ env }: Surroundings): Finding {
  const path = findTool("bash", env) ?? findTool("sh", env) ?? findTool("/bin/sh", env);
  if (path !== null) return found("shell", `${path}, for tasks and commands of scenarios`, false);
  return missing("shell", "neither bash nor sh, for tasks and commands of scenarios", install("bash", "bash"), false);
}
