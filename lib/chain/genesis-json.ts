import * as v from "valibot";
import { genesisOf } from "./genesis.ts";
import { hex32Schema, readJson, signedTxSchema, signedTxToJson } from "./json.ts";
import type { Genesis } from "./types.ts";

/** A genesis as node configuration holds it: the transaction and its leaders' keys; ids are computed anew. */
const schema = v.object({ tx: signedTxSchema, leader_keys: v.array(hex32Schema) });

export function genesisToJson(genesis: Genesis) {
  return { tx: signedTxToJson(genesis.tx), leader_keys: genesis.leaders.map((leader) => leader.key) };
}

/** @throws CodedError NR-CHAIN-JSON for the wrong shape, NR-CHAIN-GENESIS for what no network can start from. */
export function genesisFromJson(json: unknown): Genesis {
  const { tx, leader_keys } = readJson(schema, json, "genesis");
  return genesisOf(tx, leader_keys);
}
