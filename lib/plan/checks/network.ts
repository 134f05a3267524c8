import { MAX_LINKS, MAX_NODES } from "../limits.ts";
import type { Finding } from "../problem.ts";
import { linkCount } from "../topology.ts";
import type { WrittenDocument } from "../written.ts";

type Topology = WrittenDocument["topology"];

/** Whether there are nodes, and not more than any backend can hold. */
export function checkNodeCount(topology: Pick<Topology, "layout" | "validators" | "executors">): Finding[] {
  const { layout, validators, executors } = topology;
  const count = validators + executors;
  if (count === 0) {
    return [
      {
        code: "NR-PLAN-NO-NODES",
        path: "topology.validators",
        message: "the network has no node",
        hint: "Call validators(n) or executors(n) in topologyWith.",
      },
    ];
  }
  if (count > MAX_NODES) {
    return [
      {
        code: "NR-PLAN-TOO-MANY-NODES",
        path: "topology.executors",
        message: `${validators} validators and ${executors} executors are ${count} nodes, and ${MAX_NODES} are the most`,
        hint: `Leave out ${count - MAX_NODES} of them.`,
      },
    ];
  }
  const links = linkCount(layout, count);
  if (links <= MAX_LINKS) return [];
  return [
    {
      code: "NR-PLAN-TOO-MANY-NODES",
      path: "topology.layout",
      message: `${count} nodes that are all peers of each other have ${links} links, and ${MAX_LINKS} are the most`,
      hint: "Use networkStar() or networkChain(), or at most 1000 nodes.",
    },
  ];
}

/** Whether the backend has addresses for all nodes. */
export function checkBackendSize(
  count: number,
  { name, mostNodes }: { readonly name: string; readonly mostNodes?: number },
): Finding[] {
  if (mostNodes === undefined || count <= mostNodes) return [];
  return [
    {
      code: "NR-PLAN-TOO-MANY-NODES",
      path: "topology.validators",
      message: `the network has ${count} nodes, and the backend ${name} has addresses for ${mostNodes} on this machine`,
      hint: `Leave out ${count - mostNodes} of them, or use --deployer sim.`,
    },
  ];
}

/** Whether patches and stakes are of nodes that there are. */
export function checkNodeIndices(topology: Topology): Finding[] {
  const count = topology.validators + topology.executors;
  const strangers = (field: "stake" | "configPatch", call: string, of: Readonly<Record<number, unknown>>) =>
    Object.keys(of)
      .filter((index) => Number(index) >= count)
      .map((index): Finding => {
        const range = count === 1 ? "only node 0" : `nodes 0 to ${count - 1}`;
        return {
          code: "NR-PLAN-NODE-INDEX",
          path: `topology.${field}.${index}`,
          message: `${call}(${index}, ...) is of a node that there is not: the network has ${range}`,
          hint: `Count validators first (0 to ${topology.validators - 1}), then executors.`,
        };
      });
  return [
    ...strangers("configPatch", "nodeConfigPatch", topology.configPatches),
    ...strangers("stake", "stake", topology.stakes),
  ];
}
