/**
 * Judging a recorded run of a million events again: time and peak memory, beside a bare loop that only reads the same file,
 * parses each line and digests the bytes. Prints one JSON object, and fails beyond 8 s or 700 MB.
 *
 * usage: node bench/recheck.ts [--events 1000000]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { builtIn } from "../lib/cli/registry.ts";
import { systemCode } from "../lib/core/errors.ts";
import { systemClock } from "../lib/host/system-clock.ts";
import type { EventData, EventType } from "../lib/model/events.ts";
import { scenario } from "../lib/plan/builder/scenario.ts";
import { lockPlan } from "../lib/plan/lock.ts";
import { resolve as resolvePlan } from "../lib/plan/resolve.ts";
import type { RunReport } from "../lib/run/run-report.ts";

const EXECUTABLE = resolve(import.meta.dirname, "../dist/nomos-run");
const LIMITS = { seconds: 8, megabytes: 700 };
const SLOT_MS = 2_000;
const TXS_PER_SLOT = 30;
const K = 10;

const { values } = parseArgs({ options: { events: { type: "string", default: "1000000" } } });
const EVENTS = Number(values.events);

const id = (name: string) => createHash("sha256").update(name).digest("hex");

/** Writes a stream as a long run of five nodes with traffic has it, and what its last line seals it with. */
function writeStream(path: string, planDigest: string): { count: number; sha256: string } {
  const file = openSync(path, "w");
  const digest = createHash("sha256");
  const nodes = Array.from({ length: 5 }, (_, i) => `validator-${i}`);
  let seq = 0;
  let t = 0;
  let batch = "";
  const emit = <T extends EventType>(type: T, data: EventData<T>, at = t) => {
    t = Math.max(t, at);
    batch += `${JSON.stringify({ v: 1, seq: seq++, t, type, ...data })}\n`;
    if (batch.length < 1 << 20) return;
    digest.update(batch);
    writeSync(file, batch);
    batch = "";
  };

  emit("run.started", { runId: "bench", wallTime: null, plan: planDigest, seed: "bench", build: "bench" });
  emit("chain.scheduled", { chainStart: 0, slotMs: SLOT_MS });
  for (const node of nodes) emit("node.started", { node, start: 1, handle: node, by: "run" });
  for (const node of nodes) emit("node.answered", { node, start: 1 });
  emit("window.opened", { slot: 1, height: 0 });
  const blocks: string[] = ["genesis"];
  let waiting: string[] = [];
  let n = 0;
  let slot = 0;
  while (seq < EVENTS - 300) {
    slot++;
    const txs = waiting;
    waiting = [];
    const from = slot * SLOT_MS;
    for (let i = 0; i < TXS_PER_SLOT; i++) {
      const at = from + (i * SLOT_MS) / TXS_PER_SLOT;
      const tx = id(`tx ${n}`);
      const node = nodes[n % nodes.length] ?? "";
      emit("tx.planned", { workload: "transactions", n, intended: at }, at);
      emit("tx.submitted", { workload: "transactions", n, tx, node, intended: at }, at + 1);
      emit("tx.accepted", { tx, node }, at + 3);
      waiting.push(tx);
      n++;
      // Every tenth slot is empty, as at f = 0.9.
      if (i === 15 && slot % 10 !== 0) {
        const block = id(`block ${slot}`);
        const height = blocks.push(block) - 1;
        const parent = blocks[height - 1] ?? "";
        const libHeight = Math.max(0, height - K);
        emit("block.seen", { node, block, parent, height, slot, txs, messages: [] });
        const view = { tip: block, height, slot, lib: blocks[libHeight] ?? "", libHeight };
        for (const each of nodes) emit("chain.view", { node: each, ...view });
      } else if (i === 15) waiting = [...txs, ...waiting];
    }
  }
  const last = id("last block");
  const height = blocks.length;
  emit("block.seen", {
    node: "validator-0",
    block: last,
    parent: blocks.at(-1) ?? "",
    height,
    slot: slot + 1,
    txs: waiting,
    messages: [],
  });
  const lib = blocks[height - K] ?? "";
  for (const node of nodes) emit("chain.view", { node, tip: last, height, slot: slot + 1, lib, libHeight: height - K });
  emit("workload.ended", { workload: "transactions", outcome: "done", why: "", figures: {} });
  emit("window.closed", { slot: slot + 1, height }, (slot + 3) * SLOT_MS);
  emit("stage.started", { stage: "judge", deadlineMs: 60_000 });
  while (seq < EVENTS - 2) emit("warning", { text: "one more event" });
  emit("run.verdict", { verdict: "passed", why: "generated" });
  digest.update(batch);
  const sealed = { count: seq, sha256: digest.digest("hex") };
  emit("run.ended", sealed);
  writeSync(file, batch);
  closeSync(file);
  return sealed;
}

