import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { logs } from "../../lib/expectations/logs.ts";
import { logLines } from "../../lib/host/log-lines.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { runLocally } from "../support/local-cluster.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";

const plan = planOf({ validators: 2, executors: 0 });
const rules = [
  { pattern: "panic", flags: "i", must: false, nodes: null },
  { pattern: "Online", flags: "", must: true, nodes: ["validator-0"] },
];
const piece = pieceOf("logs", { rules });

function judge(panics: number, online: number, lines = 100) {
  const recording = new Recording(plan).boot();
  const first = panics > 0 ? [{ line: 7, text: "thread PANICked" }] : [];
  recording.at(9_000, "log.searched", { node: "validator-0", rule: 0, lines, matches: 0, first: [] });
  recording.at(9_000, "log.searched", { node: "validator-1", rule: 0, lines: 100, matches: panics, first });
  recording.at(9_000, "log.searched", { node: "validator-0", rule: 1, lines, matches: online, first: [] });
  return logs.create(piece, plan).judge(recording.evidence());
}

test("logs that have what they must and not what they mustn't pass", () => {
  assert.equal(judge(0, 1).outcome, "passed");
});

test("the node with a line that must not be is named, and the line quoted", () => {
  const judgement = judge(2, 1);
  assert.equal(judgement.outcome, "failed");
  assert.equal(judgement.summary, "the log of validator-1 has /panic/i");
  assert.deepEqual(judgement.findings, ["validator-1, line 7: thread PANICked"]);
});

test("the node whose log lacks what it must have is named", () => {
  assert.equal(judge(0, 0).summary, "the log of validator-0 never has /Online/");
});

test("logs of which nothing was read decide nothing", () => {
  assert.match(judge(0, 0, 0).summary, /nothing was read of the log of validator-0/);
  assert.equal(logs.create(piece, plan).judge(new Recording(plan).boot().evidence()).outcome, "inconclusive");
});

test("logs of nodes that there are not are refused", () => {
  const other = pieceOf("logs", { rules: [{ pattern: "x", flags: "", must: true, nodes: ["validator-7"] }] });
  assert.match(logs.object(other, plan, {} as never)[0]?.message ?? "", /logs of validator-7 can't be read/);
});

test("a file is read line by line, whatever its length and its end", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nomos-run-log-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i} ${"ä".repeat(i % 40)}`);
  writeFileSync(join(folder, "a.log"), lines.join("\n"));
  assert.deepEqual([...logLines(join(folder, "a.log"))], lines);
  assert.deepEqual([...logLines(join(folder, "none.log"))], []);
});

test("a run's own logs are searched", async () => {
  const written = scenario("logged")
    .topologyWith((t) => t.networkStar().validators(2).securityParam(3))
    .expectLog({ must: /Online at height \d+/, mustNot: /starts with tip/g })
    .withRunDuration("20s")
    .build();
  const run = await runLocally(written, { seed: "logged", profile: "fast" });
  const judged = run.expectations.find(({ kind }) => kind === "logs");
  assert.equal(judged?.outcome, "failed");
  assert.equal(judged?.summary, "the log of validator-0 and validator-1 has /starts with tip/");
  assert.match(judged?.findings[0] ?? "", /^validator-0, line \d+: .*validator-0 starts with tip 0x/);
});
