import * as v from "valibot";
import { formatDuration } from "../core/duration.ts";
import { foldMetrics } from "../evidence/folds/metrics.ts";
import type { Window } from "../evidence/folds/window.ts";
import type { Evidence, ExpectationFactory } from "../model/expectation.ts";
import type { RunContext } from "../model/run-context.ts";
import type { Figure, Outcome } from "../model/verdict.ts";
import { ThresholdsOptionsSchema } from "../plan/expectation-options.ts";
import { keepsTo, readSubject, type ThresholdLimit, type ThresholdSubject } from "../plan/threshold.ts";
import { parseExposition, parseSelector } from "../telemetry/parse-exposition.ts";
import { inWindow, listed } from "./findings.ts";

/** Shortest time between two looks at one node's metrics, and what each node adds to it. */
const INTERVAL_MS = 1_000;
const INTERVAL_PER_NODE_MS = 20;

interface Checked {
  readonly outcome: Outcome;
  readonly text: string;
  readonly value: Figure;
}

type Metric = Extract<ThresholdSubject, { kind: "metric" }>;

/**
 * Any figure of another expectation, and any metric of the nodes, within limits of the author's.
 * @param factories the expectations whose figures can be limited, by kind
 */
export function createThresholds(factories: ReadonlyMap<string, ExpectationFactory>): ExpectationFactory {
  return {
    kind: "thresholds",

    describe: (piece) => v.parse(ThresholdsOptionsSchema, piece.options).limits.map(limitText),

    object(piece, plan) {
      const { limits } = v.parse(ThresholdsOptionsSchema, piece.options);
      return limits.flatMap((limit, i) => {
        const subject = readSubject(limit.subject);
        if (subject?.kind !== "figure" || plan.expectations.some(({ name }) => name === subject.expectation)) return [];
        const message = `${limitText(limit)} has no figure to hold: the plan has no expectation ${subject.expectation}`;
        return [
          {
            code: "NR-PLAN-EXPECTATION",
            path: `options.limits.${i}`,
            message,
            hint: "Add what brings it, or leave the threshold out.",
          },
        ];
      });
    },

    create(piece) {
      const { limits } = v.parse(ThresholdsOptionsSchema, piece.options);
      const metrics = limits.flatMap(({ subject }) => metricOf(subject)?.metric ?? []);
      return {
        name: piece.name,
        ...(metrics.length > 0 ? { observe: (ctx: RunContext) => scrape(ctx, metrics) } : {}),
        judge: (evidence) =>
          inWindow(evidence, (window) => {
            const checked = limits.map((limit) => check(limit, evidence, window, factories));
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

function check(
  limit: ThresholdLimit,
  evidence: Evidence,
  window: Window,
  factories: ReadonlyMap<string, ExpectationFactory>,
): Checked {
  const subject = readSubject(limit.subject);
  if (subject?.kind === "metric") return checkMetric(limit, subject, evidence, window);
  const undecided = (why: string): Checked => ({
    outcome: "inconclusive",
    text: `${limitText(limit)}: ${why}`,
    value: null,
  });
  const piece = evidence.plan.expectations.find(({ name }) => name === subject?.expectation);
  const factory = piece && factories.get(piece.kind);
  if (!piece || !factory || !subject) return undecided("there is no such expectation");
  const { figures } = factory.create(piece, evidence.plan).judge(evidence);
  const value = figures[subject.figure];
  if (value === undefined) return undecided(`there are the figures ${Object.keys(figures).join(", ") || "none"}`);
  if (typeof value !== "number") return undecided(`the figure is ${value}`);
  const kept = keepsTo(value, limit.op, limitOf(limit));
  const shown = "limitMs" in limit ? formatDuration(value) : String(value);
  return { outcome: kept ? "passed" : "failed", text: `${limitText(limit)}: it was ${shown}`, value };
}

function checkMetric(limit: ThresholdLimit, { over, metric }: Metric, evidence: Evidence, window: Window): Checked {
  const nodes = evidence.plan.topology.nodes.map(({ name }) => name);
  const values = foldMetrics(evidence.events, metric, over, window);
  const found = nodes.flatMap((node) => (values.has(node) ? [{ node, value: values.get(node) ?? 0 }] : []));
  const missing = nodes.filter((node) => !values.has(node));
  const outside = found.filter(({ value }) => !keepsTo(value, limit.op, limitOf(limit)));
  const told = (list: typeof found) => list.map(({ node, value }) => `${value} on ${node}`).join(", ");
  const value =
    over === "min" ? Math.min(...found.map((one) => one.value)) : Math.max(...found.map((one) => one.value));
  const figure = found.length === 0 ? null : value;
  if (outside.length > 0)
    return { outcome: "failed", text: `${limitText(limit)}: it was ${told(outside)}`, value: figure };
  if (missing.length > 0) {
    return {
      outcome: "inconclusive",
      text: `${limitText(limit)}: ${missing.join(", ")} did not show it`,
      value: figure,
    };
  }
  return { outcome: "passed", text: `${limitText(limit)}: it was ${told(found)}`, value: figure };
}

function metricOf(subject: string): Metric | null {
  const read = readSubject(subject);
  return read?.kind === "metric" ? read : null;
}

function limitOf(limit: ThresholdLimit): number {
  return "limitMs" in limit ? limit.limitMs : limit.limit;
}

function limitText(limit: ThresholdLimit): string {
  return `${limit.subject} ${limit.op} ${"limitMs" in limit ? formatDuration(limit.limitMs) : limit.limit}`;
}

/** Reads these metrics of every running node again and again; a node that doesn't answer is asked again later. */
async function scrape(ctx: RunContext, metrics: readonly string[]): Promise<void> {
  const { cluster, clock, events, plan, signal } = ctx;
  const interval = Math.max(INTERVAL_MS, INTERVAL_PER_NODE_MS * plan.topology.nodes.length);
  while (!signal.aborted) {
    await Promise.all(
      cluster.running().map(async ({ client, planned }) => {
        const text = await client.metrics({ signal, timeoutMs: interval }).catch(() => null); // Faults silence nodes.
        if (text !== null) events.emit("node.metrics", { node: planned.name, values: valuesOf(text, metrics) });
      }),
    );
    await clock.sleep(interval, signal);
  }
}

/** The sum of each metric's samples that have the labels asked for; metrics that aren't there are left out. */
function valuesOf(text: string, metrics: readonly string[]): Record<string, number> {
  const samples = parseExposition(text);
  const values: Record<string, number> = {};
  for (const metric of metrics) {
    const wanted = parseSelector(metric);
    const own = samples.filter(
      ({ name, labels }) =>
        name === wanted?.name && Object.entries(wanted.labels).every(([label, value]) => labels[label] === value),
    );
    const sum = own.reduce((total, { value }) => total + value, 0);
    if (own.length > 0 && Number.isFinite(sum)) values[metric] = sum;
  }
  return values;
}
