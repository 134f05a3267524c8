import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import test from "node:test";
import { must } from "../../lib/core/errors.ts";
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

/** Requests whose bodies never end, which the node must hold: 160 MiB of them. */
function hog(host: string, port: number): { end(): void } {
  const MIB_EACH = 8;
  const sockets = Array.from({ length: 20 }, () => {
    const socket = connect(port, host);
    socket.on("error", () => undefined); // The node may hang up; memory is what is looked at.
    socket.write(`POST /mempool/add/tx HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`);
    socket.write(`content-length: ${9 * MIB}\r\n\r\n`);
    socket.write(Buffer.alloc(MIB_EACH * MIB, " "));
    return socket;
  });
  return { end: () => sockets.forEach((socket) => void socket.destroy()) };
}

test("the node of a run that hoards memory is named, and only that one", async () => {
  const resident = new Map<string, number>();
  const written = scenario("measured")
    .topologyWith((t) => t.networkStar().validators(2).securityParam(3))
    .withWorkload({
      name: "hog",
      async start(ctx) {
        const [, second] = ctx.cluster.running();
        const { host, apiPort } = must(second, "the second node").bound;
        const held = hog(host, apiPort);
        try {
          while (!ctx.signal.aborted) {
            for (const { planned, handle } of ctx.cluster.running()) {
              const status = readFileSync(`/proc/${/\d+/.exec(handle)?.[0]}/status`, "utf8");
              const mib = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
              resident.set(planned.name, Math.max(resident.get(planned.name) ?? 0, mib));
            }
            await ctx.clock.sleep(250, ctx.signal);
          }
        } finally {
          held.end();
        }
      },
    })
    .expectResources({ maxResidentMiB: 200, maxCpuPercent: 100 })
    .expectThreshold("last(consensus_tip_height) > 5")
    .expectThreshold("max(resources.residentMiB) < 200")
    .withRunDuration("40s")
    .build();
  const run = await runLocally(written, { seed: "measured", profile: "fast" });
  const judged = run.expectations.find(({ kind }) => kind === "resources");
  assert.equal(judged?.outcome, "failed", judged?.summary);
  assert.match(judged?.findings.join() ?? "", /^validator-1 used \d+\.\d MiB resident, at most 200 allowed$/);
  const seen = resident.get("validator-1") ?? 0;
  assert.ok(Math.abs(Number(judged?.figures.residentMiB) / seen - 1) < 0.2, `${seen} by /proc; ${judged?.summary}`);
  assert.ok((resident.get("validator-0") ?? 0) < 150);
  const limits = run.expectations.find(({ kind }) => kind === "thresholds");
  assert.match(limits?.summary ?? "", /^max\(resources\.residentMiB\) < 200: it was [\d.]+ on validator-1$/);

  const loose = pieceOf("resources", { maxResidentMiB: 2_000, maxCpuPercent: 100, maxPrivateMiB: null });
  const evidence = { plan: run.plan, events: run.events, occupancy: () => 0.9, judgementOf: () => undefined };
  assert.equal(resources.create(loose, run.plan).judge(evidence).outcome, "passed");
});
