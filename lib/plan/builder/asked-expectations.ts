import type { Evidence } from "../../model/expectation.ts";
import type { Json } from "../../model/plan.ts";
import { shown } from "../shown.ts";
import { addExpectation } from "./custom-pieces.ts";
import type { Draft, Site } from "./draft.ts";
import { setExpectation } from "./expectations.ts";
import { readOptions } from "./options-object.ts";
import { readName, readWhole } from "./read.ts";

/** What nodes' logs must have, line by line, and must not. */
export interface LogPatterns {
  readonly must?: RegExp;
  readonly mustNot?: RegExp;
  /** Whose logs; those of all nodes by default. */
  readonly nodes?: readonly string[];
}

/** Adds rules to the expectation `logs`. */
export function addLogRules(draft: Draft, patterns: LogPatterns, at: Site): void {
  const path = "expectations.logs";
  const given = readOptions<LogPatterns>(draft, `${path}.options`, "expectLog", at, patterns, [
    "must",
    "mustNot",
    "nodes",
  ]);
  const hint = "Write expectLog({ mustNot: /panic/i }) or expectLog({ must: /Online/ }).";
  const nodes = given.nodes ?? null;
  if (
    nodes !== null &&
    !(Array.isArray(nodes) && nodes.length > 0 && nodes.every((name) => typeof name === "string"))
  ) {
    draft.refuse(
      path,
      at,
      "NR-PLAN-VALUE",
      `expectLog: nodes is ${shown(nodes)}`,
      'Name nodes, such as ["validator-0"].',
    );
    return;
  }
  const rules: Json[] = [];
  for (const key of ["must", "mustNot"] as const) {
    const pattern: unknown = given[key];
    if (pattern === undefined) continue;
    if (!(pattern instanceof RegExp)) {
      draft.refuse(
        path,
        at,
        "NR-PLAN-VALUE",
        `expectLog: ${key} is ${shown(pattern)}, which is no regular expression`,
        hint,
      );
      return;
    }
    // A search that remembers where it was would find every other line.
    rules.push({ pattern: pattern.source, flags: pattern.flags.replace(/[gy]/g, ""), must: key === "must", nodes });
  }
  if (rules.length === 0) draft.refuse(path, at, "NR-PLAN-VALUE", "expectLog was given no pattern", hint);
  else setExpectation(draft, "logs", { rules: [...present(draft, "logs", "rules"), ...rules] }, at);
}

/** A state that a run must reach, of those that are known. */
export type SometimesState =
  /** At least two blocks of one height, or as many as given. */
  | { readonly fork: number | true }
  /** A node that is this many blocks behind the highest. */
  | { readonly nodeBehind: number }
  /** A mempool in which this many transactions wait. */
  | { readonly mempool: number };

const STATES = { fork: "fork", nodeBehind: "node-behind", mempool: "mempool" } as const;

/** Adds a state to the expectation `sometimes`, or an expectation of its own for a predicate of the author's. */
export function addSometimes(
  draft: Draft,
  name: string,
  state: SometimesState | ((evidence: Evidence) => boolean),
  at: Site,
): void {
  if (typeof state === "function") {
    const told = (seen: boolean) => ({ figures: { seen }, limits: { seen: true }, findings: [] });
    const judge = (evidence: Evidence) =>
      state(evidence)
        ? ({ outcome: "passed", summary: "it was seen", ...told(true) } as const)
        : ({
            outcome: "inconclusive",
            summary: "it was never seen, so the run shows nothing about it",
            ...told(false),
          } as const);
    addExpectation(draft, { name, judge }, at);
    return;
  }
  const path = "expectations.sometimes";
  const call = `sometimes(${shown(name)})`;
  const known = Object.keys(STATES) as readonly (keyof typeof STATES)[];
  const given = readOptions<Partial<Record<keyof typeof STATES, unknown>>>(
    draft,
    `${path}.options`,
    call,
    at,
    state,
    known,
  );
  const [key, ...more] = known.filter((one) => given[one] !== undefined);
  if (key === undefined || more.length > 0) {
    draft.refuse(
      path,
      at,
      "NR-PLAN-VALUE",
      `${call} names ${more.length > 0 ? "several states" : "no state"}`,
      `Give one of ${known.join(", ")}.`,
    );
    return;
  }
  const count = key === "fork" && given[key] === true ? 2 : given[key];
  draft.take(path, at, readName(call, name), (readable) =>
    draft.take(
      path,
      at,
      readWhole(`${call} ${key}`, count, key === "fork" ? 2 : 1, Number.MAX_SAFE_INTEGER),
      (least) => {
        const states = [...present(draft, "sometimes", "states"), { name: readable, state: STATES[key], least }];
        setExpectation(draft, "sometimes", { states }, at);
      },
    ),
  );
}

function present(draft: Draft, kind: string, list: string): readonly Json[] {
  const value = draft.document.expectations.find((piece) => piece.kind === kind)?.options[list];
  return Array.isArray(value) ? value : [];
}
