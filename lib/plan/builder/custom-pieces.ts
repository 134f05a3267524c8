import { CUSTOM_CAPABILITIES, type CustomNodeKind } from "../custom-node-kind.ts";
import { shown } from "../shown.ts";
import type { CustomExpectation, CustomWorkload } from "../written.ts";
import type { Draft, DraftPiece, Site } from "./draft.ts";
import { type Read, readJsonObject, readName } from "./read.ts";

/** Adds a workload of the author's, and the expectations that it brings. */
export function addWorkload(draft: Draft, workload: CustomWorkload, at: Site): void {
  if (typeof workload?.start !== "function") {
    const hint = "A workload has a name and start(ctx).";
    draft.refuse(
      "workloads",
      at,
      "NR-PLAN-VALUE",
      `withWorkload was given ${shown(workload)} that is no workload`,
      hint,
    );
    return;
  }
  addPiece(draft, { list: "workloads", call: "withWorkload", given: workload, at }, () => {
    draft.customWorkloads.set(workload.name, workload);
  });
  for (const expectation of workload.expectations?.() ?? []) addExpectation(draft, expectation, at);
}

/** Adds an expectation of the author's. */
export function addExpectation(draft: Draft, expectation: CustomExpectation, at: Site): void {
  if (typeof expectation?.judge !== "function") {
    const hint = "An expectation has a name and judge(evidence).";
    draft.refuse(
      "expectations",
      at,
      "NR-PLAN-VALUE",
      `withExpectation was given ${shown(expectation)} that is no expectation`,
      hint,
    );
    return;
  }
  addPiece(draft, { list: "expectations", call: "withExpectation", given: expectation, at }, () => {
    draft.customExpectations.set(expectation.name, expectation);
  });
}

/** Makes the nodes those of the author's kind. */
export function setNodeKind(draft: Draft, kind: CustomNodeKind, at: Site): void {
  const lacking = (["render", "connect", "lacks"] as const).find((call) => typeof kind?.[call] !== "function");
  if (lacking !== undefined) {
    const message = `withNodeKind was given ${shown(kind)} without ${lacking}`;
    draft.refuse("nodeKind", at, "NR-PLAN-VALUE", message, 'Give it what nodeKind() of "nomos-run" returns.');
    return;
  }
  const { capabilities } = kind;
  const unknown = Array.isArray(capabilities)
    ? capabilities.find((one) => !CUSTOM_CAPABILITIES.includes(one))
    : capabilities;
  if (!Array.isArray(capabilities) || unknown !== undefined) {
    const message = `withNodeKind(${shown(kind.name)}) capabilities: ${shown(unknown)} can't be done to nodes of your own kind`;
    draft.refuse("nodeKind", at, "NR-PLAN-VALUE", message, `Give a list of some of ${CUSTOM_CAPABILITIES.join(", ")}.`);
    return;
  }
  draft.take("nodeKind", at, readName("withNodeKind", kind.name), () => {
    draft.customNodeKind = kind;
  });
}

interface Addition {
  readonly list: "workloads" | "expectations";
  readonly call: string;
  readonly given: CustomWorkload | CustomExpectation;
  readonly at: Site;
}

function addPiece(draft: Draft, { list, call, given, at }: Addition, keep: () => void): void {
  const path = `${list}.${String(given.name)}`;
  draft.take(path, at, readName(call, given.name), (name) => {
    const options = readJsonObject(`${call}(${shown(name)}) options`, given.options ?? {});
    draft.take(`${path}.options`, at, options, (value) => {
      draft.take(`${path}.metrics`, at, readMetrics(`${call}(${shown(name)}) metrics`, given.metrics), (metrics) => {
        const own = metrics === null ? {} : { metrics };
        const piece: DraftPiece = { kind: "custom", name, options: { ...value }, ...own, custom: true };
        draft.document[list].push(piece);
        keep();
      });
    });
  });
}

/** Names of a piece's own metrics; null where it gives none. */
function readMetrics(call: string, value: unknown): Read<string[] | null> {
  if (value === undefined) return { value: null };
  const refuse = (message: string) => ({
    refusal: { code: "NR-PLAN-NAME" as const, message, hint: 'Write a list such as ["readMs", "failures"].' },
  });
  if (!Array.isArray(value)) return refuse(`${call}: ${shown(value)} is no list of names`);
  const odd: unknown = value.find((name) => typeof name !== "string" || !/^[A-Za-z][A-Za-z0-9_]{0,62}$/.test(name));
  if (odd !== undefined || value.includes(undefined)) return refuse(`${call}: ${shown(odd)} is not a name`);
  const twice: unknown = value.find((name, i) => value.indexOf(name) !== i);
  return twice === undefined ? { value: [...value] } : refuse(`${call}: ${shown(twice)} is in it twice`);
}
