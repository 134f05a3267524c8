import { CodedError } from "../../core/errors.ts";
import type { SharedMemo } from "../../devnet/machine/shared-memo.ts";
import type { DeployContext, Deployer, Deployment } from "../../model/deployer.ts";
import { referenceKind } from "../../nodes/reference/kind.ts";
import { SIMULATION_CAPABILITIES } from "./capabilities.ts";
import { SimulatedCluster } from "./cluster.ts";
import { configure } from "./deploy.ts";
import { NodeLogs } from "./node-logs.ts";
import { bindSimulated } from "./reserve.ts";
import { sweepSimulated } from "./sweep.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface SimulationOptions {
  /** Shared by all runs; give one to several runs of one genesis to save work. */
  readonly memo?: SharedMemo;
  /** Called once the network stands, before any time has passed. */
  readonly begin?: (cluster: SimulatedCluster, clock: VirtualClock) => void;
}

/** The backend whose nodes live in this process, in virtual time. */
export function createSimulationDeployer(options: SimulationOptions = {}): Deployer {
  return {
    name: "sim",
    capabilities: () => SIMULATION_CAPABILITIES,
    needsNodes: [],
    nodeKinds: [referenceKind.name],
    simulate: () => new VirtualClock(),
    open: (context) => openSimulation(context, options),
  };
}

function openSimulation(context: DeployContext, { memo, begin }: SimulationOptions): Deployment {
  const { runId, plan, folder, events, clock } = context;
  if (!(clock instanceof VirtualClock)) {
    throw new CodedError("NR-CORE-INTERNAL", "a simulated network was given a clock that isn't virtual");
  }
  let cluster: SimulatedCluster | undefined;
  let logs: NodeLogs | undefined;
  return {
    reserve: async () => bindSimulated(runId, plan, clock.now()),

    async deploy(binding) {
      const names = plan.topology.nodes.map(({ name }) => name);
      logs = new NodeLogs(folder, names, ({ message }) =>
        events.emit("warning", { text: `nodes' logs end: ${message}` }),
      );
      cluster = new SimulatedCluster({ ...context, clock }, binding, configure(context, binding), logs, memo);
      await cluster.startAll();
      begin?.(cluster, clock);
      return cluster;
    },

    sweep: async () => sweepSimulated(cluster, logs),
  };
}
