import * as v from "valibot";
import type { NodeKind } from "../model/node-kind.ts";
import type { PlannedPiece } from "../model/plan.ts";
import type { Registry } from "../model/registry.ts";
import { WITHOUT_CHAIN } from "./checks/no-chain.ts";
import { didYouMean } from "./nearest.ts";
import { optionFindings } from "./option-findings.ts";
import { ALWAYS_ON, EXPECTATION_OPTIONS, STANDALONE, WORKLOAD_OPTIONS } from "./options.ts";
import type { Finding } from "./problem.ts";
import { scaleDurations } from "./scale.ts";
import { shown } from "./shown.ts";
import type { JsonObject, WrittenDocument, WrittenPiece } from "./written.ts";

/** Pieces of a plan with complete options, and what is against them. */
export interface ResolvedPieces {
  readonly pieces: readonly PlannedPiece[];
  readonly findings: readonly Finding[];
  /** Durations before the profile scaled them, by path in the plan. */
  readonly writtenMs: ReadonlyMap<string, number>;
}

/** The workloads with their defaults filled in and their durations scaled. */
export function resolveWorkloads(document: WrittenDocument, registry: Registry, timeScale: number): ResolvedPieces {
  const findings: Finding[] = [];
  const writtenMs = new Map<string, number>();
  const pieces = document.workloads.map((written): PlannedPiece => {
    const path = `workloads.${written.name}`;
    if (!written.custom && !registry.workloads.has(written.kind)) {
      findings.push(unknown("workload", path, written.kind, [...registry.workloads.keys()]));
    }
    const schema = schemaOf(WORKLOAD_OPTIONS, written);
    const wrong = schema ? optionFindings(schema, written.options, `${path}.options`) : [];
    findings.push(...wrong);
    const complete = schema && wrong.length === 0;
    const options = complete ? (v.parse(schema, written.options) as JsonObject) : written.options;
    return { ...written, options: scaled(options, timeScale, path, writtenMs) };
  });
  return { pieces, findings, writtenMs };
}

/**
 * The expectations: those of every plan, those that workloads bring, those asked for, those of the author's; without
 * those switched off.
 */
export function resolveExpectations(
  document: WrittenDocument,
  workloads: readonly PlannedPiece[],
  nodeKind: Pick<NodeKind, "service">,
  registry: Registry,
  timeScale: number,
): ResolvedPieces {
  const findings: Finding[] = [];
  const writtenMs = new Map<string, number>();
  const pieces = new Map<string, PlannedPiece>();
  const always = nodeKind.service ? ALWAYS_ON.filter((name) => WITHOUT_CHAIN.includes(name)) : ALWAYS_ON;
  for (const kind of always) pieces.set(kind, { kind, name: kind, options: {}, custom: false });
  for (const workload of workloads.filter((piece) => !piece.custom)) {
    const brought = registry.workloads.get(workload.kind)?.expectations(workload) ?? [];
    for (const expectation of brought) pieces.set(expectation.name, { ...expectation, custom: false });
  }
  for (const written of document.expectations) {
    const path = `expectations.${written.name}`;
    const present = pieces.get(written.name);
    if (!written.custom && !present && !STANDALONE.includes(written.name)) {
      findings.push({
        code: "NR-PLAN-EXPECTATION",
        path,
        message: `the expectation ${written.name} has nothing to judge: the plan has no workload that brings it`,
        hint: "Add that workload, or leave out expect.",
      });
      continue;
    }
    const options = scaled(written.options, timeScale, path, writtenMs);
    pieces.set(written.name, { ...written, options: { ...present?.options, ...options } });
  }
  for (const name of document.without) {
    if (pieces.delete(name)) continue;
    findings.push({
      code: "NR-PLAN-EXPECTATION",
      path: `without.${String(name)}`,
      message: `without(${shown(name)}): the plan has no such expectation to switch off`,
      hint: "Leave it out.",
    });
  }
  const complete = [...pieces.values()].map((piece): PlannedPiece => {
    const path = `expectations.${piece.name}`;
    if (!piece.custom && !registry.expectations.has(piece.kind)) {
      findings.push(unknown("expectation", path, piece.kind, [...registry.expectations.keys()]));
    }
    const schema = schemaOf(EXPECTATION_OPTIONS, piece);
    if (!schema) return piece;
    const wrong = optionFindings(schema, piece.options, `${path}.options`);
    findings.push(...wrong);
    return wrong.length > 0 ? piece : { ...piece, options: v.parse(schema, piece.options) as JsonObject };
  });
  return { pieces: complete, findings, writtenMs };
}

/** Checks the options of built-in pieces, which `--set` may have changed. */
export function checkOptions(list: "workloads" | "expectations", pieces: readonly PlannedPiece[]): Finding[] {
  const schemas = list === "workloads" ? WORKLOAD_OPTIONS : EXPECTATION_OPTIONS;
  return pieces.flatMap((piece) => {
    const schema = schemaOf(schemas, piece);
    return schema ? optionFindings(schema, piece.options, `${list}.${piece.name}.options`) : [];
  });
}

function schemaOf(schemas: object, piece: Pick<WrittenPiece, "kind" | "custom">): v.GenericSchema | undefined {
  return piece.custom ? undefined : (schemas as Record<string, v.GenericSchema>)[piece.kind];
}

function scaled(options: JsonObject, timeScale: number, path: string, writtenMs: Map<string, number>): JsonObject {
  const result = scaleDurations(options, timeScale);
  for (const [field, ms] of result.written) writtenMs.set(`${path}.options.${field}`, ms);
  return result.options;
}

function unknown(noun: string, path: string, kind: string, known: readonly string[]): Finding {
  return {
    code: "NR-PLAN-UNKNOWN",
    path,
    message: `there is no ${noun} of the kind ${kind}`,
    hint: known.length === 0 ? "None is registered." : `${didYouMean(kind, known)}There are ${known.join(", ")}.`,
  };
}
