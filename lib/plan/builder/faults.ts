import type { Duration } from "../../core/duration.ts";
import { durationMs } from "../../core/duration.ts";
import type { Json } from "../../model/plan.ts";
import { type FaultKind, LEAST_RATE_KBIT, MOST_RATE_KBIT, PICKS } from "../chaos-options.ts";
import { shown } from "../shown.ts";
import type { Draft, DraftPiece, Site } from "./draft.ts";
import { readOptions } from "./options-object.ts";
import { type Read, readDuration, readFlag } from "./read.ts";
import type { FaultTargets } from "./targets.ts";

/** When a fault begins, from the start of the run's drive. One of `at`, `every`, or `minDelay` with `maxDelay` is needed. */
export interface FaultTimes {
  /** The first time. Alone: the only one. */
  readonly at?: Duration;
  /** Time from the beginning of one to the beginning of the next; also the time of the first, without `at`. */
  readonly every?: Duration;
  /** Shortest time to the next; drawn from the seed, uniformly up to `maxDelay`. */
  readonly minDelay?: Duration;
  readonly maxDelay?: Duration;
}

/** A fault of nodes. */
export interface NodeFault extends FaultTimes {
  /** Which nodes; `one()` by default. */
  readonly targets?: FaultTargets;
}

/** A fault of nodes that holds for a time. */
export interface LastingFault extends NodeFault {
  /** How long it holds; `"10s"` by default. */
  readonly for?: Duration;
}

export interface RollingRestart extends FaultTimes {
  /** Which nodes, one after the other; `all()` by default. */
  readonly targets?: FaultTargets;
  /** From the recovery of one to the restart of the next; `"5s"` by default. */
  readonly pause?: Duration;
}

export interface Join extends FaultTimes {
  /** Names of the nodes that are not started with the others. */
  readonly targets: string | readonly string[];
}

export interface Partition extends FaultTimes {
  /** How long it holds; `"10s"` by default. */
  readonly for?: Duration;
  /** The nodes that are cut off from all others; `minority()` by default. */
  readonly targets?: FaultTargets;
  /** The sides by name, instead of `targets`; nodes that none names are one more side. */
  readonly groups?: readonly (readonly string[])[];
  /** What the first side sends is lost, what it is sent arrives; false by default. */
  readonly oneWay?: boolean;
}

interface LinkFault extends FaultTimes {
  /** How long it holds; `"10s"` by default. */
  readonly for?: Duration;
  /** Nodes all of whose links it concerns; `all()` by default. */
  readonly targets?: FaultTargets;
  /** Single links by the names of their ends, instead of `targets`. */
  readonly links?: readonly (readonly [string, string])[];
  /** Only what the first of each pair sends, or a target; false by default. */
  readonly oneWay?: boolean;
}

export interface Delay extends LinkFault {
  /** Additional time that every message is under way. */
  readonly delay: Duration;
  /** Up to this much longer, uniformly; none by default. Messages keep their order. */
  readonly jitter?: Duration;
}

export interface Loss extends LinkFault {
  /** Probability that a message is lost: above 0, at most 1. */
  readonly loss: number;
}

/** How much gets across a line in a second: `"512kbit"`, `"1.5mbit"`, `"1gbit"`, in thousands, millions and 1,000 millions of bits. */
export type LineRate = `${number}${"kbit" | "mbit" | "gbit"}`;

export interface Bandwidth extends LinkFault {
  /** Most that gets across each link in a second, each way for itself. */
  readonly rate: LineRate;
}

export interface ClockOffset extends LastingFault {
  /** How far ahead of the time; a duration, `"-4s"` is behind. At least one slot. */
  readonly offset: Duration | `-${number}${"ms" | "s" | "m"}`;
}

type Reader = (call: string, value: unknown) => Read<Json>;

const TIMES = ["at", "every", "minDelay", "maxDelay"] as const;
const DURATIONS = new Set<string>([...TIMES, "for", "pause", "delay", "jitter"]);
const READERS: Readonly<Record<string, Reader>> = {
  targets: readTargets,
  groups: readNamesList,
  links: readLinks,
  oneWay: readFlag,
  loss: readLoss,
  offset: readOffset,
  rate: readRate,
};
/** What an option is called in the plan where that isn't its own name, or a duration's. */
const FIELDS: Readonly<Record<string, string>> = { offset: "offsetMs", rate: "rateKbit" };
/** Options of each fault beside its times. */
const OPTIONS: Readonly<Record<FaultKind, readonly string[]>> = {
  restart: ["targets"],
  "rolling-restart": ["targets", "pause"],
  stop: ["targets", "for"],
  kill: ["targets", "for"],
  pause: ["targets", "for"],
  wipe: ["targets", "for"],
  join: ["targets"],
  partition: ["for", "targets", "groups", "oneWay"],
  delay: ["for", "targets", "links", "oneWay", "delay", "jitter"],
  loss: ["for", "targets", "links", "oneWay", "loss"],
  bandwidth: ["for", "targets", "links", "oneWay", "rate"],
  "clock-offset": ["targets", "for", "offset"],
};
/** Without these a fault can't be. */
const REQUIRED: Partial<Record<FaultKind, string>> = {
  join: "targets",
  delay: "delay",
  loss: "loss",
  bandwidth: "rate",
  "clock-offset": "offset",
};

