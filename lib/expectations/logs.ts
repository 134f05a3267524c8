import * as v from "valibot";
import type { EventOf } from "../model/events.ts";
import type { Evidence, ExpectationFactory } from "../model/expectation.ts";
import type { RunContext } from "../model/run-context.ts";
import type { Judgement } from "../model/verdict.ts";
import { type LogRule, LogsOptionsSchema } from "../plan/expectation-options.ts";
import { counted, listed, names, undecided } from "./findings.ts";

/** Matching lines that are recorded of one node and rule, and characters of each. */
const FIRST_LINES = 5;
const LINE_LENGTH = 300;

/** What nodes' logs must say, and must not. */
export const logs: ExpectationFactory = {
  kind: "logs",

  figures: () => ["rules", "lines", "matches"],

  describe: (piece) =>
    v
      .parse(LogsOptionsSchema, piece.options)
      .rules.map((rule) => `the log of ${rule.nodes === null ? "every node" : names(rule.nodes)} ${wanted(rule)}`),

  object(piece, { topology }) {
    const known = topology.nodes.map(({ name }) => name);
    return v.parse(LogsOptionsSchema, piece.options).rules.flatMap(({ nodes }, i) => {
      const unknown = (nodes ?? []).filter((name) => !known.includes(name));
      if (unknown.length === 0) return [];
      const message = `logs of ${names(unknown)} can't be read: the plan has no such ${unknown.length === 1 ? "node" : "nodes"}`;
      return [
        { code: "NR-PLAN-VALUE", path: `options.rules.${i}.nodes`, message, hint: `There are ${known.join(", ")}.` },
      ];
    });
  },

  create(piece) {
    const { rules } = v.parse(LogsOptionsSchema, piece.options);
    return {
      name: piece.name,
      collect: (ctx) => search(ctx, rules),
      judge: (evidence) => judge(evidence, rules),
    };
  },
};

/** Searches every node's log and records what was found. */
async function search({ cluster, events, plan }: RunContext, rules: readonly LogRule[]): Promise<void> {
  if (!cluster.log) return;
  for (const { name } of plan.topology.nodes) {
    const own = rules.flatMap((rule, index) =>
      rule.nodes === null || rule.nodes.includes(name)
        ? [
            {
              index,
              pattern: new RegExp(rule.pattern, rule.flags),
              matches: 0,
              first: [] as { line: number; text: string }[],
            },
          ]
        : [],
    );
    let lines = 0;
    for (const text of own.length === 0 ? [] : cluster.log(name)) {
      lines++;
      for (const one of own.filter(({ pattern }) => pattern.test(text))) {
        one.matches++;
        if (one.first.length < FIRST_LINES) one.first.push({ line: lines, text: text.slice(0, LINE_LENGTH) });
      }
    }
    for (const { index, matches, first } of own)
      events.emit("log.searched", { node: name, rule: index, lines, matches, first });
  }
}

function judge({ plan, events }: Evidence, rules: readonly LogRule[]): Judgement {
  const found = events.filter((event) => event.type === "log.searched");
  const searched = rules.map((rule, index) => {
    const own = new Map(found.filter((one) => one.rule === index).map((one) => [one.node, one]));
    const nodes = rule.nodes ?? plan.topology.nodes.map(({ name }) => name);
    return { rule, nodes, own, broken: nodes.filter((node) => breaks(rule, own.get(node))) };
  });
  if (found.length === 0) return undecided("no log was searched: the run ended first, or the backend shows none");
  const broken = searched.filter((one) => one.broken.length > 0);
  const unread = searched.flatMap(({ nodes, own }) => nodes.filter((node) => (own.get(node)?.lines ?? 0) === 0));
  const matches = found.reduce((sum, one) => sum + one.matches, 0);
  const limits = Object.fromEntries(
    rules.map((rule) => [`${rule.must ? "must" : "mustNot"} ${patternText(rule)}`, rule.must ? 1 : 0]),
  );
  const figures = { rules: rules.length, lines: found.reduce((sum, one) => sum + one.lines, 0), matches };
  if (broken.length > 0) {
    const summary = broken
      .map(
        ({ rule, broken: nodes }) =>
          `the log of ${names(nodes)} ${rule.must ? "never has" : "has"} ${patternText(rule)}`,
      )
      .join("; ");
    const findings = broken.flatMap(({ rule, own, broken: nodes }) =>
      nodes.flatMap((node) => linesOf(rule, node, own.get(node))),
    );
    return { outcome: "failed", summary, figures, limits, findings: listed(findings) };
  }
  if (unread.length > 0) {
    const who = names([...new Set(unread)]);
    return { outcome: "inconclusive", summary: `nothing was read of the log of ${who}`, figures, limits, findings: [] };
  }
  const summary = `${counted(figures.lines, "line")} of logs searched by ${counted(rules.length, "rule")}: all kept`;
  return { outcome: "passed", summary, figures, limits, findings: [] };
}

function breaks(rule: LogRule, found: EventOf<"log.searched"> | undefined): boolean {
  if (!found || found.lines === 0) return false;
  return rule.must ? found.matches === 0 : found.matches > 0;
}

function linesOf(rule: LogRule, node: string, found: EventOf<"log.searched"> | undefined): readonly string[] {
  if (rule.must) return [`${node}: no line of ${found?.lines ?? 0} has ${patternText(rule)}`];
  return (found?.first ?? []).map(({ line, text }) => `${node}, line ${line}: ${text}`);
}

function wanted(rule: LogRule): string {
  return `${rule.must ? "must" : "must not"} have ${patternText(rule)}`;
}

function patternText({ pattern, flags }: LogRule): string {
  return `/${pattern}/${flags}`;
}
