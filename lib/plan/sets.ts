import { durationMs } from "../core/duration.ts";
import { CodedError } from "../core/errors.ts";
import type { Json, Plan } from "../model/plan.ts";
import { meant, nearest } from "./nearest.ts";
import type { Problem } from "./problem.ts";
import type { SetField } from "./settings.ts";
import { shown } from "./shown.ts";
import type { Sources } from "./sources.ts";

/** Fields that follow from others, with what to do instead. `*` stands for any one step. */
const FIXED: readonly (readonly [pattern: string, instead: string])[] = [
  ["v", "It is the version of the plan's format."],
  ["name", "It is the scenario's name: change the file."],
  ["seed", "Use --seed."],
  ["profile", "Use --profile."],
  ["timeScale", "It follows from the profile: use --profile."],
  ["deployer", "Use --deployer."],
  ["nodeKind", "Use --node-kind."],
  ["topology.nodes.*.name", "Names follow from the numbers of nodes."],
  ["topology.nodes.*.role", "Roles follow from the numbers of nodes: change the file."],
  ["topology.nodes.*.index", "It follows from the numbers of nodes."],
  ["topology.nodes.*.neighbours", "Peers follow from the layout: set topology.layout."],
  ["da", "It follows from the nodes and their kind."],
  ["workloads.*.kind", "Workloads are chosen in the file."],
  ["workloads.*.name", "Workloads are named in the file."],
  ["workloads.*.custom", "Workloads are chosen in the file."],
  ["expectations.*.kind", "Expectations are chosen in the file."],
  ["expectations.*.name", "Expectations are named in the file."],
  ["expectations.*.custom", "Expectations are chosen in the file."],
];

/** Replaces fields of a plan, in the order given; what can't be set is a problem. Elements of lists go by position or name. */
export function applySets(
  plan: Plan,
  sets: readonly SetField[],
  sources: Sources,
): { readonly plan: Plan; readonly problems: readonly Problem[] } {
  if (sets.length === 0) return { plan, problems: [] };
  const document = structuredClone(plan) as unknown as Container;
  const problems: Problem[] = [];
  for (const set of sets) {
    const problem = applySet(document, set, sources);
    if (problem) problems.push({ ...problem, at: set.at });
  }
  return { plan: document as unknown as Plan, problems };
}

type Container = { [key: string]: Json };

function applySet(document: Container, set: SetField, sources: Sources): Omit<Problem, "at"> | undefined {
  const written = set.path.startsWith("plan.") ? set.path.slice("plan.".length) : set.path;
  const steps = written.split(".");
  const place = find(document, steps);
  if (!place) return unknownPath(document, set.path, written);
  const { holder, key, names } = place;
  const fixed = FIXED.find(([pattern]) => covers(pattern, names));
  if (fixed) {
    return { code: "NR-PLAN-SET-PATH", message: `${shown(set.path)} can't be set`, hint: fixed[1] };
  }
  const read = readValue(holder[key] as Json, key, set.value, isFree(names));
  if ("wanted" in read) {
    return {
      code: "NR-PLAN-SET-VALUE",
      message: `${shown(set.path)} can't be ${shown(set.value)}`,
      hint: `It must be ${read.wanted}.`,
    };
  }
  holder[key] = read.value;
  sources.override(names.join("."), set.at);
  return undefined;
}

interface Place {
  readonly holder: Container;
  readonly key: string;
  /** The steps with elements of lists by name, as findings name them. */
  readonly names: readonly string[];
}

function find(document: Container, steps: readonly string[]): Place | undefined {
  let holder: Json = document;
  const names: string[] = [];
  for (const [i, step] of steps.entries()) {
    const key = keyOf(holder, step);
    if (key === undefined) return undefined;
    const value = (holder as Container)[key] as Json;
    names.push(Array.isArray(holder) ? (nameOf(value) ?? key) : key);
    if (i === steps.length - 1) return { holder: holder as Container, key, names };
    holder = value;
  }
  return undefined;
}

