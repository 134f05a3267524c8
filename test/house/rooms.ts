/**
 * The house: rooms in their order, and the packages that each may import. A room imports from itself and from rooms
 * before it.
 */
export interface Room {
  readonly name: string;
  readonly packages?: readonly string[];
  /** No I/O: no `node:` module but these. */
  readonly pure?: readonly string[];
}

export const ROOMS: readonly Room[] = [
  { name: "core", packages: ["@noble/hashes", "canonicalize", "pure-rand"], pure: [] },
  {
    name: "chain",
    packages: ["@noble/curves", "@noble/hashes", "hash-wasm", "immutable", "valibot"],
    pure: ["node:crypto"],
  },
  { name: "model", packages: ["valibot"], pure: [] },
  { name: "evidence", packages: ["hdr-histogram-js", "valibot"], pure: [] },
  { name: "plan", packages: ["fastest-levenshtein", "valibot"], pure: ["node:url"] },
  { name: "host", packages: ["dockerode", "tar", "zx"] },
  { name: "telemetry", packages: [] },
  { name: "devnet", packages: ["valibot", "immutable"] },
  { name: "nodes", packages: ["undici"] },
  { name: "deployers", packages: ["yaml"] },
  { name: "tasks", packages: ["valibot"] },
  { name: "workloads", packages: ["valibot"] },
  { name: "expectations", packages: ["valibot"] },
  { name: "run", packages: ["valibot"] },
  { name: "report", packages: [] },
  { name: "cli", packages: ["cac", "consola", "valibot"] },
];
