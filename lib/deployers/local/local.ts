import type { SelfCommand } from "../../host/self.ts";
import { wallNow } from "../../host/system-clock.ts";
import { type BoundNode, boundNode } from "../../model/binding.ts";
import { CAPABILITIES, NODE_CONDITIONS } from "../../model/capability.ts";
import type { DeployContext, Deployer, Deployment } from "../../model/deployer.ts";
import type { Transport } from "../../model/transport.ts";
import { ManagedCluster } from "../managed/cluster.ts";
import { startAll } from "../managed/start-all.ts";
import { type Candidate, SYSTEM_ADDRESSES } from "./addresses.ts";
import { deliver } from "./deliver.ts";
import { isListening } from "./listeners.ts";
import { ProcessDriver } from "./process-driver.ts";
import { type Reservation, reserveAddresses } from "./reserve.ts";
import { sweepNodes } from "./sweep.ts";

/** Lines can't be narrowed: all nodes speak over one interface, and they have no such means of their own. */
const LOCAL_CAPABILITIES = CAPABILITIES.filter((capability) => capability !== "link.bandwidth");
/** Time from reserve to slot 0. */
const CHAIN_START_AFTER_MS = 1_000;

export interface LocalDeployerOptions {
  /** Carries requests to a node at this place. */
  readonly openTransport: (node: BoundNode) => Transport;
  /** How this program starts itself as a node; from `lib/host` by default. */
  readonly self?: (args: readonly string[]) => SelfCommand;
  /** Addresses in the order in which they are tried; by default what this system's loopback interface has. */
  readonly candidates?: (runId: string, names: readonly string[]) => Iterable<Candidate>;
}

/** The backend whose nodes are processes of this machine, on its loopback interface. */
export function createLocalDeployer(options: LocalDeployerOptions): Deployer {
  return {
    name: "local",
    capabilities: () => LOCAL_CAPABILITIES,
    needsNodes: NODE_CONDITIONS,
    mostNodes: SYSTEM_ADDRESSES.mostNodes,
    open: (context) => openLocal(context, options),
  };
}

function openLocal(context: DeployContext, options: LocalDeployerOptions): Deployment {
  const { runId, plan, clock, inventory } = context;
  const candidates = options.candidates ?? SYSTEM_ADDRESSES.candidates;
  const names = plan.topology.nodes.map((node) => node.name);
  let reservation: Reservation | undefined;
  let cluster: ManagedCluster | undefined;

  return {
    async reserve(signal) {
      reservation = await reserveAddresses(candidates(runId, names), signal);
      for (const { host, port } of reservation.locks) {
        const name = "hold on the run's addresses";
        inventory.add(
          { kind: "socket", id: `tcp ${host}:${port}`, name, by: "run" },
          async () => !isListening({ host, port }),
        );
      }
      return { runId, chainStartMs: wallNow() + CHAIN_START_AFTER_MS, nodes: [...reservation.nodes] };
    },

    async deploy(binding, signal) {
      const delivered = await deliver(context, binding, signal, options.self);
      const { folder, nodeKind, events } = context;
      cluster = new ManagedCluster({
        folder,
        nodes: delivered.map((files) => {
          const { planned } = files;
          const bound = boundNode(binding, planned.name);
          return {
            planned,
            bound,
            driver: new ProcessDriver({ runId, files, bound, spawner: context.spawner, inventory }),
          };
        }),
        events,
        clock,
        connect: (bound) => nodeKind.connect(bound, options.openTransport(bound)),
      });
      await startAll(cluster, signal);
      return cluster;
    },

    async sweep(signal) {
      const leftovers = await sweepNodes({ runId, clock, nodes: cluster?.managed() ?? [] }, signal);
      await reservation?.release();
      return leftovers;
    },
  };
}
