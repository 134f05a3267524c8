import { readFileSync } from "node:fs";
import type { Genesis } from "../../../lib/chain/types.ts";
import { CodedError } from "../../../lib/core/errors.ts";
import type { NodeClient } from "../../../lib/model/node-client.ts";
import type { NodeKind } from "../../../lib/model/node-kind.ts";
import type { Plan } from "../../../lib/model/plan.ts";

/** Its program, in the node's folder: not every backend sees this machine's disk. */
const PROGRAM = "node.mts";

/**
 * A node kind as somebody who has no blockchain would write one: backends must drive any program. Its only call is
 * `mempool`, whose count is how often the node was started.
 */
export const standInKind: NodeKind = {
  name: "stand-in",
  capabilities: ["node.restart", "node.stop", "node.kill"],
  predictableMessageIds: false,
  slotStepMs: 1,
  occupancy: () => 1,
  da: () => ({ shares: 1, needed: 1, members: [], samples: 1 }),
  genesis: () => ({}) as Genesis,
  render: ({ binding, node }) => {
    const bound = binding.nodes.find(({ name }) => name === node.name);
    if (!bound) throw new CodedError("NR-CORE-INTERNAL", `${node.name} is not bound`);
    const { apiPort, testingPort, peerPort } = bound;
    const host = bound.reach ? "0.0.0.0" : bound.host;
    const patch = (node.configPatch ?? {}) as { stubborn?: boolean };
    return {
      files: [
        { path: PROGRAM, content: readFileSync(new URL("node.ts", import.meta.url)) },
        {
          path: "config/node.json",
          content: JSON.stringify({
            host,
            ports: [apiPort, testingPort, peerPort],
            stubborn: patch.stubborn ?? false,
          }),
        },
      ],
      program: { path: process.execPath },
      args: [PROGRAM, "config/node.json"],
      env: {},
      state: ["starts"],
    };
  },
  connect: (_, transport) =>
    ({
      async mempool(options = {}) {
        const response = await transport.request({
          server: "api",
          method: "GET",
          path: "/",
          timeoutMs: options.timeoutMs ?? 5_000,
        });
        return { pendingItems: Number(response.text), lastItemTimestamp: 0 };
      },
      close: () => transport.close(),
    }) as Partial<NodeClient> as NodeClient,
};

/** A plan of validators only; `stubborn` names one that ignores SIGTERM. */
export function standInPlan(validators: number, stubborn?: string): Plan {
  return {
    v: 1,
    name: "conformance",
    seed: "conformance",
    profile: "fast",
    deployer: "any",
    nodeKind: "stand-in",
    durationMs: 1_000,
    timeScale: 1,
    consensus: { slotMs: 250, k: 40, f: 0.9, tieBreak: "smaller-id" },
    topology: {
      layout: "star",
      nodes: Array.from({ length: validators }, (_, index) => {
        const name = `validator-${index}`;
        const patch = name === stubborn ? { configPatch: { stubborn: true } } : {};
        return { name, role: "validator" as const, index, stake: 1, neighbours: [], ...patch };
      }),
    },
    wallets: { count: 0, totalFunds: 0 },
    da: null,
    workloads: [],
    expectations: [],
  };
}
