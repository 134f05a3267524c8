import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { runInThisContext } from "node:vm";
import { BUILT_IN_EXPECTATIONS } from "../../lib/expectations/built-in.ts";
import * as api from "../../lib/index.ts";
import { ChaosBuilder } from "../../lib/plan/builder/chaos.ts";
import { BUILT_IN_WORKLOADS } from "../../lib/workloads/built-in.ts";

const DOCS = join(import.meta.dirname, "../../docs");

/** The text below each of a page's headings of this level. */
function sections(page: string, level: "##" | "###"): ReadonlyMap<string, string> {
  const parts = readFileSync(join(DOCS, page), "utf8").split(new RegExp(`^${level} `, "m"));
  return new Map(parts.slice(1).map((part) => [part.slice(0, part.indexOf("\n")), part] as const));
}

/** Calls of a builder that the page shows on lines of their own. */
function examplesIn(text: string): readonly string[] {
  return [...text.matchAll(/^(?: {4}|`)(\..*\))`?$/gm)].map(([, call = ""]) => call);
}

/** A scenario that has all of what expectations and workloads ask for, but chaos. */
const wide = () =>
  api
    .scenario("documented")
    .topologyWith((t) => t.networkFull().validators(5).executors(1))
    .wallets(60)
    .enableNodeControl()
    .transactionsWith((txs) => txs.rate(1))
    .daWith((da) => da.blobRate(1))
    .withRunDuration("120s");

function call(receiver: unknown, example: string): unknown {
  const { one, minority, majority, all, leaders } = api;
  return runInThisContext(`({ it, one, minority, majority, all, leaders }) => it${example}`)({
    it: receiver,
    ...{ one, minority, majority, all, leaders },
  });
}

for (const [page, kinds] of [
  ["workloads.md", BUILT_IN_WORKLOADS],
  ["expectations.md", BUILT_IN_EXPECTATIONS],
] as const) {
  test(`docs/${page} has a section with an example for everything that is built in`, () => {
    const found = sections(page, "##");
    for (const kind of kinds.keys()) {
      const examples = examplesIn(found.get(kind) ?? "");
      assert.ok(examples.length > 0, `${kind} has no section with an example`);
      for (const example of examples) assert.ok(call(wide(), example), example);
    }
  });
}

test("docs/faults.md has a section with an example for every fault that chaos has", () => {
  const found = sections("faults.md", "###");
  const others = ["constructor", "apply", "maxUnavailable"];
  const faults = Object.getOwnPropertyNames(ChaosBuilder.prototype).filter((name) => !others.includes(name));
  assert.deepEqual([...found.keys()].toSorted(), faults.toSorted());
  for (const [fault, text] of found) {
    const [example = ""] = examplesIn(text);
    assert.ok(example.startsWith(`.${fault}(`), `${fault} has no example`);
    const written = wide()
      .chaosWith((chaos) => call(chaos.maxUnavailable(3), example) as typeof chaos)
      .build();
    assert.ok(written.document.workloads.some(({ kind }) => kind === "chaos"));
  }
});
