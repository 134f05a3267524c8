import { digestOf } from "../core/canonical-json.ts";
import type { Node } from "../model/cluster.ts";
import type { PlannedNode } from "../model/plan.ts";
import type { ResolvedPlan } from "../plan/resolve.ts";
import { withNeighbours } from "../plan/topology.ts";
import type { Conducted, Conductor } from "./conduct.ts";
import { bootNetwork } from "./network.ts";

/** A plan's network and nothing else: no workload, no expectation, and every node there from the start. */
export function networkOnly(resolved: ResolvedPlan): ResolvedPlan {
  const { plan } = resolved;
  const { layout, nodes } = plan.topology;
  const plain = {
    ...plan,
    topology: { ...plan.topology, nodes: withNeighbours(layout, nodes.map(fromTheStart)) },
    workloads: [],
    expectations: [],
  };
  return { ...resolved, plan: plain, digest: digestOf(plain) };
}

function fromTheStart(planned: PlannedNode): PlannedNode {
  const { joinsLate: _, ...node } = planned;
  return node;
}

/**
 * Boots a network that is to stay.
 * @param onUp told of its nodes when it has made its first common block
 */
export async function bootToStay(run: Conductor, onUp: (nodes: readonly Node[]) => void): Promise<Conducted> {
  const { cluster } = await bootNetwork(run);
  const nodes = cluster.nodes();
  onUp(nodes);
  const count = nodes.length === 1 ? "1 node is" : `${nodes.length} nodes are`;
  return { verdict: "passed", why: `${count} up; nothing was judged`, expectations: [] };
}
