import type { Server } from "node:net";
import { CodedError, errorText, systemCode } from "../../core/errors.ts";
import type { BoundNode } from "../../model/binding.ts";
import { type Address, type Candidate, listenAddresses } from "./addresses.ts";
import { closeListener, firstTaken, holderOf, listenOn } from "./listeners.ts";

/** Nodes whose addresses are tried at once: three sockets each, well below any limit on open files. */
const TRIED_AT_ONCE = 64;

/** Addresses that are this run's alone until they are released. */
export interface Reservation {
  readonly nodes: readonly BoundNode[];
  /** The listening sockets that keep other runs away. */
  readonly locks: readonly Address[];
  release(): Promise<void>;
}

/**
 * Takes the first candidate that nobody else holds: its locks can be listened on, so that no other run has it, and so
 * can each of its nodes' addresses, so that no other program has a port of it, not even on all addresses.
 * @throws CodedError NR-LOCAL-ADDRESSES when every candidate is taken or can't be listened on
 */
export async function reserveAddresses(candidates: Iterable<Candidate>, signal: AbortSignal): Promise<Reservation> {
  let tried = 0;
  let taken: Address | null = null;
  for (const candidate of candidates) {
    signal.throwIfAborted();
    tried++;
    const attempt = await hold(candidate);
    if ("nodes" in attempt) return attempt;
    taken = attempt.taken;
  }
  const last = taken ? `; the last was ${describeTaken(taken)}` : "";
  throw new CodedError("NR-LOCAL-ADDRESSES", `all of ${tried} sets of addresses are taken${last}`, {
    hint: "End runs that are no longer needed (nomos-run ps, nomos-run clean) or the program that has the port.",
  });
}

/** `127.1.2.3:18080, held by pid 4711 (nginx)`. */
export function describeTaken(address: Address): string {
  return `${address.host}:${address.port}, held by ${holderOf(address) ?? "another process"}`;
}

async function hold(candidate: Candidate): Promise<Reservation | { taken: Address }> {
  const held: Server[] = [];
  const release = async () => {
    await Promise.all(held.splice(0).map(closeListener));
  };
  try {
    for (const lock of candidate.locks) {
      const server = await lockOrNull(lock);
      if (!server) {
        await release();
        return { taken: lock };
      }
      held.push(server);
    }
    for (let i = 0; i < candidate.nodes.length; i += TRIED_AT_ONCE) {
      const taken = await firstTaken(candidate.nodes.slice(i, i + TRIED_AT_ONCE).flatMap(listenAddresses));
      if (taken) {
        await release();
        return { taken };
      }
    }
    return { nodes: candidate.nodes, locks: candidate.locks, release };
  } catch (error) {
    await release();
    throw new CodedError("NR-LOCAL-ADDRESSES", `this machine's loopback addresses can't be used: ${errorText(error)}`, {
      hint: "The local backend needs 127.0.0.0/8 on the loopback interface.",
      cause: error,
    });
  }
}

async function lockOrNull(lock: Address): Promise<Server | null> {
  try {
    return await listenOn(lock);
  } catch (error) {
    if (systemCode(error) === "EADDRINUSE") return null;
    throw error;
  }
}