/** The own key that a step names: an object's key, a list's position or the name of its element. */
function keyOf(holder: Json, step: string): string | undefined {
  if (typeof holder !== "object" || holder === null) return undefined;
  if (step !== "length" && Object.hasOwn(holder, step)) return step;
  if (!Array.isArray(holder)) return undefined;
  const index = holder.findIndex((element) => nameOf(element) === step);
  return index < 0 ? undefined : String(index);
}

function nameOf(element: Json): string | undefined {
  const name = typeof element === "object" && element !== null ? (element as { name?: unknown }).name : undefined;
  return typeof name === "string" ? name : undefined;
}

/** Whether the pattern is this path or a part above it. */
function covers(pattern: string, names: readonly string[]): boolean {
  const steps = pattern.split(".");
  return steps.length <= names.length && steps.every((step, i) => step === "*" || step === names[i]);
}

/** Whether whole objects and lists may be replaced: below options and patches, whose shape is the author's. */
function isFree(names: readonly string[]): boolean {
  return names.slice(0, -1).some((name, i) => (name === "options" && i === 2) || (name === "configPatch" && i === 3));
}

type ReadValue = { readonly value: Json } | { readonly wanted: string };

function readValue(present: Json, key: string, text: string, free: boolean): ReadValue {
  switch (typeof present) {
    case "string":
      return { value: text };
    case "boolean":
      return text === "true" || text === "false" ? { value: text === "true" } : { wanted: "true or false" };
    case "number":
      return text === "null" ? { value: null } : readNumber(key, text);
    default:
      return present === null ? readAny(key, text) : readStructure(present, text, free);
  }
}

function readNumber(key: string, text: string): ReadValue {
  if (text.trim() !== "" && Number.isFinite(Number(text))) return { value: Number(text) };
  if (!key.endsWith("Ms")) return { wanted: "a number" };
  try {
    return { value: durationMs(text) };
  } catch (thrown) {
    if (!(thrown instanceof CodedError)) throw thrown;
    return { wanted: 'a duration such as "90s", or a number of milliseconds' };
  }
}

/** Where nothing is, the text decides the type. */
function readAny(key: string, text: string): ReadValue {
  const number = readNumber(key, text);
  if ("value" in number) return number;
  const parsed = parseJson(text);
  return { value: parsed === undefined ? text : parsed };
}

function readStructure(present: Json, text: string, free: boolean): ReadValue {
  if (!free) return { wanted: "left as it is: only single fields can be set, so name one of its parts" };
  const parsed = parseJson(text);
  const list = Array.isArray(present);
  if (typeof parsed === "object" && parsed !== null && Array.isArray(parsed) === list) return { value: parsed };
  return { wanted: list ? "a JSON array" : "a JSON object" };
}

/** Undefined where the text is no JSON. */
function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

function unknownPath(document: Container, given: string, written: string): Omit<Problem, "at"> {
  const fields = settable(document);
  const end = meant(lastOf(written), [...new Set(fields.map(lastOf))]);
  const sameEnd = fields.filter((field) => lastOf(field) === end);
  const guess = sameEnd.length > 0 ? nearest(written, sameEnd) : meant(written, fields);
  return {
    code: "NR-PLAN-SET-PATH",
    message: `${shown(given)} is no field of this plan`,
    hint: `${guess === undefined ? "" : `Did you mean ${guess}? `}plan --json shows all fields.`,
  };
}

/** Nodes that "did you mean" looks at: the others have the same fields. */
const NODES_LISTED = 4;

/** Paths of all single fields that can be set, elements of lists by name. */
function settable(document: Container): string[] {
  const fields: string[] = [];
  const visit = (value: Json, names: readonly string[]): void => {
    if (FIXED.some(([pattern]) => covers(pattern, names))) return;
    if (typeof value !== "object" || value === null) {
      fields.push(names.join("."));
      return;
    }
    const parts = Array.isArray(value) ? value.slice(0, names[1] === "nodes" ? NODES_LISTED : undefined) : value;
    for (const [key, part] of Object.entries(parts as object)) {
      visit(part as Json, [...names, Array.isArray(value) ? (nameOf(part as Json) ?? key) : key]);
    }
  };
  visit(document, []);
  return fields;
}
