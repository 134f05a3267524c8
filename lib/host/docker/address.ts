import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError, errorText, systemCode } from "../../core/errors.ts";

/** Where a Docker Engine listens. */
export interface EngineAddress {
  /** As a person writes it: `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376`, `ssh://me@host`. */
  readonly url: string;
  /** Folder with `ca.pem`, `cert.pem` and `key.pem`, where the engine wants TLS. */
  readonly certificates?: string;
  /** What named it: a variable, a context, or nobody. */
  readonly from: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Ports of an engine's TCP listener, without and with TLS. */
const PLAIN_PORT = "2375";
const TLS_PORT = "2376";

/**
 * The engine that Docker's own programs would use: DOCKER_HOST, else the context that DOCKER_CONTEXT or the user's
 * configuration names, else the usual sockets, of a rootless engine too.
 * @throws CodedError NR-DOCKER-ADDRESS for a context that isn't there, and for what is no address
 */
export function engineAddress(env: Environment): EngineAddress {
  const host = env["DOCKER_HOST"] ?? "";
  if (host !== "") {
    const tls = (env["DOCKER_TLS_VERIFY"] ?? "") !== "" || host.endsWith(`:${TLS_PORT}`);
    const folder = env["DOCKER_CERT_PATH"] || join(env["HOME"] ?? "", ".docker");
    return checked({ url: host, from: "DOCKER_HOST", ...(tls && { certificates: folder }) });
  }
  const configuration = env["DOCKER_CONFIG"] || join(env["HOME"] ?? "", ".docker");
  const named = env["DOCKER_CONTEXT"] || currentContext(configuration);
  if (named !== "" && named !== "default") return contextAddress(configuration, named);
  const usual = [
    "/var/run/docker.sock",
    join(env["XDG_RUNTIME_DIR"] ?? "/nonexistent", "docker.sock"),
    join(env["HOME"] ?? "/nonexistent", ".docker/run/docker.sock"),
  ];
  return { url: `unix://${usual.find((path) => existsSync(path)) ?? usual[0]}`, from: "the usual place" };
}

/** Where an engine's published ports are reached: this machine, or the one that the engine is on. */
export function engineHost({ url }: EngineAddress): string {
  return url.startsWith("unix://") ? "127.0.0.1" : parsed(url).hostname;
}

/** Host and port of a `tcp://` address. */
export function tcpPlace({ url, certificates }: EngineAddress): { readonly host: string; readonly port: string } {
  const { hostname, port } = parsed(url);
  return { host: hostname, port: port || (certificates === undefined ? PLAIN_PORT : TLS_PORT) };
}

function checked(address: EngineAddress): EngineAddress {
  const { url } = address;
  const form = /^(unix|tcp|ssh):\/\//.exec(url)?.[1];
  if (form === "unix" || (form !== undefined && URL.canParse(url) && parsed(url).hostname !== "")) return address;
  throw new CodedError(
    "NR-DOCKER-ADDRESS",
    `${address.from} says ${JSON.stringify(url)}, which is no engine's address`,
    {
      hint: "Write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST.",
      at: address.from,
    },
  );
}

/** URLs of schemes that browsers don't know have their host only after this. */
function parsed(url: string): URL {
  return new URL(url.replace(/^tcp:/, "http:"));
}

function currentContext(configuration: string): string {
  const text = readOrNull(join(configuration, "config.json"));
  if (text === null) return "";
  const { currentContext: name } = asJson(text, join(configuration, "config.json")) as { currentContext?: unknown };
  return typeof name === "string" ? name : "";
}

function contextAddress(configuration: string, name: string): EngineAddress {
  const id = createHash("sha256").update(name).digest("hex");
  const path = join(configuration, "contexts/meta", id, "meta.json");
  const text = readOrNull(path);
  const meta = text === null ? {} : (asJson(text, path) as { Endpoints?: { docker?: { Host?: unknown } } });
  const url = meta.Endpoints?.docker?.Host;
  if (typeof url !== "string") {
    throw new CodedError("NR-DOCKER-ADDRESS", `there is no Docker context ${JSON.stringify(name)}`, {
      hint: `Create it, or choose another with DOCKER_CONTEXT or "docker context use"; ${path} would describe it.`,
    });
  }
  const certificates = join(configuration, "contexts/tls", id, "docker");
  return checked({ url, from: `context ${name}`, ...(existsSync(certificates) && { certificates }) });
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
}

function asJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CodedError("NR-DOCKER-ADDRESS", `${path} is no JSON: ${errorText(error)}`, {
      hint: "Docker's own programs can't read it either: mend it or remove it.",
      cause: error,
    });
  }
}
