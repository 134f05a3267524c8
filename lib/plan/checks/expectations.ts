import { didYouMean } from "../nearest.ts";
import { EXPECTATION_OPTIONS, WORKLOAD_OPTIONS } from "../options.ts";
import type { Finding } from "../problem.ts";
import { shown } from "../shown.ts";
import type { WrittenDocument, WrittenPiece } from "../written.ts";

/** Whether each name says one thing: of pieces of the author's among each other and against built-in ones. */
export function checkNames(document: Pick<WrittenDocument, "workloads" | "expectations">): Finding[] {
  return [
    ...clashes("workloads", "workload", document.workloads, Object.keys(WORKLOAD_OPTIONS)),
    ...clashes("expectations", "expectation", document.expectations, Object.keys(EXPECTATION_OPTIONS)),
  ];
}

function clashes(list: string, noun: string, pieces: readonly WrittenPiece[], builtIn: readonly string[]): Finding[] {
  const taken = new Set(builtIn);
  const findings: Finding[] = [];
  for (const { name } of pieces.filter((piece) => piece.custom)) {
    if (taken.has(name)) {
      const why = builtIn.includes(name) ? `a built-in ${noun} has that name` : `another ${noun} has that name`;
      findings.push({
        code: "NR-PLAN-DUPLICATE",
        path: `${list}.${name}`,
        message: `the ${noun} ${name} can't be told apart: ${why}`,
        hint: `Give it another name, such as my-${name}.`,
      });
    }
    taken.add(name);
  }
  return findings;
}

/** Whether what is switched off exists, and is not asked for as well. */
export function checkWithout(document: Pick<WrittenDocument, "expectations" | "without">): Finding[] {
  const asked = document.expectations.map((expectation) => expectation.name);
  const known = [...new Set([...Object.keys(EXPECTATION_OPTIONS), ...asked])];
  return document.without.flatMap((name): Finding[] => {
    const path = `without.${String(name)}`;
    if (!known.includes(name)) {
      const hint = `${didYouMean(String(name), known)}There are ${known.join(", ")}.`;
      return [
        {
          code: "NR-PLAN-EXPECTATION",
          path,
          message: `without(${shown(name)}): there is no such expectation`,
          hint,
        },
      ];
    }
    if (!document.expectations.some((expectation) => expectation.name === name && !expectation.custom)) return [];
    const message = `the expectation ${name} is both asked for and switched off`;
    return [{ code: "NR-PLAN-EXPECTATION", path, message, hint: `Leave out expect or without.` }];
  });
}
