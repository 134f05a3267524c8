import { CodedError } from "../../core/errors.ts";
import { askTool } from "../../host/ask-tool.ts";
import { engineAddress } from "../../host/docker/address.ts";
import { connectEngine } from "../../host/docker/engine.ts";
import { toolsFiles } from "../../host/docker/tools-files.ts";
import { findTool } from "../../host/find-tool.ts";
import { type Finding, found, install, LOOK_MS, missing, type Surroundings } from "./finding.ts";

/** What containers need: the Docker Engine's API. */
export async function lookAtDocker(place: Surroundings): Promise<readonly Finding[]> {
  return await Promise.all([engine(place), faultTools(place), commandLine(place)]);
}

async function engine({ env, clock }: Surroundings): Promise<Finding> {
  const what = "Docker Engine";
  try {
    const { version, api, architecture, address } = await connectEngine(engineAddress(env), clock);
    return found(what, `${version}, API ${api}, ${architecture}, at ${address.url}`);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return missing(what, error.message, mendOf(error.code));
  }
}

function mendOf(code: CodedError["code"]): string | null {
  switch (code) {
    case "NR-DOCKER-ABSENT":
    case "NR-DOCKER-OLD":
      return install("docker.io", "--cask docker");
    case "NR-DOCKER-RIGHTS":
      return "sudo usermod -aG docker $USER && newgrp docker";
    case "NR-DOCKER-SILENT":
      return process.platform === "darwin" ? "open -a Docker" : "sudo systemctl restart docker";
    default:
      return null;
  }
}

/** Only for scenarios with partitions, losses and slow links; an engine that has the tools' image needs none of it. */
async function faultTools({ clock }: Surroundings): Promise<Finding> {
  const what = "iptables and tc";
  const use = "for partitions, losses and slow links between containers";
  const mend = "sudo apt-get install iptables iproute2";
  if (process.platform !== "linux") {
    return missing(what, `this machine runs ${process.platform}; load the image nomos-run-tools ${use}`, null, false);
  }
  try {
    const tools = await toolsFiles(clock);
    return "files" in tools ? found(what, use, false) : missing(what, `${tools.lacks}; ${use}`, mend, false);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return missing(what, `${error.message}; ${use}`, mend, false);
  }
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
