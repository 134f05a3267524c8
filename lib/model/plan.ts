import * as v from "valibot";

const positiveInt = v.pipe(v.number(), v.integer(), v.minValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const ms = v.pipe(v.number(), v.minValue(0));

/** Plain JSON, the only thing that workload and expectation options may hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
// By its exact type the declarations of what holds it would be instantiated without end.
const json: v.GenericSchema<unknown, Json> = v.custom<Json>(
  (value) => value !== undefined && typeof value !== "function",
  "must be JSON",
);
const options = v.record(v.string(), json);

const role = v.picklist(["validator", "executor"]);
/** What a node is: executors are validators that also disperse blobs. */
export type Role = v.InferOutput<typeof role>;

const plannedNode = v.object({
  /** `validator-0 ...`, then `executor-0 ...`; the same on every backend. */
  name: v.string(),
  role,
  /** Position among all nodes, validators first. */
  index: count,
  /** Value of its leader note. */
  stake: positiveInt,
  /** Overlay neighbours by the layout: nodes it dials or that dial it. */
  neighbours: v.array(v.string()),
  /** Not started with the others: a fault of the plan starts it in mid-run. */
  joinsLate: v.optional(v.literal(true)),
  /** Merged into the node's configuration, as `nodeConfigPatch` gave it. */
  configPatch: v.optional(json),
});
export type PlannedNode = v.InferOutput<typeof plannedNode>;

/** The least memory that a container can be given, MiB: what Docker Engines refuse to go below. */
export const LEAST_MEMORY_MIB = 6;
/** A pebibyte: more than any machine has. */
export const MOST_MEMORY_MIB = 2 ** 30;
/** The least share of a processor that a container can be given. */
export const LEAST_CPUS = 0.01;

const nodeLimits = v.object({
  /** Most memory of each node, MiB. */
  memoryMiB: v.optional(v.pipe(v.number(), v.minValue(LEAST_MEMORY_MIB), v.maxValue(MOST_MEMORY_MIB))),
  /** Most processor time of each node, in seconds a second. */
  cpus: v.optional(v.pipe(v.number(), v.minValue(LEAST_CPUS))),
});
/** The most that each node may take of its machine; what isn't here is up to the backend. */
export type NodeLimits = v.InferOutput<typeof nodeLimits>;

const consensus = v.object({
  slotMs: positiveInt,
  /** Security parameter: blocks until finality. */
  k: positiveInt,
  /** Active slot coefficient. */
  f: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  tieBreak: v.picklist(["smaller-id", "first-seen"]),
});

const da = v.object({
  shares: positiveInt,
  needed: positiveInt,
  members: v.array(v.array(v.string())),
  samples: positiveInt,
});

/** A workload or expectation by name, with the options that its factory resolved. */
const piece = v.object({
  /** The registered factory: `transactions`, `data-availability`, `chaos`, `liveness`, or a custom one. */
  kind: v.string(),
  /** Unique within the plan; what reports and `--set` call it. */
  name: v.string(),
  options,
  /** What it records with `ctx.metric`, by name; absent where it declares nothing. */
  metrics: v.optional(v.array(v.string())),
  /** Written by the user in the scenario file, so it can only be rebuilt from that file. */
  custom: v.boolean(),
});
export type PlannedPiece = v.InferOutput<typeof piece>;

/** A task that runs before deployment. */
const plannedTask = v.object({
  task: v.string(),
  /** As `.setup` gave them; what is not here comes from the environment or is the task's default. */
  options: v.record(v.string(), v.string()),
  /** Defined by the user, so it can only be made again from the user's files. */
  custom: v.boolean(),
});
export type PlannedTask = v.InferOutput<typeof plannedTask>;

const observability = v.object({
  /** Base URL of a Prometheus-compatible query API. */
  metricsQueryUrl: v.optional(v.string()),
  /** Full URL that nodes push OTLP metrics to over HTTP. */
  metricsOtlpIngestUrl: v.optional(v.string()),
  /** Shown to people; nothing is asked of it. */
  grafanaUrl: v.optional(v.string()),
});
/** Where metrics are kept and shown, when somebody runs such a place. */
export type Observability = v.InferOutput<typeof observability>;

/** The resolved plan's schema; `plan.lock.json` and recorded runs are read with it. */
export const PlanSchema = v.object({
  v: v.literal(1),
  name: v.string(),
  seed: v.string(),
  profile: v.picklist(["default", "fast"]),
  deployer: v.string(),
  nodeKind: v.string(),
  /** Nodes are of the scenario's own kind, so that it can only be had from that file. They make no blockchain. */
  customNodeKind: v.optional(v.literal(true)),
  /** Length of the driven part of the run, scaled by the profile. */
  durationMs: ms,
  /** What durations of the scenario were multiplied by: 1, or slot / 2 s under `fast`. */
  timeScale: v.pipe(v.number(), v.gtValue(0)),
  consensus,
  topology: v.object({
    layout: v.picklist(["star", "chain", "full"]),
    nodes: v.pipe(v.array(plannedNode), v.minLength(1)),
    limits: v.optional(nodeLimits),
  }),
  /** Genesis wallets: the total is split evenly, the first `total % count` get one more. */
  wallets: v.object({ count, totalFunds: count }),
  /** How blobs are coded and who holds shares; null where the node kind decides for itself. */
  da: v.nullable(da),
  workloads: v.array(piece),
  expectations: v.array(piece),
  /** Tasks that run before deployment, in order. */
  setup: v.optional(v.array(plannedTask)),
  observability: v.optional(observability),
});

/** The resolved plan: pure, symbolic, serialisable. No address, no time of day, no key. */
export type Plan = v.InferOutput<typeof PlanSchema>;
