import type { Share, SignedTx } from "../../lib/chain/types.ts";
import type { Clock } from "../../lib/core/clock.ts";
import { CodedError } from "../../lib/core/errors.ts";
import type { SimulatedCluster } from "../../lib/deployers/simulation/cluster.ts";
import { createSimulationDeployer } from "../../lib/deployers/simulation/simulation.ts";
import type { VirtualClock } from "../../lib/deployers/simulation/virtual-clock.ts";
import type { VirtualNetwork } from "../../lib/deployers/simulation/virtual-network.ts";
import { createSharedMemo } from "../../lib/devnet/machine/shared-memo.ts";
import type { Deployer } from "../../lib/model/deployer.ts";
import type { CallOptions, NodeClient, Submission } from "../../lib/model/node-client.ts";
import type { Plan } from "../../lib/model/plan.ts";

/** What a test may do to the network behind the run's back. */
export interface Tampering {
  /** The consensus parameters that the nodes get, whatever the plan says. */
  consensus?(planned: Plan["consensus"]): Plan["consensus"];
  /** Called once the network stands. */
  begin?(network: VirtualNetwork, cluster: SimulatedCluster, clock: VirtualClock): void;
  /** Stands in the way of a submission: answers in the node's place, or never. */
  submit?(node: string, tx: SignedTx): Submission | "silence" | null;
  /** Whether an executor does what it is asked to and never says so. */
  swallowDispersed?(node: string): boolean;
  /** What a holder hands out for the share that it has. */
  share?(node: string, share: Share): Share | null;
}

/** The simulated backend, tampered with. */
export function virtualDeployer(clock: Clock, memo = createSharedMemo(), tampering: Tampering = {}): Deployer {
  const deployer = createSimulationDeployer({
    memo,
    begin: (cluster, virtual) => tampering.begin?.(cluster.network, cluster, virtual),
  });
  return {
    ...deployer,
    open(context) {
      const { nodeKind, plan } = context;
      return deployer.open({
        ...context,
        plan: { ...plan, consensus: tampering.consensus?.(plan.consensus) ?? plan.consensus },
        nodeKind: {
          ...nodeKind,
          connect: (bound, transport) =>
            tamperedClient(nodeKind.connect(bound, transport), bound.name, clock, tampering),
        },
      });
    },
  };
}

function tamperedClient(client: NodeClient, name: string, clock: Clock, tampering: Tampering): NodeClient {
  const silence = async (timeoutMs: number, options?: CallOptions): Promise<never> => {
    await clock.sleep(options?.timeoutMs ?? timeoutMs, options?.signal);
    throw new CodedError("NR-NODE-TIMEOUT", `${name} says nothing`);
  };
  return {
    ...client,
    async submit(tx, options) {
      const tampered = tampering.submit?.(name, tx) ?? null;
      if (tampered === "silence") return silence(5_000, options);
      return tampered ?? client.submit(tx, options);
    },
    async disperse(request, options) {
      const dispersed = await client.disperse(request, options);
      return tampering.swallowDispersed?.(name) ? silence(25_000, options) : dispersed;
    },
    async share(blob, index, options) {
      const share = await client.share(blob, index, options);
      return share && tampering.share ? tampering.share(name, share) : share;
    },
  };
}
