import type { BoundNode } from "../../model/binding.ts";

/** What every node's container has, whoever starts it: our own calls or the compose tools. */
export const CONTAINER_SETTINGS = {
  droppedCapabilities: ["ALL"],
  securityOptions: ["no-new-privileges"],
  /** The run folder has the whole log; the engine's copy is for `docker logs`. */
  log: { driver: "json-file", options: { "max-size": "16m", "max-file": "2" } },
} as const;

/** A port of a container that is reached at one of its host. */
export interface PublishedPort {
  readonly containerPort: number;
  readonly hostIp: string;
  readonly hostPort: number;
}

/** A node's published ports; none for one that is reached where its peers reach it. */
export function publishedPorts({ apiPort, testingPort, reach }: BoundNode): readonly PublishedPort[] {
  if (!reach) return [];
  // On another machine it must be reached from outside of it.
  const hostIp = ["127.0.0.1", "localhost"].includes(reach.host) ? "127.0.0.1" : "0.0.0.0";
  return [
    { containerPort: apiPort, hostIp, hostPort: reach.apiPort },
    { containerPort: testingPort, hostIp, hostPort: reach.testingPort },
  ];
}
