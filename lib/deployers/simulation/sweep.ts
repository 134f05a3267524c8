import type { Leftover } from "../../model/deployer.ts";
import type { SimulatedCluster } from "./cluster.ts";
import type { NodeLogs } from "./node-logs.ts";

/** Ends every node and writes what their logs still hold back. Nothing of a simulation is in the world. */
export function sweepSimulated(cluster: SimulatedCluster | undefined, logs: NodeLogs | undefined): readonly Leftover[] {
  for (const { planned } of cluster?.running() ?? []) cluster?.end(planned.name, true, "SIGTERM, as asked");
  logs?.flush();
  return [];
}
