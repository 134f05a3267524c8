import assert from "node:assert/strict";
import test from "node:test";
import { scenario } from "../../lib/index.ts";
import { planDocument } from "../../lib/plan/describe/document.ts";
import { describePlan } from "../../lib/plan/describe/text.ts";
import { readEnvironment } from "../../lib/plan/environment.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import chaos from "../../scenarios/chaos.scenario.ts";
import { registry } from "./registry.ts";

/** Lines of a section, without their indentation. */
function section(text: string, title: string): string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(title));
  assert.notEqual(start, -1, `no section ${title} in\n${text}`);
  const end = lines.findIndex((line, i) => i > start && line === "");
  return lines.slice(start + 1, end).map((line) => line.trim().replaceAll(/ +/g, " "));
}

test("the chaos scenario fits one screen and says what it is judged by", () => {
  const resolved = resolve(chaos, { drawnSeed: "7" }, registry);
  const text = describePlan(resolved, registry);
  const lines = text.trimEnd().split("\n");
  assert.equal(lines[0], "chaos on local, node kind reference");
  assert.equal(lines[1], `seed 7, digest ${resolved.digest}`);
  assert.ok(lines.length <= 42, `${lines.length} lines`);
  assert.ok(Math.max(...lines.map((line) => line.length)) <= 110);
  assert.deepEqual(section(text, "network"), [
    "nodes 3 validators (validator-0 to validator-2), 2 executors (executor-0 to executor-1), star around",
    "validator-0",
    "consensus slot 2s, k 10, f 0.9, ties by smaller-id",
    "wallets 50 with 100 tokens each",
    "blocks p 0.9 a slot: one every 2.22s, final after about 22.2s",
    "run drive 90s (45 slots), then settle 34s (17 slots)",
    "62 slots are judged: about 56 blocks, at least 42",
    "liveness can be judged from 42s of drive on; natural conflict at the LIB 4.6e-21",
  ]);
  assert.deepEqual(section(text, "capabilities"), [
    "yes node.restart (for chaos), node.stop, node.kill",
    "not local node.pause, disk.wipe, node.join, link.partition, link.delay, link.loss, link.bandwidth,",
    "clock.offset",
  ]);
  for (const name of ["transactions", "data-availability", "chaos"]) {
    assert.ok(section(text, "workloads").some((line) => line.startsWith(name)));
  }
  assert.ok(section(text, "workloads").includes("on reference nodes the channels carry up to 4.06 blobs per block"));
  assert.doesNotMatch(text, /durations|warnings/);
});

test("under the profile fast durations are shown as written and as run", () => {
  const text = describePlan(resolve(chaos, { drawnSeed: "7", profile: "fast" }, registry), registry);
  assert.deepEqual(section(text, "durations, scaled by 0.125 for the profile fast"), [
    "chaos.restart.minDelay 10s written, 1.25s run",
    "chaos.restart.maxDelay 20s written, 2.5s run",
    "chaos.restart.targetCooldown 30s written, 3.75s run",
    "run 90s written, 11.25s run",
  ]);
});

test("what flags and the environment decided is marked, and so is all that is out of the ordinary", () => {
  const written = scenario("odd")
    .topologyWith((t) =>
      t
        .networkChain()
        .validators(1)
        .executors(2)
        .stake(0, 3_000)
        .nodeConfigPatch(2, { a: 1 })
        .limits({ memory: "0.5GiB", cpus: 1 }),
    )
    .initializeWallet(10, 3)
    .enableNodeControl()
    .withWorkload({ name: "noise", options: { level: 2 }, needs: ["node.stop"], start: async () => {} })
    .expectConsensusLiveness()
    .withGrafanaUrl("http://127.0.0.1:3000")
    .withRunDuration("20s")
    .build();
  const settings = {
    drawnSeed: "7",
    seed: "8",
    environment: readEnvironment({ CONSENSUS_SLOT_TIME: "1" }),
    sets: [
      { path: "consensus.f", value: "0.5", at: "--set consensus.f=0.5" },
      { path: "topology.limits.cpus", value: "0.5", at: "--set topology.limits.cpus=0.5" },
    ],
  };
  const text = describePlan(resolve(written, settings, registry), registry);
  assert.match(text, /^seed 8 \(--seed\), /m);
  const network = section(text, "network");
  assert.equal(network[0], "nodes 1 validator (validator-0), 2 executors (executor-0 to executor-1), chain");
  assert.equal(network[1], "stake validator-0 60 %, executor-0 20 %, executor-1 20 %");
  assert.equal(network[2], "patched executor-1 (a)");
  assert.equal(network[3], "limits each node 512 MiB of memory, 0.5 processors (--set topology.limits.cpus=0.5)");
  assert.equal(
    network[4],
    "consensus slot 1s (CONSENSUS_SLOT_TIME), k 10, f 0.5 (--set consensus.f=0.5), ties by smaller-id",
  );
  assert.equal(network[5], "wallets 3 with 3 tokens each, the first 1 with one more");
  assert.equal(network[6], "grafanaUrl http://127.0.0.1:3000");
  assert.deepEqual(section(text, "workloads"), ['noise the scenario\'s own, with {"level":2}', "needs node.stop"]);
  assert.match(text, /NR-PLAN-WINDOW/);
  assert.match(
    text,
    /NR-PLAN-LIMITS\n +limits of nodes have no effect on the backend local, which has no means to hold them to 512 MiB of memory, 0.5 processors\n +Leave them out\.\n/,
  );
});

test("the document holds the plan that --set speaks of", () => {
  const resolved = resolve(chaos, { drawnSeed: "7", profile: "fast" }, registry);
  const document = JSON.parse(JSON.stringify(planDocument(resolved)));
  assert.deepEqual(document.plan, resolved.plan);
  assert.equal(document.digest, resolved.digest);
  assert.equal(document.writtenMs.durationMs, 90_000);
  assert.equal(document.shortestRunMs, 0);
  assert.deepEqual(
    document.capabilities.find((row: { capability: string }) => row.capability === "node.restart"),
    { capability: "node.restart", backend: true, nodeKind: true, neededBy: ["chaos"] },
  );
});

test("a run that is too short for fair shares is warned of, with the length that would do", () => {
  const short = scenario("shares")
    .topologyWith((t) => t.networkStar().validators(5))
    .expectFairShare()
    .withRunDuration("60s")
    .build();
  const { warnings } = resolve(short, { drawnSeed: "7" }, registry);
  const [warning] = warnings.filter(({ code }) => code === "NR-PLAN-WINDOW");
  assert.match(
    warning?.message ?? "",
    /^fair shares will be inconclusive: .* from about 82 slots on, and 47 are judged$/,
  );
  assert.match(warning?.hint ?? "", /^Use a run of 130s or more/);
});