/** Puts down one fault; a value that can't be used is refused and the fault left out. */
export function addFault(
  draft: Draft,
  piece: DraftPiece,
  kind: FaultKind,
  call: string,
  options: object,
  at: Site,
): void {
  const faults = (piece.options["faults"] ?? []) as Json[];
  const path = `workloads.chaos.options.faults.${faults.length}`;
  draft.wrote(path, at);
  const known = [...TIMES, ...OPTIONS[kind]];
  const given = readOptions<Record<string, unknown>>(draft, path, call, at, options as Record<string, unknown>, known);
  const fault: Record<string, Json> = { kind };
  for (const key of known) {
    const value = given[key];
    if (value === undefined) continue;
    const read = DURATIONS.has(key) ? readDuration(`${call} ${key}`, value) : READERS[key]?.(`${call} ${key}`, value);
    const field = FIELDS[key] ?? (DURATIONS.has(key) ? `${key}Ms` : key);
    if (read) {
      draft.take(`${path}.${field}`, at, read, (usable) => {
        fault[field] = usable;
      });
    }
  }
  const needed = REQUIRED[kind];
  if (needed !== undefined && given[needed] === undefined) {
    draft.refuse(path, at, "NR-PLAN-VALUE", `${call} needs ${needed}`, `Give it ${needed}.`);
  }
  if (draft.anyRefused([path])) return;
  piece.options["faults"] = [...faults, fault];
}

function readTargets(call: string, value: unknown): Read<Json> {
  if (typeof value === "string" && value !== "") return { value: [value] };
  if (isNames(value)) return { value: [...value] };
  const { pick, role } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const roleKnown = role === undefined || role === null || role === "validator" || role === "executor";
  if ((PICKS as readonly unknown[]).includes(pick) && roleKnown) {
    return { value: { pick: pick as string, role: (role as string | undefined) ?? null } };
  }
  return refusal(
    `${call}: ${shown(value)} is no choice of nodes`,
    'Write a node\'s name, a list of names, or one(), minority(), majority(), all() or leaders() of "nomos-run".',
  );
}

function readNamesList(call: string, value: unknown): Read<Json> {
  if (Array.isArray(value) && value.length > 0 && value.every(isNames))
    return { value: value.map((names) => [...names]) };
  return refusal(
    `${call}: ${shown(value)} is no list of sides`,
    'Write [["validator-0"], ["validator-1", "validator-2"]].',
  );
}

function readLinks(call: string, value: unknown): Read<Json> {
  const pairs = Array.isArray(value) && value.length > 0 && value.every((pair) => isNames(pair) && pair.length === 2);
  if (pairs) return { value: (value as string[][]).map((pair) => [...pair]) };
  return refusal(`${call}: ${shown(value)} is no list of links`, 'Write [["validator-0", "validator-1"]].');
}

function readLoss(call: string, value: unknown): Read<Json> {
  if (typeof value === "number" && value > 0 && value <= 1) return { value };
  return refusal(
    `${call}: ${shown(value)} is no probability above 0`,
    "Write a number above 0 and at most 1, such as 0.05.",
  );
}

function readOffset(call: string, value: unknown): Read<Json> {
  if (typeof value === "string" && value.startsWith("-")) {
    const read = readDuration(call, value.slice(1));
    return "value" in read ? { value: -read.value } : read;
  }
  if (typeof value === "number" && Number.isFinite(value) && value !== 0)
    return { value: Math.sign(value) * durationMs(Math.abs(value)) };
  return readDuration(call, value);
}

const UNIT_KBIT = { kbit: 1, mbit: 1_000, gbit: 1_000_000 } as const;
const RATE = /^(\d+(?:\.\d+)?)(kbit|mbit|gbit)$/;

function readRate(call: string, value: unknown): Read<Json> {
  const [, amount, unit] = (typeof value === "string" && RATE.exec(value)) || [];
  const kbit = Number((Number(amount) * UNIT_KBIT[unit as keyof typeof UNIT_KBIT]).toFixed(3));
  if (kbit >= LEAST_RATE_KBIT && kbit <= MOST_RATE_KBIT) return { value: kbit };
  return refusal(
    `${call}: ${shown(value)} is no rate from ${LEAST_RATE_KBIT}kbit to ${MOST_RATE_KBIT / UNIT_KBIT.gbit}gbit`,
    'Write "512kbit" or "1.5mbit", for example.',
  );
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string" && name !== "");
}

function refusal(message: string, hint: string): Read<never> {
  return { refusal: { code: "NR-PLAN-VALUE", message, hint } };
}