function writeRun(folder: string): void {
  const { registry } = builtIn();
  const written = scenario("bench")
    .topologyWith((t) => t.networkStar().validators(5))
    .wallets(1_000)
    .transactionsWith((txs) => txs.rate(TXS_PER_SLOT))
    .expectConsensusLiveness()
    .withRunDuration("90s")
    .build();
  const { plan, digest, forecast } = resolvePlan(written, { drawnSeed: "bench" }, registry);
  const events = writeStream(join(folder, "events.ndjson"), digest);
  const report: RunReport = {
    v: 1,
    runId: "bench",
    name: plan.name,
    verdict: "passed",
    why: "generated",
    startedAt: "2026-01-01T00:00:00.000Z",
    endedAt: "2026-01-01T00:00:00.000Z",
    seed: plan.seed,
    deployer: plan.deployer,
    nodeKind: plan.nodeKind,
    profile: plan.profile,
    planDigest: digest,
    build: "bench",
    forecast,
    expectations: [],
    stages: [],
    inventory: { created: 0, removed: 0, items: [] },
    kept: false,
    errors: [],
    events,
  };
  writeFileSync(join(folder, "run.json"), JSON.stringify(report));
  const lock = lockPlan(plan, { build: "bench", scenarioDigest: null });
  writeFileSync(join(folder, "plan.lock.json"), JSON.stringify(lock));
}

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end; its peak memory is what the kernel last said of it. */
async function measure(program: string, args: readonly string[]): Promise<Measured> {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const ended = new Promise<number | null>((done) => child.once("close", done));
  let megabytes = 0;
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      megabytes = Math.max(megabytes, peakMegabytes(child));
      await systemClock.sleep(20);
    }
  })();
  const code = await ended;
  const seconds = (performance.now() - started) / 1_000;
  over.abort();
  await watching;
  return { seconds: Math.round(seconds * 100) / 100, megabytes: Math.round(megabytes), code, output };
}

function peakMegabytes({ pid }: ChildProcess): number {
  try {
    const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return (Number(kib ?? 0) * 1_024) / 1e6;
  } catch (error) {
    // It has ended.
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ESRCH") return 0;
    throw error;
  }
}

const BARE = `
const { createHash } = require("node:crypto");
const { createReadStream } = require("node:fs");
const { createInterface } = require("node:readline");
const digest = createHash("sha256"), events = [];
const lines = createInterface({ input: createReadStream(process.argv[1]) });
lines.on("line", (line) => { digest.update(line + "\\n"); events.push(JSON.parse(line)); });
lines.on("close", () => console.log(events.length, digest.digest("hex")));`;

const root = mkdtempSync(join(tmpdir(), "nomos-run-bench-"));
try {
  const folder = join(root, "run");
  mkdirSync(folder);
  writeRun(folder);
  const bare = await measure(process.execPath, ["-e", BARE, join(folder, "events.ndjson")]);
  const recheck = await measure(EXECUTABLE, ["recheck", folder, "--json"]);
  const { verdict, expectations } = JSON.parse(recheck.output) as RunReport;
  const judged = Object.fromEntries(expectations.map(({ expectation, summary }) => [expectation, summary]));
  const figures = ({ seconds, megabytes }: Measured) => ({ seconds, megabytes });
  console.log(
    JSON.stringify(
      { events: EVENTS, recheck: figures(recheck), bare: figures(bare), limits: LIMITS, verdict, judged },
      null,
      2,
    ),
  );
  const within = recheck.seconds <= LIMITS.seconds && recheck.megabytes <= LIMITS.megabytes;
  process.exitCode = within && verdict === "passed" && recheck.code === 0 ? 0 : 1;
} finally {
  rmSync(root, { recursive: true });
}
