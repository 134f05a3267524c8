import * as v from "valibot";
import { formatDuration } from "../core/duration.ts";
import { metricSamples, recordedSamples, usageSamples } from "../evidence/folds/samples.ts";
import type { Window } from "../evidence/folds/window.ts";
import { aggregate } from "../evidence/judgement/aggregate.ts";
import type { Evidence, ExpectationFactory } from "../model/expectation.ts";
import type { PlannedPiece } from "../model/plan.ts";
import type { RunContext } from "../model/run-context.ts";
import type { Figure, Outcome } from "../model/verdict.ts";
import { ThresholdsOptionsSchema } from "../plan/expectation-options.ts";
import { keepsTo, readSubject, type ThresholdLimit, type ThresholdSubject } from "../plan/threshold.ts";
import { inWindow, listed } from "./findings.ts";
import { recordMetrics, recordUsage } from "./look-at-nodes.ts";
import { type Known, whyUnknown } from "./threshold-subjects.ts";

interface Checked {
  readonly outcome: Outcome;
  readonly text: string;
  readonly value: Figure;
}

type NodeSubject = Extract<ThresholdSubject, { kind: "metric" | "usage" }>;

/**
 * Any figure of another expectation, any metric of the nodes or of the author's own pieces, and what nodes use of their
 * machine, within limits of the author's.
 * @param factories the expectations whose figures can be limited, by kind
 */
export function createThresholds(factories: Known): ExpectationFactory {
  return {
    kind: "thresholds",
    figures: () => [],

    describe: (piece) => limitsOf(piece).map(limitText),

    object: (piece, plan, _forecast, nodeKind) =>
      limitsOf(piece).flatMap((limit, i) => {
        const why = whyUnknown(readSubject(limit.subject), plan, factories, nodeKind?.metrics);
        if (!why) return [];
        const message = `${limitText(limit)} ${why.message}`;
        return [{ code: "NR-PLAN-EXPECTATION", path: `options.limits.${i}`, message, hint: why.hint }];
      }),

    create(piece, plan) {
      const limits = limitsOf(piece);
      const subjects = limits.map(({ subject }) => readSubject(subject));
      const metrics = subjects.flatMap((subject) =>
        "kind" in subject && subject.kind === "metric" ? subject.metric : [],
      );
      // The expectation on resources looks already where there is one.
      const looks =
        subjects.some((subject) => "kind" in subject && subject.kind === "usage") &&
        !plan.expectations.some(({ kind }) => kind === "resources");
      const observe = async (ctx: RunContext) => {
        await Promise.all([metrics.length > 0 && recordMetrics(ctx, metrics), looks && recordUsage(ctx)]);
      };
      return {
        name: piece.name,
        ...(metrics.length > 0 || looks ? { observe } : {}),
        judge: (evidence) =>
          inWindow(evidence, (window) => {
            const checked = limits.map((limit) => check(limit, evidence, window));
            const worst = (["failed", "inconclusive"] as const).find((one) =>
              checked.some(({ outcome }) => outcome === one),
            );
            const told = checked
              .filter(({ outcome }) => worst === undefined || outcome === worst)
              .map(({ text }) => text);
            return {
              outcome: worst ?? "passed",
              summary: told.join("; "),
              figures: Object.fromEntries(limits.map(({ subject }, i) => [subject, checked[i]?.value ?? null])),
              limits: Object.fromEntries(limits.map((limit) => [`${limit.subject} ${limit.op}`, limitOf(limit)])),
              findings: listed(told),
            };
          }),
      };
    },
  };
}

function limitsOf({ options }: PlannedPiece): readonly ThresholdLimit[] {
  return v.parse(ThresholdsOptionsSchema, options).limits;
}

function check(limit: ThresholdLimit, evidence: Evidence, window: Window): Checked {
  const subject = readSubject(limit.subject);
  if ("message" in subject) return undecided(limit, subject.message);
  if (subject.kind === "figure") {
    const judged = evidence.judgementOf(subject.expectation);
    if (!judged) return undecided(limit, "there is no such expectation");
    const value = judged.figures[subject.figure];
    const known = Object.keys(judged.figures).join(", ") || "none";
    if (value === undefined) return undecided(limit, `there are the figures ${known}`);
    return typeof value === "number" ? held(limit, value) : undecided(limit, `the figure is ${value}`);
  }
  if (subject.kind !== "sample") return checkNodes(limit, subject, evidence, window);
  const value = aggregate(subject.over, recordedSamples(evidence.events, subject.piece, subject.metric));
  return value === null ? undecided(limit, `${subject.piece} recorded none`) : held(limit, value);
}

function held(limit: ThresholdLimit, value: number): Checked {
  const kept = keepsTo(value, limit.op, limitOf(limit));
  return { outcome: kept ? "passed" : "failed", text: `${limitText(limit)}: it was ${valueText(limit, value)}`, value };
}

function undecided(limit: ThresholdLimit, why: string, value: Figure = null): Checked {
  return { outcome: "inconclusive", text: `${limitText(limit)}: ${why}`, value };
}

/** Every node must keep to it; those that don't are named. */
function checkNodes(limit: ThresholdLimit, subject: NodeSubject, evidence: Evidence, window: Window): Checked {
  const samples =
    subject.kind === "metric"
      ? metricSamples(evidence.events, subject.metric, window)
      : usageSamples(evidence.events, subject.measure, window);
  const found: { node: string; value: number }[] = [];
  const missing: string[] = [];
  for (const { name: node } of evidence.plan.topology.nodes) {
    const value = aggregate(subject.over, samples.get(node) ?? []);
    if (value === null) missing.push(node);
    else found.push({ node, value });
  }
  const values = found.map(({ value }) => value);
  const outside = found.filter(({ value }) => !keepsTo(value, limit.op, limitOf(limit)));
  const told = (list: typeof found) =>
    list.map(({ node, value }) => `${valueText(limit, value)} on ${node}`).join(", ");
  // The figure is the value that is closest to the limit or furthest beyond it.
  const value = values.length === 0 ? null : limit.op.startsWith(">") ? Math.min(...values) : Math.max(...values);
  if (outside.length > 0) return { outcome: "failed", text: `${limitText(limit)}: it was ${told(outside)}`, value };
  if (missing.length > 0) {
    const why =
      subject.kind === "usage" && found.length === 0
        ? "the backend shows nothing of what nodes use"
        : `${missing.join(", ")} did not show it`;
    return undecided(limit, why, value);
  }
  return { outcome: "passed", text: `${limitText(limit)}: it was ${told(found)}`, value };
}

function valueText(limit: ThresholdLimit, value: number): string {
  const rounded = Number(Math.abs(value) < 1 ? value.toPrecision(3) : value.toFixed(3));
  return "limitMs" in limit ? formatDuration(rounded) : String(rounded);
}

function limitOf(limit: ThresholdLimit): number {
  return "limitMs" in limit ? limit.limitMs : limit.limit;
}

function limitText(limit: ThresholdLimit): string {
  return `${limit.subject} ${limit.op} ${"limitMs" in limit ? formatDuration(limit.limitMs) : limit.limit}`;
}
