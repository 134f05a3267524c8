import type { Capability } from "../model/capability.ts";
import type { Expectation } from "../model/expectation.ts";
import type { Consensus } from "../model/node-kind.ts";
import type { Json, NodeLimits, Observability, Plan } from "../model/plan.ts";
import type { Task } from "../model/task.ts";
import type { Workload } from "../model/workload.ts";
import type { CustomNodeKind } from "./custom-node-kind.ts";
import type { RefusedPlan } from "./problem.ts";
import type { Layout } from "./topology.ts";

export type JsonObject = { readonly [key: string]: Json };

/** A workload of your own. `options` go into the plan, where `--set` reaches them and `ctx.plan` shows them. */
export interface CustomWorkload extends Workload {
  /** Plain JSON. A number whose key ends in `Ms` is a duration and is scaled by the profile. */
  readonly options?: JsonObject;
  /** Names of what it records with `ctx.metric`: a letter, then letters, digits and underscores. */
  readonly metrics?: readonly string[];
  /** What backend and node kind must be able to do; checked before anything is started. */
  readonly needs?: readonly Capability[];
  /** Expectations that come with it. */
  expectations?(): readonly CustomExpectation[];
}

/** An expectation of your own. `options` go into the plan, where `--set` reaches them. */
export interface CustomExpectation extends Expectation {
  /** Names of what it records with `ctx.metric` while it observes: a letter, then letters, digits and underscores. */
  readonly metrics?: readonly string[];
  /** Plain JSON. A number whose key ends in `Ms` is a duration and is scaled by the profile. */
  readonly options?: JsonObject;
}

/** The pieces of a plan that only its scenario file can make, by name. */
export interface Customs {
  readonly workloads: ReadonlyMap<string, CustomWorkload>;
  readonly expectations: ReadonlyMap<string, CustomExpectation>;
  /** Tasks that the scenario hands to `.setup`, or that a file beside it defines. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** What the nodes are, where the scenario says; absent where they are of a built-in kind. */
  readonly nodeKind?: CustomNodeKind | undefined;
}

/** A workload or expectation as written: the options that the author gave, durations in ms and not scaled. */
export interface WrittenPiece {
  readonly kind: string;
  readonly name: string;
  readonly options: JsonObject;
  readonly metrics?: string[];
  readonly custom: boolean;
}

/** What the author wrote, and only that: no default, no flag, no environment. */
export interface WrittenDocument {
  readonly name: string;
  readonly seed: string | null;
  readonly durationMs: number | null;
  readonly topology: {
    readonly layout: Layout;
    readonly validators: number;
    readonly executors: number;
    /** By position among all nodes, validators first. */
    readonly stakes: Readonly<Record<number, number>>;
    readonly configPatches: Readonly<Record<number, Json>>;
    /** Of each node. */
    readonly limits: NodeLimits;
  };
  readonly consensus: Readonly<Partial<Consensus>>;
  readonly wallets: Plan["wallets"];
  readonly nodeControl: boolean;
  readonly observability: Observability;
  readonly workloads: readonly WrittenPiece[];
  readonly expectations: readonly WrittenPiece[];
  /** Tasks that run before deployment: by name, with options as text. */
  readonly setup: readonly { readonly task: string; readonly options: Readonly<Record<string, string>> }[];
  /** Expectations switched off, by name. */
  readonly without: readonly string[];
}

/** Registered, so that a plan made by another copy of this module is known too. */
const WRITTEN = Symbol.for("nomos-run.written-plan");

/** Registered for the same reason. */
const REFUSED = Symbol.for("nomos-run.refused-plan");

/** The written plan: symbolic, serialisable but for custom pieces. What `build()` returns and scenario files export. */
export interface WrittenPlan {
  readonly [WRITTEN]: 1;
  readonly document: WrittenDocument;
  /** Who wrote what: `file:line` by dotted path in the plan. The empty path is the scenario itself. */
  readonly sites: ReadonlyMap<string, string>;
  readonly customs: Customs;
  readonly [REFUSED]?: RefusedPlan;
}

/** Brands what the builder made. */
export function writtenPlan(parts: Omit<WrittenPlan, typeof WRITTEN>): WrittenPlan {
  return Object.freeze({ [WRITTEN]: 1 as const, ...parts });
}

/** Whether `value` is what `build()` returns. */
export function isWrittenPlan(value: unknown): value is WrittenPlan {
  return typeof value === "object" && value !== null && (value as { [WRITTEN]?: unknown })[WRITTEN] === 1;
}

/** Stands for a plan that `build()` refused, in a file whose other plans are of use: who chooses it is told. */
export function refusedPlan(written: WrittenPlan, refusal: RefusedPlan): WrittenPlan {
  return Object.freeze({ ...written, [REFUSED]: refusal });
}

/** Why `build()` refused a plan that a scenario file exports; undefined for a plan that can be used. */
export function refusalOf(plan: WrittenPlan): RefusedPlan | undefined {
  return plan[REFUSED];
}
