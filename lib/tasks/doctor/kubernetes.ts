import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { askTool } from "../../host/ask-tool.ts";
import { findTool } from "../../host/find-tool.ts";
import { type Finding, found, install, LOOK_MS, missing, type Surroundings } from "./finding.ts";

/** Where a pod finds its own credentials. */
const IN_CLUSTER = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** What a cluster needs: credentials, an API server that answers, and leave to make namespaces. */
export async function lookAtKubernetes(place: Surroundings): Promise<readonly Finding[]> {
  const config = credentials(place.env);
  const kubectl = findTool("kubectl", place.env);
  if (kubectl === null) {
    const unknown = "can't be asked without kubectl";
    return [
      config,
      missing(
        "kubectl",
        "not on the PATH; doctor asks the cluster by it",
        install("kubernetes-client", "kubectl"),
        false,
      ),
      missing("cluster", unknown, null),
      missing("namespaces", unknown, null),
    ];
  }
  const ask = (...args: string[]) =>
    askTool(kubectl, [...args, `--request-timeout=${LOOK_MS / 1_000 - 1}s`], { ...place, timeoutMs: LOOK_MS });
  const [client, server, may] = await Promise.all([
    askTool(kubectl, ["version", "--client", "-o", "json"], { ...place, timeoutMs: LOOK_MS }),
    ask("version", "-o", "json"),
    ask("auth", "can-i", "create", "namespaces"),
  ]);
  const clientVersion = versionIn(client?.stdout, "clientVersion");
  const serverVersion = versionIn(server?.stdout, "serverVersion");
  return [
    config,
    clientVersion === null
      ? missing("kubectl", client === null ? `${kubectl} doesn't end` : `${kubectl} can't be run`, null, false)
      : found("kubectl", clientVersion, false),
    serverVersion === null
      ? missing("cluster", `no API server answers: ${said(server)}`, "kubectl cluster-info")
      : found("cluster", serverVersion),
    may?.stdout.trim() === "yes"
      ? found("namespaces", "may be made")
      : missing("namespaces", `may not be made: ${said(may)}`, "kubectl auth can-i create namespaces"),
  ];
}

function credentials({ KUBECONFIG: given = "", HOME: home = "" }: Surroundings["env"]): Finding {
  const paths = given === "" ? [join(home, ".kube", "config")] : given.split(delimiter);
  const there = paths.find((path) => path !== "" && existsSync(path));
  if (there !== undefined) return found("kubeconfig", there);
  if (existsSync(IN_CLUSTER)) return found("kubeconfig", "this pod's own");
  return missing("kubeconfig", `there is no ${paths.join(" and no ")}`, "export KUBECONFIG=FILE");
}

function versionIn(text: string | undefined, key: "clientVersion" | "serverVersion"): string | null {
  try {
    const read = JSON.parse(text ?? "") as Readonly<Record<string, { gitVersion?: string } | undefined>>;
    return read[key]?.gitVersion ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function said(answer: Awaited<ReturnType<typeof askTool>>): string {
  if (answer === null) return `kubectl did not end within ${LOOK_MS / 1_000} s`;
  const lines = (answer.stderr.trim() || answer.stdout.trim()).split("\n");
  return lines.at(-1) || "it said nothing";
}
