import { existsSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { systemCode } from "../../core/errors.ts";
import { askTool } from "../../host/ask-tool.ts";
import { findTool } from "../../host/find-tool.ts";
import { type Finding, found, install, LOOK_MS, missing, type Surroundings } from "./finding.ts";

/** The first API version with everything that deployment to containers uses: that of Docker 20.10. */
const LEAST_API = 1.41;

/** What containers need: the Docker Engine's API. */
export async function lookAtDocker(place: Surroundings): Promise<readonly Finding[]> {
  return await Promise.all([engine(place), commandLine(place)]);
}

async function engine(place: Surroundings): Promise<Finding> {
  const what = "Docker Engine";
  const where = engineAddress(place.env);
  try {
    const { Version: version = "?", ApiVersion: api = "0", Arch: arch = "?" } = await ask(where);
    const detail = `${version}, API ${api}, ${arch}, at ${where.name}`;
    if (Number(api) >= LEAST_API) return found(what, detail);
    return missing(what, `${detail}: API ${LEAST_API} or newer is needed`, install("docker.io", "--cask docker"));
  } catch (error) {
    const restart = process.platform === "darwin" ? "open -a Docker" : "sudo systemctl restart docker";
    switch (systemCode(error)) {
      case "ENOENT":
        return missing(what, `there is no ${where.name}`, install("docker.io", "--cask docker"));
      case "EACCES":
        return missing(
          what,
          `${where.name} may not be used by this user`,
          "sudo usermod -aG docker $USER && newgrp docker",
        );
      case "ECONNREFUSED":
        return missing(what, `nothing listens at ${where.name}`, restart);
      default:
        return missing(what, `${where.name} gives no answer: ${(error as Error).message}`, restart);
    }
  }
}

interface Address {
  readonly name: string;
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
}

/** As Docker's own programs find it. */
function engineAddress(env: Surroundings["env"]): Address {
  const { DOCKER_HOST: given = "", XDG_RUNTIME_DIR: runtime = "", HOME: home = "" } = env;
  if (given.startsWith("unix://")) return socket(given.slice("unix://".length));
  if (given.startsWith("tcp://") && URL.canParse(given)) {
    const { hostname, port } = new URL(given.replace("tcp:", "http:"));
    return { name: given, host: hostname, port: Number(port === "" ? 2375 : port) };
  }
  const usual = ["/var/run/docker.sock", join(runtime, "docker.sock"), join(home, ".docker/run/docker.sock")];
  return socket(usual.find((path) => existsSync(path)) ?? "/var/run/docker.sock");
}

function socket(path: string): Address {
  return { name: path, socketPath: path };
}

function ask({ name, ...address }: Address): Promise<Readonly<Record<string, string | undefined>>> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(LOOK_MS);
    const asked = request({ ...address, path: "/version", signal }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("error", reject);
      response.once("end", () => {
        if (response.statusCode !== 200) return reject(new Error(`it answered ${response.statusCode}`));
        try {
          resolve(JSON.parse(text) as Record<string, string>);
        } catch {
          reject(new Error(`what listens at ${name} is no Docker Engine`));
        }
      });
    });
    asked.once("error", (error) => reject(signal.aborted ? new Error(`nothing came for ${LOOK_MS / 1_000} s`) : error));
    asked.end();
  });
}

/** Only for people: runs speak to the engine itself. */
async function commandLine({ env, clock }: Surroundings): Promise<Finding> {
  const what = "docker command";
  const path = findTool("docker", env);
  if (path === null) return missing(what, "not on the PATH; runs don't need it", install("docker.io", "docker"), false);
  const answer = await askTool(path, ["--version"], { env, clock, timeoutMs: LOOK_MS });
  if (answer === null) return missing(what, `${path} doesn't end; runs don't need it`, null, false);
  const version = /\d+\.\d+[\w.-]*/.exec(answer.stdout)?.[0];
  if (version !== undefined) return found(what, `${version}; runs don't need it`, false);
  return missing(what, `${path} can't be run; runs don't need it`, null, false);
}
