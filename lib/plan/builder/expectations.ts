import type { Duration } from "../../core/duration.ts";
import type { Json } from "../../model/plan.ts";
import { didYouMean } from "../nearest.ts";
import { optionFindings } from "../option-findings.ts";
import { EXPECTATION_OPTIONS, type ExpectationName } from "../options.ts";
import { shown } from "../shown.ts";
import { readThreshold } from "../threshold.ts";
import type { Draft, Site } from "./draft.ts";
import { readOptions } from "./options-object.ts";
import { readDuration } from "./read.ts";

const NAMES = Object.keys(EXPECTATION_OPTIONS) as readonly ExpectationName[];

/** Adds a built-in expectation, or changes options of one; only those given are put down. */
export function setExpectation(draft: Draft, name: ExpectationName, options: object, at: Site): void {
  const call = `expect(${shown(name)})`;
  const path = `expectations.${String(name)}`;
  const schema =
    typeof name === "string" && Object.hasOwn(EXPECTATION_OPTIONS, name) ? EXPECTATION_OPTIONS[name] : undefined;
  if (schema === undefined) {
    const hint = `${didYouMean(String(name), NAMES)}There are ${NAMES.join(", ")}.`;
    draft.refuse(path, at, "NR-PLAN-EXPECTATION", `${call}: there is no such expectation`, hint);
    return;
  }
  const fields = Object.keys(schema.entries);
  const durations = fields.filter((field) => field.endsWith("Ms")).map((field) => field.slice(0, -"Ms".length));
  const known = [...fields, ...durations];
  const given = readOptions<Record<string, Json>>(
    draft,
    `${path}.options`,
    call,
    at,
    options as Record<string, Json>,
    known,
  );
  const usable = Object.fromEntries(Object.entries(given).filter(([key]) => fields.includes(key))) as Record<
    string,
    Json
  >;
  for (const field of durations.filter((name) => given[name] !== undefined)) {
    draft.take(`${path}.options.${field}Ms`, at, readDuration(`${call} ${field}`, given[field]), (ms) => {
      usable[`${field}Ms`] = ms;
    });
  }
  for (const finding of optionFindings(schema, usable, `${path}.options`)) {
    draft.refuse(finding.path, at, finding.code, `${call}: ${finding.message}`, finding.hint);
    const [field = ""] = finding.path.slice(`${path}.options.`.length).split(".");
    delete usable[field];
  }
  draft.wrote(path, at);
  const piece = draft.document.expectations.find((expectation) => expectation.name === name && !expectation.custom);
  if (piece) Object.assign(piece.options, usable);
  else draft.document.expectations.push({ kind: name, name, options: usable, custom: false });
}

/** How soon after a fault all nodes share one chain again. */
export interface ConvergenceLimit {
  /** At least two slots; `"10s"` by default. */
  readonly within?: Duration;
}

/** Adds the expectation `convergence`, with its limit as a duration. */
export function setConvergence(draft: Draft, limit: ConvergenceLimit, at: Site): void {
  const path = "expectations.convergence";
  const { within } = readOptions<ConvergenceLimit>(draft, `${path}.options`, "expectConvergence", at, limit, [
    "within",
  ]);
  if (within === undefined) setExpectation(draft, "convergence", {}, at);
  else {
    draft.take(`${path}.options.withinMs`, at, readDuration("expectConvergence within", within), (withinMs) =>
      setExpectation(draft, "convergence", { withinMs }, at),
    );
  }
}

/** Adds one more limit to the expectation `thresholds`. */
export function addThreshold(draft: Draft, text: string, at: Site): void {
  const path = "expectations.thresholds";
  const read = readThreshold(text);
  if ("message" in read) {
    draft.refuse(`${path}.options`, at, "NR-PLAN-VALUE", `expectThreshold(${shown(text)}) ${read.message}`, read.hint);
    return;
  }
  const written = draft.document.expectations.find(({ kind }) => kind === "thresholds")?.options["limits"];
  const limits = Array.isArray(written) ? written : [];
  setExpectation(draft, "thresholds", { limits: [...limits, read.value] }, at);
  draft.wrote(`${path}.options.limits.${limits.length}`, at);
}

/** Switches off an expectation by name. Whether there is one shows when all of them are known. */
export function switchOff(draft: Draft, name: string, at: Site): void {
  if (typeof name !== "string") {
    const message = `without(${shown(name)}): that is no name`;
    draft.refuse(
      "without",
      at,
      "NR-PLAN-EXPECTATION",
      message,
      'Write the name of an expectation, such as "agreement".',
    );
    return;
  }
  draft.wrote(`without.${name}`, at);
  if (!draft.document.without.includes(name)) draft.document.without.push(name);
}
