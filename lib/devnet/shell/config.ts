import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { genesisFromJson } from "../../chain/genesis-json.ts";
import { linkConditionsSchema } from "../../chain/http/link-conditions.ts";
import type { Genesis } from "../../chain/types.ts";
import { hexToBytes } from "../../core/bytes.ts";
import { CodedError, errorText, systemCode } from "../../core/errors.ts";
import type { NodeMachineConfig } from "../misbehaviour/create.ts";
import { MisbehaviourSchema } from "../misbehaviour/misbehaviour.ts";

const hex32 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits"));
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));
const positive = v.pipe(v.number(), v.gtValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const name = v.pipe(v.string(), v.nonEmpty(), v.maxLength(200));

/** The embedded node's configuration file. docs/embedded-node.md describes every field. */
export const NodeConfigSchema = v.strictObject({
  version: v.literal(1),
  name,
  role: v.picklist(["validator", "executor"]),
  /** Ed25519 seed: the node's lottery key and the key that signs its headers. */
  leaderSecret: hex32,
  /** The genesis transaction and the leaders' keys, as `lib/chain/genesis-json.ts` writes them. */
  genesis: v.unknown(),
  /** What the genesis must come to. */
  genesisId: hex32,
  consensus: v.strictObject({
    slotMs: count,
    k: count,
    f: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
    tieBreak: v.picklist(["smaller-id", "first-seen"]),
  }),
  da: v.strictObject({ shares: count, needed: count, members: v.array(v.array(name)), samples: count }),
  /** Wall time of slot 0 in ms since 1970. */
  chainStartMs: v.number(),
  /** Added to this machine's wall clock: what the node takes for the time. */
  clockOffsetMs: v.optional(v.number(), 0),
  http: v.strictObject({
    host: name,
    port,
    testingPort: port,
    /** An answer that takes longer is 408. */
    timeoutMs: v.optional(positive, 30_000),
    maxBodyBytes: v.optional(count, 10 * 1024 * 1024),
    /** Requests a client address may make at once, and how many a second it gets back; without it there is no limit. */
    rateLimit: v.optional(v.strictObject({ burst: count, perSecond: positive })),
  }),
  peers: v.strictObject({
    host: name,
    port,
    /** Every other node. */
    nodes: v.array(v.strictObject({ name, host: name, port })),
    /** Names of the nodes that this one gossips with. */
    neighbours: v.array(name),
    /** Conditions of the links to peers, by name; those set at run time replace them. */
    links: v.optional(v.record(v.string(), linkConditionsSchema), {}),
  }),
  /** What it begins under, as if it were set at run time: link conditions, and an offset on top of `clockOffsetMs`. */
  imposed: v.optional(v.strictObject({ links: v.record(v.string(), linkConditionsSchema), clockOffsetMs: v.number() })),
  /** How it misbehaves, for those who test who catches it. Honest when absent. */
  misbehave: v.optional(MisbehaviourSchema),
  /** File of the node's state, relative to this file. */
  store: name,
  logLevel: v.optional(v.picklist(["DEBUG", "INFO", "WARN", "ERROR"]), "INFO"),
});

/** As written. */
export type NodeConfigFile = v.InferInput<typeof NodeConfigSchema>;
/** As read: defaults filled in, the store's path absolute. */
export type NodeConfig = v.InferOutput<typeof NodeConfigSchema>;

/**
 * Reads and checks a configuration file (JSON).
 * @throws CodedError NR-NODE-CONFIG naming the file and the field.
 */
export async function loadConfig(path: string): Promise<NodeConfig> {
  const config = checkConfig(path, parse(path, await read(path)));
  return { ...config, store: resolve(dirname(path), config.store) };
}

/**
 * A configuration, checked and with its defaults.
 * @param where its file, for messages
 * @throws CodedError NR-NODE-CONFIG naming the field.
 */
export function checkConfig(where: string, json: unknown): NodeConfig {
  const result = v.safeParse(NodeConfigSchema, json, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    throw invalid(where, `${v.getDotPath(issue) ?? "the file"}: ${issue.message}`);
  }
  const { name, peers, da } = result.output;
  const known = new Set(peers.nodes.map((node) => node.name));
  const nameless = [...peers.neighbours, ...Object.keys(peers.links)].find((peer) => !known.has(peer));
  if (nameless !== undefined) throw invalid(where, `peers.nodes: has no address for ${nameless}`);
  if (known.has(name)) throw invalid(where, `peers.nodes: lists ${name} itself`);
  if (da.members.length !== da.shares) {
    throw invalid(where, `da.members: ${da.members.length} subnetworks for ${da.shares} shares`);
  }
  return result.output;
}

/**
 * The network's first state.
 * @throws CodedError NR-NODE-CONFIG when it isn't the one whose id the file names, NR-CHAIN-JSON or NR-CHAIN-GENESIS when
 * it is none.
 */
export function genesisOfConfig(config: NodeConfig): Genesis {
  const genesis = genesisFromJson(config.genesis);
  if (genesis.id === config.genesisId) return genesis;
  throw new CodedError("NR-NODE-CONFIG", `genesisId: the file says ${config.genesisId}, its genesis is ${genesis.id}`, {
    hint: "Take the file as the run that made it rendered it.",
  });
}

/** The part that the node's machine works with. */
export function machineConfig(config: NodeConfig, genesis: Genesis): NodeMachineConfig {
  return {
    identity: { name: config.name, role: config.role, leaderSecret: hexToBytes(config.leaderSecret) },
    genesis,
    consensus: config.consensus,
    da: config.da,
    chainStart: config.chainStartMs,
    neighbours: config.peers.neighbours,
    ...(config.misbehave ? { misbehave: config.misbehave } : {}),
  };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new CodedError("NR-NODE-CONFIG", `can't read ${path}: ${systemCode(error) ?? errorText(error)}`, {
      hint: "Name the node's configuration file: nomos-run node --config FILE",
      cause: error,
    });
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(path, `not JSON: ${errorText(error)}`);
  }
}

function invalid(where: string, what: string): CodedError {
  return new CodedError("NR-NODE-CONFIG", `${where}: ${what}`, {
    hint: "docs/embedded-node.md describes every field.",
  });
}
