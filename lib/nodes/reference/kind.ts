import { buildGenesis } from "../../chain/genesis.ts";
import { signerOf } from "../../chain/keys.ts";
import { winProbability } from "../../chain/lottery.ts";
import type { Genesis, Note } from "../../chain/types.ts";
import { leaderSecret, walletOf, walletSecret } from "../../chain/wallet.ts";
import { CAPABILITIES, NODE_CONDITIONS } from "../../model/capability.ts";
import type { NodeKind } from "../../model/node-kind.ts";
import type { Plan } from "../../model/plan.ts";
import { createNodeClient } from "../client/node-client.ts";
import { daLayout } from "./da-layout.ts";
import { smallHeapVariables } from "./heap.ts";
import { METRIC_NAMES } from "./metric-names.ts";
import { CONFIG_FILE, misbehaviourPatchFault, renderConfig, STATE_FOLDER } from "./render.ts";

/** The embedded node: a process of this program, which speaks the real node's HTTP contract. */
export const referenceKind: NodeKind = {
  name: "reference",
  capabilities: CAPABILITIES,
  applies: NODE_CONDITIONS,
  predictableMessageIds: true,
  slotStepMs: 1,
  metrics: METRIC_NAMES,

  occupancy: ({ f }, alive, total) => winProbability(f, BigInt(sum(alive)), BigInt(total)),

  leaderOf: ({ seed, topology }, { header }) =>
    topology.nodes.find(({ name }) => signerOf(leaderSecret(seed, name)).key === header.leadership.leaderKey)?.name ??
    null,

  da: (nodes) => daLayout(nodes.map(({ name }) => name)),

  genesis(plan: Plan): Genesis {
    const nodes = plan.topology.nodes.map(({ name, stake }) => ({
      name,
      stake: BigInt(stake),
      leaderKey: signerOf(leaderSecret(plan.seed, name)).key,
    }));
    return buildGenesis({ nodes, wallets: walletNotes(plan) });
  },

  leaders: (plan) =>
    new Map(plan.topology.nodes.map(({ name }) => [signerOf(leaderSecret(plan.seed, name)).key, name])),

  patchFault: misbehaviourPatchFault,

  render: (request) => ({
    files: [{ path: CONFIG_FILE, content: `${JSON.stringify(renderConfig(request), null, 1)}\n` }],
    program: "self",
    args: ["node", "--config", CONFIG_FILE],
    env: smallHeapVariables(),
    state: [STATE_FOLDER],
  }),

  connect: (node, transport) => createNodeClient(node.name, transport),
};

/** The total split evenly; the first `total % count` wallets get one more. */
function walletNotes({ seed, wallets: { count, totalFunds } }: Plan): Note[] {
  const share = Math.floor(totalFunds / Math.max(1, count));
  return Array.from({ length: count }, (_, index) => ({
    pk: walletOf(walletSecret(seed, index)).pk,
    value: BigInt(index < totalFunds % count ? share + 1 : share),
  }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
