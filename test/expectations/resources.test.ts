import assert from "node:assert/strict";
import test from "node:test";
import { resources } from "../../lib/expectations/resources.ts";
import { processUsage } from "../../lib/host/process-usage.ts";
import type { PlannedPiece } from "../../lib/model/plan.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { runLocally } from "../support/local-cluster.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";

const MIB = 1024 ** 2;
const NONE = { maxCpuPercent: null, maxResidentMiB: null, maxPrivateMiB: null };
const plan = planOf({ validators: 2, executors: 0 });
const judge = (recording: Recording, limits: PlannedPiece["options"]) =>
  resources.create(pieceOf("resources", { ...NONE, ...limits }), plan).judge(recording.evidence());

/** validator-0 uses a tenth of a core and 100 MiB, validator-1 half a core and 200 MiB, and is restarted at 10 s. */
function recorded(nodes = ["validator-0", "validator-1"]): Recording {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  for (let t = 4_000; t <= 20_000; t += 1_000) {
    for (const node of nodes) {
      const restarted = node === "validator-1" && t >= 10_000;
      const since = (restarted ? t - 10_000 : t) / 1_000;
      recording.at(t, "node.usage", {
        node,
        start: restarted ? 2 : 1,
        cpuSeconds: since * (node === "validator-0" ? 0.1 : 0.5),
        residentBytes: (node === "validator-0" ? 100 : 200) * MIB,
        privateBytes: 50 * MIB,
      });
    }
  }
  return recording.block(2, { slot: 11 }).closed(12, 2);
}

test("nodes within their limits pass", () => {
  const judgement = judge(recorded(), { maxCpuPercent: 51, maxResidentMiB: 201, maxPrivateMiB: 51 });
  assert.equal(judgement.outcome, "passed", judgement.summary);
  assert.deepEqual(judgement.figures, { cpuPercent: 50, residentMiB: 200, privateMiB: 50 });
});

test("the node that is over a limit is named with its figure", () => {
  const judgement = judge(recorded(), { maxCpuPercent: 40, maxResidentMiB: 150 });
  assert.equal(judgement.outcome, "failed");
  assert.deepEqual(judgement.findings, [
    "validator-1 used 50.0 % of a core, at most 40 allowed",
    "validator-1 used 200.0 MiB resident, at most 150 allowed",
  ]);
});

test("nodes that were not measured leave it undecided", () => {
  const some = judge(recorded(["validator-0"]), { maxCpuPercent: 40 });
  assert.equal(some.outcome, "inconclusive");
  assert.match(some.summary, /^1 node was not measured: validator-1/);
  assert.match(judge(recorded([]), { maxCpuPercent: 40 }).summary, /the backend shows nothing/);
});

test("no limit at all is refused", () => {
  assert.equal(resources.object(pieceOf("resources", NONE), plan, {} as never)[0]?.code, "NR-PLAN-VALUE");
});

test("what a process uses is what it says of itself", () => {
  const before = process.cpuUsage();
  while (process.cpuUsage(before).user < 200_000);
  const { user, system } = process.cpuUsage();
  const usage = processUsage(process.pid);
  assert.ok(Math.abs((usage?.cpuSeconds ?? 0) - (user + system) / 1e6) < 0.1);
  assert.ok(Math.abs((usage?.residentBytes ?? 0) / process.memoryUsage.rss() - 1) < 0.1);
  assert.ok((usage?.privateBytes ?? 0) > 0 && (usage?.privateBytes ?? 0) <= (usage?.residentBytes ?? 0));
  assert.equal(processUsage(2 ** 22 + 1), null);
});

test("processes of a run are measured", async () => {
  const written = scenario("measured")
    .topologyWith((t) => t.networkStar().validators(2).securityParam(3))
    .expectResources({ maxResidentMiB: 2_000, maxCpuPercent: 100 })
    .expectThreshold("last(consensus_tip_height) > 5")
    .withRunDuration("30s")
    .build();
  const run = await runLocally(written, { seed: "measured", profile: "fast" });
  const judged = run.expectations.find(({ kind }) => kind === "resources");
  assert.equal(judged?.outcome, "passed", judged?.summary);
  const height = run.expectations.find(({ kind }) => kind === "thresholds");
  assert.equal(height?.outcome, "passed", height?.summary);
  assert.ok(Number(judged?.figures.residentMiB) > 20, judged?.summary);
});
