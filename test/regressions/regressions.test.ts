import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { foldFaults } from "../../lib/evidence/folds/faults.ts";
import type { Verdict } from "../../lib/model/verdict.ts";
import { RefusedPlan } from "../../lib/plan/problem.ts";
import type { WrittenPlan } from "../../lib/plan/written.ts";
import { simulate } from "../simulation/simulate.ts";

/** What a scenario of this folder comes to since its fault was mended. */
export type Expected =
  | { readonly refused: RegExp }
  | {
      readonly verdict: Verdict;
      /** Where every fault of a kind ended. */
      readonly ledger: Readonly<Record<string, string>>;
    };

for (const path of globSync(join(import.meta.dirname, "*.scenario.ts")).toSorted()) {
  test(`${basename(path, ".scenario.ts")} comes to what it should in a simulation`, async () => {
    const file = (await import(pathToFileURL(path).href)) as { default: WrittenPlan; expected: Expected };
    const { expected } = file;
    if ("refused" in expected) {
      await assert.rejects(simulate(file.default, { seed: "regressions" }), (thrown) => {
        assert.ok(thrown instanceof RefusedPlan, String(thrown));
        const texts = thrown.problems.map(({ code, message, hint }) => `${code} ${message} | ${hint}`);
        assert.match(texts.join("\n"), expected.refused);
        return true;
      });
      return;
    }
    const { report, events } = await simulate(file.default, { seed: "regressions" });
    const faults = foldFaults(events);
    const shown = faults.map(({ fault, kind, state, seen }) => `${fault} ${kind} ${state}: ${seen}`).join("\n");
    assert.equal(report.verdict, expected.verdict, `${report.why}\n${shown}`);
    for (const { kind, state } of faults) assert.equal(state, expected.ledger[kind], shown);
    assert.deepEqual([...new Set(faults.map(({ kind }) => kind))].toSorted(), Object.keys(expected.ledger).toSorted());
  });
}
