import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import type { WrittenPlan } from "../../lib/plan/written.ts";
import { simulate } from "./simulate.ts";

/** Scenarios that bring their own nodes, which nothing but their own processes can be. */
const OWN_NODES = ["custom-node-kind"];

const scenarios = globSync(join(resolve(import.meta.dirname, "../.."), "scenarios/*.scenario.ts"))
  .toSorted()
  .filter((path) => !OWN_NODES.some((name) => basename(path).startsWith(name)));

for (const path of scenarios) {
  test(`${basename(path)} passes in a simulation as it is`, async () => {
    const { default: plan } = (await import(pathToFileURL(path).href)) as { default: WrittenPlan };
    const { report } = await simulate(plan, { seed: "scenarios" });
    assert.equal(report.verdict, "passed", `${report.why} ${JSON.stringify(report.errors)}`);
  });
}
