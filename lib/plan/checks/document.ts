import * as v from "valibot";
import type { Draft } from "../builder/draft.ts";
import { ChaosOptionsSchema } from "../chaos-options.ts";
import type { Finding } from "../problem.ts";
import { roster } from "../topology.ts";
import { TransactionsOptionsSchema } from "../transactions-options.ts";
import type { WrittenPiece } from "../written.ts";
import { checkChaos } from "./chaos.ts";
import { checkExecutors } from "./data-availability.ts";
import { checkNames, checkWithout } from "./expectations.ts";
import { checkNodeCount, checkNodeIndices } from "./network.ts";
import { checkTransactions } from "./transactions.ts";
import { checkFunds } from "./wallets.ts";

/** A check and the paths of the plan that it concludes from: it is left out when a value there was refused already. */
interface Check {
  readonly reads: readonly string[];
  run(): readonly Finding[];
}

/** What is wrong with a written plan on any backend. */
export function checkDocument(draft: Draft): Finding[] {
  const { document } = draft;
  const counts = ["topology.validators", "topology.executors"];
  const checks: Check[] = [
    { reads: counts, run: () => checkNodeCount(document.topology) },
    { reads: counts, run: () => checkNodeIndices(document.topology) },
    { reads: ["wallets"], run: () => checkFunds(document.wallets) },
    { reads: [], run: () => checkNames(document) },
    { reads: [], run: () => checkWithout(document) },
    { reads: ["nodeControl"], run: () => checkNodeControl(draft) },
    ...document.workloads.filter((piece) => !piece.custom).map((piece) => checkOf(piece, draft)),
  ];
  return checks.filter((check) => !draft.anyRefused(check.reads)).flatMap((check) => check.run());
}

function checkOf(piece: WrittenPiece, draft: Draft): Check {
  const { topology, wallets } = draft.document;
  const path = `workloads.${piece.name}`;
  switch (piece.kind) {
    case "transactions": {
      const run = () => checkTransactions(path, v.parse(TransactionsOptionsSchema, piece.options), wallets.count, null);
      return { reads: [path, "wallets"], run };
    }
    case "data-availability":
      return { reads: ["topology.executors"], run: () => checkExecutors(path, topology.executors) };
    default:
      return { reads: [path, "topology"], run: () => chaosFindings(path, piece, draft) };
  }
}

function checkNodeControl({ document, customWorkloads }: Draft): Finding[] {
  if (document.nodeControl) return [];
  return document.workloads.flatMap(({ kind, name, custom }): Finding[] => {
    const needs = customWorkloads.get(name)?.needs ?? [];
    if (custom ? needs.length === 0 : kind !== "chaos") return [];
    const who = custom ? `the workload ${name} needs ${needs.join(", ")}` : "chaos makes faults";
    const message = `${who}, and node control is off`;
    return [{ code: "NR-PLAN-NODE-CONTROL", path: `workloads.${name}`, message, hint: "Call enableNodeControl()." }];
  });
}

function chaosFindings(path: string, piece: WrittenPiece, draft: Draft): Finding[] {
  const { restart, faults } = piece.options;
  if (restart === undefined && faults === undefined) {
    const hint = "Call restart(), partition() or another fault in chaosWith.";
    return [{ code: "NR-PLAN-NO-FAULT", path, message: "chaos names no fault to make", hint }];
  }
  return checkChaos(path, v.parse(ChaosOptionsSchema, piece.options), roster(draft.document.topology));
}
