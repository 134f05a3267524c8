import assert from "node:assert/strict";
import test from "node:test";
import { didYouMean, nearestOrAll } from "../../lib/plan/nearest.ts";

const NAMES = ["agreement", "liveness", "fair-share", "transaction-inclusion"];

test("a slip is told from another word", () => {
  for (const [written, meant] of [
    ["livenes", "liveness"],
    ["Liveness", "liveness"],
    ["livneess", "liveness"],
    ["inclusion", "transaction-inclusion"],
    ["agreements", "agreement"],
  ]) {
    assert.equal(didYouMean(written ?? "", NAMES), `Did you mean ${meant}? `);
  }
  for (const written of ["x", "quick", "constructor", "__proto__", "whatever", ""]) {
    assert.equal(didYouMean(written, NAMES), "", written);
  }
  assert.equal(didYouMean("fro", ["at", "for", "every"]), "Did you mean for? ");
  assert.equal(didYouMean("anything", []), "");
});

test("flags are not near by their dashes", () => {
  const flags = ["--keep", "--duration", "-f", "-h"];
  assert.equal(didYouMean("--seed", flags), "");
  assert.equal(didYouMean("-x", flags), "");
  assert.equal(didYouMean("--durations", flags), "Did you mean --duration? ");
});

test("files are not near by their ending", () => {
  const files = ["smoke.scenario.ts", "chaos.scenario.ts"];
  assert.equal(nearestOrAll("smok.scenario.ts", files), "The nearest is smoke.scenario.ts.");
  assert.equal(nearestOrAll("mine.scenario.ts", files), "There are smoke.scenario.ts, chaos.scenario.ts.");
  assert.equal(nearestOrAll("chaos.ts", files, " in /here"), "The nearest in /here is chaos.scenario.ts.");
});

test("where none is near, all are listed, and of many the first", () => {
  assert.equal(nearestOrAll("x", ["validator-0"]), "There is validator-0.");
  const many = Array.from({ length: 30 }, (_, i) => `validator-${i}`);
  assert.equal(nearestOrAll("x", many), `There are ${many.slice(0, 12).join(", ")} and 18 more.`);
});
