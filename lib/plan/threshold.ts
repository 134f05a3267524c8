import { type Duration, durationMs } from "../core/duration.ts";
import { nearest } from "./nearest.ts";

/** What a threshold holds: figures of another expectation, or a metric of every node. */
export type ThresholdSubject =
  | { readonly kind: "figure"; readonly expectation: string; readonly figure: string }
  | { readonly kind: "metric"; readonly over: "max" | "min" | "last"; readonly metric: string };

const METRIC = /^(max|min|last)\(\s*([a-zA-Z_:][\w:]*(?:\{[^}]*\})?)\s*\)$/;
const FIGURE = /^([a-z][a-z-]*)\.([A-Za-z0-9]+)$/;
const FORM = /^\s*(.+?)\s*(<=|>=|<|>|==)\s*(-?\d+(?:\.\d+)?)\s*(ms|s|m|h)?\s*$/;
const HINT =
  'Write "transaction-inclusion.inclusionP99Ms < 10s", or "max(mempool_transactions_pending) <= 100" for a metric of nodes.';

/** The part before the comparison, or null when it is neither a figure nor a metric. */
export function readSubject(text: string): ThresholdSubject | null {
  const metric = METRIC.exec(text);
  if (metric) return { kind: "metric", over: metric[1] as "max" | "min" | "last", metric: metric[2] ?? "" };
  const figure = FIGURE.exec(text);
  return figure ? { kind: "figure", expectation: figure[1] ?? "", figure: figure[2] ?? "" } : null;
}

/** One threshold as the plan holds it. */
export type ThresholdLimit = {
  readonly subject: string;
  readonly op: "<" | "<=" | ">" | ">=" | "==";
} & ({ readonly limit: number } | { readonly limitMs: number });

/**
 * Reads `SUBJECT OP NUMBER[UNIT]`.
 * @param known names of the expectations that have figures
 */
export function readThreshold(
  text: unknown,
  known: readonly string[],
): { readonly value: ThresholdLimit } | { readonly message: string; readonly hint: string } {
  const match = typeof text === "string" ? FORM.exec(text) : null;
  const subject = match ? readSubject(match[1] ?? "") : null;
  if (!match || !subject) return { message: "is no threshold", hint: HINT };
  const [, name = "", op = "", number = "", unit] = match;
  const isTime = subject.kind === "figure" && subject.figure.endsWith("Ms");
  const figures = known.filter((one) => one !== "thresholds");
  if (subject.kind === "figure" && !figures.includes(subject.expectation)) {
    const hint = `Did you mean ${nearest(subject.expectation, figures)}? There are ${figures.join(", ")}.`;
    return { message: `is about the expectation ${subject.expectation}, which there is not`, hint };
  }
  if (isTime !== (unit !== undefined)) {
    if (isTime)
      return {
        message: `gives no unit for ${subject.figure}, which is a time`,
        hint: `Write a duration, such as 10s.`,
      };
    return { message: `gives a time for ${name}, which is a number`, hint: "Leave out the unit." };
  }
  const base = { subject: name, op: op as ThresholdLimit["op"] };
  if (unit === undefined) return { value: { ...base, limit: Number(number) } };
  if (Number(number) < 0) return { message: "is about a time below 0", hint: "Write a duration, such as 10s." };
  return { value: { ...base, limitMs: durationMs(`${number}${unit}` as Duration) } };
}

/** Whether the value keeps to the threshold. */
export function keepsTo(value: number, op: ThresholdLimit["op"], limit: number): boolean {
  if (op === "<") return value < limit;
  if (op === "<=") return value <= limit;
  if (op === ">") return value > limit;
  if (op === ">=") return value >= limit;
  return value === limit;
}
