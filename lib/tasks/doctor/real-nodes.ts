import { existsSync } from "node:fs";
import { join } from "node:path";
import { askTool } from "../../host/ask-tool.ts";
import { findTool } from "../../host/find-tool.ts";
import { type Finding, found, install, LOOK_MS, missing, type Surroundings } from "./finding.ts";

const SETUP = "nomos-run task setup-circuits";
const BUILD = "nomos-run task build-bundle path=CHECKOUT";

/** What real nodes, and the tasks that get them, need. The embedded node needs none of it. */
export async function lookAtRealNodes(place: Surroundings): Promise<readonly Finding[]> {
  const { env, folder } = place;
  const circuits = env["NOMOS_CIRCUITS"] || join(env["HOME"] ?? "", ".nomos-circuits");
  const kzg = env["NOMOS_KZGRS_PARAMS_PATH"] || join(circuits, "kzgrs_test_params");
  const has = (what: string, path: string, of: string, mend: string) =>
    existsSync(path) ? found(what, of, false) : missing(what, `there is no ${path}`, mend, false);
  return [
    has("circuits", join(circuits, "zksign", "witness_generator"), circuits, SETUP),
    has("KZG parameters", kzg, kzg, SETUP),
    ...["nomos-node", "nomos-executor"].map((name) => binary(name, env, folder)),
    await tool("cargo", place, "https://rustup.rs", "to build nodes from a checkout"),
    await tool("git", place, install("git", "git"), "to know a checkout's revision"),
  ];
}

function binary(name: string, env: Surroundings["env"], folder: string): Finding {
  const given = env[name === "nomos-node" ? "NOMOS_NODE_BIN" : "NOMOS_EXECUTOR_BIN"] ?? "";
  const bundled = join(folder, ".nomos-run/bundle", name);
  const path = given === "" ? (findTool(name, env) ?? (existsSync(bundled) ? bundled : null)) : given;
  if (path === null) return missing(name, "neither on the PATH nor in .nomos-run/bundle", BUILD, false);
  return existsSync(path) ? found(name, path, false) : missing(name, `there is no ${path}`, BUILD, false);
}

async function tool(name: string, { env, clock }: Surroundings, get: string, why: string): Promise<Finding> {
  const path = findTool(name, env);
  const mend = get.startsWith("https:") ? `see ${get}` : get;
  if (path === null) return missing(name, `not on the PATH; ${why}`, mend, false);
  const answer = await askTool(path, ["--version"], { env, clock, timeoutMs: LOOK_MS });
  if (answer === null) return missing(name, `${path} doesn't end`, null, false);
  return found(name, /\d+\.\d+[\w.-]*/.exec(answer.stdout)?.[0] ?? path, false);
}
