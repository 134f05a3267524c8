import { readFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import type { Clock } from "../../core/clock.ts";
import { CodedError } from "../../core/errors.ts";
import { withDeadline } from "../../core/wait.ts";
import { type EngineAddress, tcpPlace } from "./address.ts";
import { engineError } from "./errors.ts";
import { sshAgent } from "./ssh-agent.ts";

/** The oldest API that has everything we use: that of Docker 20.10. */
const LEAST_API = [1, 41] as const;
/** The newest API that this was written for; an engine that speaks more is asked for this. */
const NEWEST_API = [1, 47] as const;
/** How long an engine may take to say who it is. Milliseconds, unless the machine is at its limits. */
const HELLO_MS = 3_000;
/** The same over ssh, which has to log in. */
const SSH_HELLO_MS = 15_000;

/** A Docker Engine that answered. */
export interface Engine {
  readonly address: EngineAddress;
  readonly docker: Docker;
  /** Its own version: `20.10.24`. */
  readonly version: string;
  /** The API version spoken with it: `1.41`. */
  readonly api: string;
  /** `amd64`, `arm64`. */
  readonly architecture: string;
  /**
   * Does something with the engine.
   * @param what as it reads after "can't"
   * @throws CodedError NR-DOCKER-*
   */
  does<T>(what: string, work: (docker: Docker) => Promise<T>): Promise<T>;
}

/**
 * Connects to an engine and agrees with it on an API version.
 * @throws CodedError NR-DOCKER-ABSENT, NR-DOCKER-RIGHTS, NR-DOCKER-SILENT, NR-DOCKER-OLD; all but the silence are known within
 *   a second where it is on this machine
 */
export async function connectEngine(address: EngineAddress, clock: Clock): Promise<Engine> {
  // Loaded only here: few runs need it, and every command would pay for it.
  const { default: Library } = await import("dockerode");
  const hello = openDocker(Library, address);
  const timeoutMs = address.url.startsWith("ssh://") ? SSH_HELLO_MS : HELLO_MS;
  const what = `the answer of the Docker Engine at ${address.url}`;
  const said = await withDeadline({ clock, what, timeoutMs, code: "NR-DOCKER-SILENT" }, () => hello.version()).catch(
    (thrown: unknown) => {
      throw engineError("ask for its version", address, thrown);
    },
  );
  const api = agreedApi(said.ApiVersion, said.MinAPIVersion ?? said.ApiVersion);
  if (api === null) {
    const message = `the Docker Engine ${said.Version} at ${address.url} speaks API ${said.ApiVersion}`;
    throw new CodedError(
      "NR-DOCKER-OLD",
      `${message}, and ${LEAST_API.join(".")} to ${NEWEST_API.join(".")} is needed`,
      {
        hint: "Install Docker 20.10 or newer.",
      },
    );
  }
  const docker = openDocker(Library, address, `v${api}`);
  return {
    address,
    docker,
    version: said.Version,
    api,
    architecture: said.Arch,
    does: async (what, work) => {
      try {
        return await work(docker);
      } catch (thrown) {
        throw engineError(what, address, thrown);
      }
    },
  };
}

/** The newest version that both sides speak, null when there is none. */
export function agreedApi(newest: string, oldest: string): string | null {
  const [most, least] = [versionOf(newest), versionOf(oldest)];
  const agreed = isBefore(most, NEWEST_API) ? most : NEWEST_API;
  return isBefore(agreed, LEAST_API) || isBefore(agreed, least) ? null : agreed.join(".");
}

type Version = readonly [number, number];

function versionOf(text: string): Version {
  const [major = 0, minor = 0] = text.split(".").map(Number);
  return [major, minor];
}

function isBefore([a, b]: Version, [c, d]: Version): boolean {
  return a < c || (a === c && b < d);
}

function openDocker(Library: typeof Docker, address: EngineAddress, version?: string): Docker {
  const { url, certificates } = address;
  // Said outright, since what isn't said the library would take from the environment by rules of its own.
  const own = { ...(version !== undefined && { version }), pathPrefix: "/" };
  if (url.startsWith("unix://")) {
    return new Library({ ...own, host: undefined, protocol: "http", socketPath: url.slice("unix://".length) });
  }
  if (url.startsWith("ssh://")) {
    const options = { ...own, protocol: "http" as const, host: "docker", port: 80, agent: sshAgent(url) };
    return new Library(options);
  }
  const place = tcpPlace(address);
  if (certificates === undefined) return new Library({ ...own, ...place, protocol: "http" });
  const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((name) => readFileSync(join(certificates, name)));
  return new Library({ ...own, ...place, protocol: "https", ca, cert, key });
}
