import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { systemCode } from "../../core/errors.ts";
import type { Address } from "./addresses.ts";

/**
 * Listens on an address and accepts nothing. Doesn't keep the program alive.
 * @throws a system error, `EADDRINUSE` when a listener on that address or on all of the machine's has the port
 */
export function listenOn(address: Address): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen({ ...address, backlog: 1, exclusive: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** Resolves when the port is free again. */
export function closeListener(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** The first of these addresses that somebody listens on, found by a trial; null when all are free. */
export async function firstTaken(addresses: readonly Address[]): Promise<Address | null> {
  const trials = await Promise.all(
    addresses.map(async (address) => {
      try {
        await closeListener(await listenOn(address));
        return null;
      } catch (error) {
        if (systemCode(error) === "EADDRINUSE") return address;
        throw error;
      }
    }),
  );
  return trials.find((taken) => taken !== null) ?? null;
}

/** TCP_LISTEN of linux/tcp_states.h, as /proc/net/tcp prints it. */
const LISTEN = "0A";

interface ListenerRow {
  /** IPv4 literal; `0.0.0.0` for a wildcard of either family. */
  readonly host: string;
  readonly port: number;
  readonly inode: string;
}

/** Every listening TCP socket as the kernel lists it; none where there is no /proc. */
function listeners(): ListenerRow[] {
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) =>
    readLines(table)
      .slice(1)
      .flatMap((line) => {
        const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
        if (state !== LISTEN) return [];
        const [hexHost = "", hexPort = ""] = local.split(":");
        return [{ host: literal(hexHost), port: Number.parseInt(hexPort, 16), inode }];
      }),
  );
}

/** IPv4 literal of an address of /proc/net/tcp (network order read as a little-endian word) or of its tcp6 twin. */
function literal(hex: string): string {
  const word = hex.slice(-8);
  const bytes = [6, 4, 2, 0].map((at) => Number.parseInt(word.slice(at, at + 2), 16));
  return bytes.join(".");
}

/** Whether somebody listens on exactly this address. Only where there is a /proc. */
export function isListening(address: Address): boolean {
  return listeners().some((row) => row.host === address.host && row.port === address.port);
}

/** Who listens on this address, also by listening on all: `pid 4711 (nginx)`; null when that can't be found out. */
export function holderOf(address: Address): string | null {
  const inodes = new Set(
    listeners()
      .filter((row) => row.port === address.port && (row.host === address.host || row.host === "0.0.0.0"))
      .map((row) => `socket:[${row.inode}]`),
  );
  if (inodes.size === 0) return null;
  for (const pid of readNames("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const holds = readNames(`/proc/${pid}/fd`).some((fd) => inodes.has(readLink(`/proc/${pid}/fd/${fd}`)));
    if (holds) return `pid ${pid} (${readLines(`/proc/${pid}/comm`)[0] ?? "?"})`;
  }
  return null;
}

/** Errors that mean that the process has ended, is somebody else's, or that this system has no /proc. */
const NOT_FOR_US = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR"]);

function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (NOT_FOR_US.has(systemCode(error) ?? "")) return otherwise;
    throw error;
  }
}

const readLines = (path: string) => orElse(() => readFileSync(path, "latin1").trimEnd().split("\n"), []);
const readNames = (path: string) => orElse(() => readdirSync(path), []);
const readLink = (path: string) => orElse(() => readlinkSync(path), "");
