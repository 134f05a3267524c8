import { hostname } from "node:os";

/** Label with the run's id, on everything of a run in an engine: what `ps`, `clean` and the guardian find it by. */
export const RUN_LABEL = "nomos-run.run";

/** Label with the name of the machine that its runner is on: an engine can be shared. */
export const FROM_LABEL = "nomos-run.from";

/** Label with a node's name, on its container. */
export const NODE_LABEL = "nomos-run.node";

/** Version of the compose format that the labels are those of. */
const COMPOSE_VERSION = "1.29.2";

/** The compose tools' name of a run: all of its containers and networks begin with it. */
export function projectOf(runId: string): string {
  return `nomos-run-${runId.toLowerCase().replaceAll(/[^a-z0-9_-]/g, "-")}`;
}

/** Labels of everything of a run. */
export function runLabels(runId: string): Record<string, string> {
  return { [RUN_LABEL]: runId, [FROM_LABEL]: hostname() };
}

/** Labels of a network, with which the compose tools take it for one of the project's. */
export function networkLabels(runId: string, network: string): Record<string, string> {
  return {
    ...runLabels(runId),
    "com.docker.compose.project": projectOf(runId),
    "com.docker.compose.network": network,
    "com.docker.compose.version": COMPOSE_VERSION,
  };
}

/** Labels of a node's container, with which the compose tools take it for the project's service of its name. */
export function containerLabels(
  runId: string,
  node: string,
  compose: { readonly folder: string; readonly configHash: string },
): Record<string, string> {
  return {
    ...runLabels(runId),
    [NODE_LABEL]: node,
    "com.docker.compose.project": projectOf(runId),
    "com.docker.compose.service": node,
    "com.docker.compose.container-number": "1",
    "com.docker.compose.oneoff": "False",
    "com.docker.compose.config-hash": compose.configHash,
    "com.docker.compose.project.config_files": "docker-compose.yml",
    "com.docker.compose.project.working_dir": compose.folder,
    "com.docker.compose.version": COMPOSE_VERSION,
  };
}
