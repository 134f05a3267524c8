import { genesisToJson } from "../../chain/genesis-json.ts";
import { leaderSecret } from "../../chain/wallet.ts";
import { bytesToHex } from "../../core/bytes.ts";
import { MISBEHAVIOURS, misbehaviourFault } from "../../devnet/misbehaviour/misbehaviour.ts";
import { checkConfig, type NodeConfigFile } from "../../devnet/shell/config.ts";
import { boundNode } from "../../model/binding.ts";
import type { RenderRequest } from "../../model/node-kind.ts";
import type { Json } from "../../model/plan.ts";
import { daLayout } from "./da-layout.ts";

/** The configuration file, in the node's folder. */
export const CONFIG_FILE = "node.json";
/** The folder of the node's state, in the node's folder. */
export const STATE_FOLDER = "state";

/**
 * One node's configuration, with the plan's patch for it merged in: objects are merged, everything else replaced.
 * @throws CodedError NR-NODE-CONFIG naming the field when a patch spoils it.
 */
export function renderConfig({ plan, binding, genesis, node, conditions }: RenderRequest): NodeConfigFile {
  const bound = boundNode(binding, node.name);
  // Published ports lead to another of its addresses than the one that peers know.
  const listens = bound.reach ? "0.0.0.0" : bound.host;
  const others = binding.nodes.filter(({ name }) => name !== node.name);
  const config: NodeConfigFile = {
    version: 1,
    name: node.name,
    role: node.role,
    leaderSecret: bytesToHex(leaderSecret(plan.seed, node.name)),
    genesis: genesisToJson(genesis),
    genesisId: genesis.id,
    consensus: plan.consensus,
    da: plan.da ?? daLayout(plan.topology.nodes.map(({ name }) => name)),
    chainStartMs: binding.chainStartMs,
    http: { host: listens, port: bound.apiPort, testingPort: bound.testingPort },
    peers: {
      host: listens,
      port: bound.peerPort,
      nodes: others.map(({ name, host, peerPort }) => ({ name, host, port: peerPort })),
      neighbours: node.neighbours,
    },
    ...(conditions ? { imposed: conditions } : {}),
    store: `${STATE_FOLDER}/node.db`,
  };
  const patched = merge(config as unknown as Json, node.configPatch);
  checkConfig(`the configuration of ${node.name}`, patched);
  return patched as unknown as NodeConfigFile;
}

/** What is wrong with the `misbehave` of a patch; null when nothing is, or it has none. */
export function misbehaviourPatchFault(patch: Json): { field: string; message: string; hint: string } | null {
  const misbehave = isObject(patch) ? patch["misbehave"] : undefined;
  const fault = misbehave === undefined ? null : misbehaviourFault(misbehave);
  if (!fault) return null;
  const field = ["misbehave", fault.field].filter((part) => part !== "").join(".");
  return {
    field,
    message: fault.message,
    hint: `The kinds are ${MISBEHAVIOURS.join(", ")}; docs/embedded-node.md has their doses.`,
  };
}

function merge(base: Json, patch: Json | undefined): Json {
  if (patch === undefined) return base;
  if (!isObject(base) || !isObject(patch)) return patch;
  const merged: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    merged[key] = key in base ? merge(base[key] as Json, value) : value;
  }
  return merged;
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
