import { type Duration, durationMs } from "../core/duration.ts";
import { didYouMean } from "./nearest.ts";

/** What makes one value of many samples. Percentiles are the smallest sample that so many percent don't exceed. */
export const SAMPLE_FUNCTIONS = ["count", "sum", "min", "max", "mean", "last", "p50", "p90", "p95", "p99"] as const;
/** For what nodes show again and again: `increase` is how much a counter has grown, over restarts too. */
export const NODE_FUNCTIONS = ["min", "max", "mean", "last", "increase", "p50", "p90", "p95", "p99"] as const;
export type SampleFunction = (typeof SAMPLE_FUNCTIONS)[number];
export type NodeFunction = (typeof NODE_FUNCTIONS)[number];

/** What a node uses of its machine, at each look. */
export const USAGE_MEASURES = ["cpuPercent", "residentMiB", "privateMiB"] as const;
export type UsageMeasure = (typeof USAGE_MEASURES)[number];

/** What a threshold holds. */
export type ThresholdSubject =
  /** A figure that another expectation judged by. */
  | { readonly kind: "figure"; readonly expectation: string; readonly figure: string }
  /** A metric of every node's `/metrics`, labels and all. */
  | { readonly kind: "metric"; readonly over: NodeFunction; readonly metric: string }
  /** What every node's process uses. */
  | { readonly kind: "usage"; readonly over: NodeFunction; readonly measure: UsageMeasure }
  /** What a workload or expectation of the author's recorded with `ctx.metric`. */
  | { readonly kind: "sample"; readonly over: SampleFunction; readonly piece: string; readonly metric: string };

const CALL = /^(\w+)\(\s*(.+?)\s*\)$/;
const METRIC = /^[a-zA-Z_:][\w:]*(?:\{[^}]*\})?$/;
const MEMBER = /^([A-Za-z0-9][\w-]*)\.(\w+)$/;
const FIGURE = /^([A-Za-z0-9][\w-]*)\.([^()<>=]*[^()<>=\s])$/;
const FORM = /^\s*(.+?)\s*(<=|>=|<|>|==)\s*(-?\d+(?:\.\d+)?)\s*(ms|s|m|h)?\s*$/;
const HINT =
  'Write "transaction-inclusion.inclusionP99Ms < 10s", "max(mempool_transactions_pending) <= 100", "max(resources.residentMiB) < 300", or "p99(reads.readMs) < 200ms" for a metric of your own workload reads.';

/** Why a text is no threshold. */
export interface ThresholdRefusal {
  readonly message: string;
  readonly hint: string;
}

/** The part before the comparison, or what is wrong with it. */
export function readSubject(text: string): ThresholdSubject | ThresholdRefusal {
  const [, over = "", argument = ""] = CALL.exec(text) ?? [];
  if (over === "") {
    const [, expectation = "", figure = ""] = FIGURE.exec(text) ?? [];
    return figure === "" ? { message: "is no threshold", hint: HINT } : { kind: "figure", expectation, figure };
  }
  const [, piece = "", member = ""] = MEMBER.exec(argument) ?? [];
  if (piece === "" && !METRIC.test(argument)) return { message: "is no threshold", hint: HINT };
  const functions: readonly string[] = piece === "" || piece === "resources" ? NODE_FUNCTIONS : SAMPLE_FUNCTIONS;
  if (!functions.includes(over)) return unknown("has the function", over, functions);
  if (piece === "") return { kind: "metric", over: over as NodeFunction, metric: argument };
  if (piece !== "resources") return { kind: "sample", over: over as SampleFunction, piece, metric: member };
  const measure = USAGE_MEASURES.find((one) => one === member);
  if (!measure) return unknown("is about resources.", member, USAGE_MEASURES);
  return { kind: "usage", over: over as NodeFunction, measure };
}

function unknown(what: string, name: string, known: readonly string[]): ThresholdRefusal {
  const space = what.endsWith(".") ? "" : " ";
  return {
    message: `${what}${space}${name}, which there is not`,
    hint: `${didYouMean(name, known)}There are ${known.join(", ")}.`,
  };
}

/** One threshold as the plan holds it. */
export type ThresholdLimit = {
  readonly subject: string;
  readonly op: "<" | "<=" | ">" | ">=" | "==";
} & ({ readonly limit: number } | { readonly limitMs: number });

/** Reads `SUBJECT OP NUMBER[UNIT]`. Whether the plan has the subject shows when all of it is known. */
export function readThreshold(text: unknown): { readonly value: ThresholdLimit } | ThresholdRefusal {
  const match = typeof text === "string" ? FORM.exec(text) : null;
  if (!match) return { message: "is no threshold", hint: HINT };
  const [, name = "", op = "", number = "", unit] = match;
  const subject = readSubject(name);
  if ("message" in subject) return subject;
  const time = timeOf(subject);
  if (time !== null && unit === undefined) {
    return { message: `gives no unit for ${time}, which is a time`, hint: "Write a duration, such as 10s." };
  }
  if (time === null && unit !== undefined) {
    return { message: `gives a time for ${name}, which is a number`, hint: "Leave out the unit." };
  }
  const base = { subject: name, op: op as ThresholdLimit["op"] };
  if (unit === undefined) return { value: { ...base, limit: Number(number) } };
  if (Number(number) < 0) return { message: "is about a time below 0", hint: "Write a duration, such as 10s." };
  return { value: { ...base, limitMs: durationMs(`${number}${unit}` as Duration) } };
}

/** The name of what the subject holds, where that is a time: it ends in `Ms`. */
function timeOf(subject: ThresholdSubject): string | null {
  const name =
    subject.kind === "figure"
      ? subject.figure
      : subject.kind === "sample" && subject.over !== "count"
        ? subject.metric
        : "";
  return name.endsWith("Ms") ? name : null;
}

/** Whether the value keeps to the threshold. */
export function keepsTo(value: number, op: ThresholdLimit["op"], limit: number): boolean {
  if (op === "<") return value < limit;
  if (op === "<=") return value <= limit;
  if (op === ">") return value > limit;
  if (op === ">=") return value >= limit;
  return value === limit;
}
