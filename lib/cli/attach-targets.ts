import { CodedError } from "../core/errors.ts";
import type { BoundNode } from "../model/binding.ts";
import { theNearest } from "../plan/nearest.ts";

/** Addresses that flags named. */
export interface Targets {
  readonly nodes: readonly BoundNode[];
  /** Nodes whose testing server has no known address. */
  readonly withoutTesting: readonly string[];
}

/**
 * Reads `--node NAME=URL` and `--testing NAME=PORT`.
 * @throws CodedError NR-CLI-VALUE, NR-CLI-OPTION
 */
export function readTargets(nodes: readonly string[], testing: readonly string[]): Targets {
  const urls = pairs("--node", nodes, "validator-0=http://127.0.0.1:18080");
  const ports = pairs("--testing", testing, "validator-0=18081");
  for (const [name, written] of ports) {
    if (!urls.has(name)) {
      throw new CodedError("NR-CLI-OPTION", `--testing ${name}=${written} names a node without --node`, {
        hint: `There is --node for ${[...urls.keys()].join(", ")}.`,
      });
    }
  }
  const bound = [...urls].map(([name, written]): BoundNode => {
    const { host, port } = readUrl(name, written);
    const testingPort = ports.get(name);
    // Ports that nobody knows are the API's: what is asked there is then refused by it.
    return { name, host, apiPort: port, testingPort: readPort(name, testingPort) ?? port, peerPort: port };
  });
  return { nodes: bound, withoutTesting: [...urls.keys()].filter((name) => !ports.has(name)) };
}

/** @throws CodedError NR-ATTACH-NETWORK unless the addresses are those of the plan's nodes */
export function checkTargets(targets: readonly BoundNode[], planned: readonly string[]): void {
  const unknown = targets.map(({ name }) => name).filter((name) => !planned.includes(name));
  const missing = planned.filter((name) => !targets.some((target) => target.name === name));
  const [stranger] = unknown;
  if (stranger !== undefined) {
    throw new CodedError("NR-ATTACH-NETWORK", `the plan has no node ${unknown.join(", ")}`, {
      hint: `${theNearest(stranger, [...planned])}It has ${planned.join(", ")}.`,
    });
  }
  if (missing.length === 0) return;
  throw new CodedError(
    "NR-ATTACH-NETWORK",
    `${missing.length} of the plan's ${planned.length} nodes have no address: ${missing.join(", ")}`,
    { hint: `Give each one: --node ${missing[0]}=http://HOST:PORT.` },
  );
}

function pairs(flag: string, written: readonly string[], example: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const text of written) {
    const equals = text.indexOf("=");
    const name = text.slice(0, Math.max(0, equals));
    if (equals < 1 || equals === text.length - 1) throw malformed(`${flag} ${text}`, `Write ${flag} ${example}.`);
    if (found.has(name)) {
      throw new CodedError("NR-CLI-OPTION", `${flag} names ${name} twice`, { hint: "Give each node once." });
    }
    found.set(name, text.slice(equals + 1));
  }
  return found;
}

function readUrl(name: string, written: string): { host: string; port: number } {
  const example = `Write --node ${name}=http://HOST:PORT.`;
  if (!URL.canParse(written)) throw malformed(`the address of ${name}`, example);
  const url = new URL(written);
  if (url.username !== "" || url.password !== "")
    throw malformed(`the address of ${name}, which has a password,`, example);
  const isPlain = url.protocol === "http:" && url.pathname === "/" && url.search === "" && url.hash === "";
  if (!isPlain || url.hostname === "") throw malformed(`the address of ${name}, ${written},`, example);
  // Brackets are part of how a URL writes an IPv6 address, not of the address.
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port === "" ? 80 : Number(url.port) };
}

function readPort(name: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const port = /^\d{1,5}$/.test(written) ? Number(written) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw malformed(`--testing ${name}=${written}`, "It is a port from 1 to 65535, on the host of --node.");
}

function malformed(what: string, hint: string): CodedError {
  return new CodedError("NR-CLI-VALUE", `${what} can't be read`, { hint });
}
