/** Label with the run's id, on everything of a run in an engine: what `ps`, `clean` and the guardian find it by. */
export const RUN_LABEL = "nomos-run.run";

/** Version of the compose format that the labels are those of. */
const COMPOSE_VERSION = "1.29.2";

/** The compose tools' name of a run: all of its containers and networks begin with it. */
export function projectOf(runId: string): string {
  return `nomos-run-${runId.toLowerCase().replaceAll(/[^a-z0-9_-]/g, "-")}`;
}

/** Labels of a network, with which the compose tools take it for one of the project's. */
export function networkLabels(runId: string, network: string): Record<string, string> {
  return {
    [RUN_LABEL]: runId,
    "com.docker.compose.project": projectOf(runId),
    "com.docker.compose.network": network,
    "com.docker.compose.version": COMPOSE_VERSION,
  };
}
