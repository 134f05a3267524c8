/**
 * What simulated runs cost, as a user starts them: the five-node chaos scenario, many seeds of it one after the other, and
 * the same with a network of many nodes. Prints one JSON object; exits with 1 when a run did not pass.
 *
 * usage: node bench/simulation.ts [--seeds 20] [--nodes 1000]     --nodes 0 leaves the large network out
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../lib/host/system-clock.ts";
import type { RunReport } from "../lib/run/run-report.ts";

const EXECUTABLE = resolve(import.meta.dirname, "../dist/nomos-run");
const WATCH_MS = 100;

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "20" }, nodes: { type: "string", default: "1000" } },
});

/** One run: what it took of this machine, and what came of it. */
interface Figures {
  readonly verdict: RunReport["verdict"];
  readonly why: string;
  readonly seconds: number;
  /** Highest resident set, in MB. */
  readonly peakMb: number;
  readonly virtualSeconds: number;
}

/** The chaos scenario of `scenarios/`, on a star of so many nodes, two fifths of them executors. */
function chaosFile(folder: string, nodes: number): string {
  const path = join(folder, `chaos-${nodes}.scenario.ts`);
  const executors = Math.round(nodes * 0.4);
  writeFileSync(
    path,
    `import { scenario } from "nomos-run";
export default scenario("chaos")
  .topologyWith((t) => t.networkStar().validators(${nodes - executors}).executors(${executors}))
  .wallets(50)
  .transactionsWith((txs) => txs.rate(5).users(20))
  .daWith((da) => da.channelRate(1).blobRate(2))
  .enableNodeControl()
  .chaosWith((chaos) => chaos.restart({ minDelay: "10s", maxDelay: "20s", targetCooldown: "30s" }))
  .expectConsensusLiveness()
  .withRunDuration("90s")
  .build();
`,
  );
  return path;
}

async function measure(folder: string, file: string, seed: string): Promise<Figures> {
  const out = mkdtempSync(join(folder, "out-"));
  const started = performance.now();
  const child = spawn(EXECUTABLE, [file, "--deployer", "sim", "--seed", seed, "--reporter", "json", "--out", out], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new AbortController();
  const end = new Promise<void>((done, failed) => {
    child.once("error", failed);
    child.once("close", () => done());
  }).finally(() => ended.abort());
  const peakMb = await watchMemory(child.pid ?? 0, ended.signal);
  await end;
  const seconds = (performance.now() - started) / 1_000;
  const report = JSON.parse(readFileSync(join(out, "latest/run.json"), "utf8")) as RunReport;
  rmSync(out, { recursive: true });
  const virtualSeconds = (Date.parse(report.endedAt) - Date.parse(report.startedAt)) / 1_000;
  return { verdict: report.verdict, why: report.why, seconds, peakMb, virtualSeconds };
}

/** The kernel's high-water mark of a process, looked at until it has ended. */
async function watchMemory(pid: number, ended: AbortSignal): Promise<number> {
  let peak = 0;
  while (!ended.aborted) {
    try {
      peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? peak);
      await systemClock.sleep(WATCH_MS, ended);
    } catch (error) {
      if (!ended.aborted && (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      break;
    }
  }
  return Math.round(peak / 1_024);
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), "nomos-run-bench-")));
const rounded = (value: number) => Number(value.toFixed(2));
try {
  const small = chaosFile(folder, 5);
  const runs: Figures[] = [];
  const seeds = Number(values.seeds);
  for (let i = 0; i < seeds; i++) {
    const run = await measure(folder, small, `bench-${i}`);
    if (run.verdict !== "passed") console.error(`seed bench-${i}: ${run.verdict}, ${run.why}`);
    runs.push(run);
  }
  const seconds = runs.map((run) => run.seconds).toSorted((a, b) => a - b);
  const nodes = Number(values.nodes);
  const large = nodes > 0 ? await measure(folder, chaosFile(folder, nodes), "bench") : null;
  if (large && large.verdict !== "passed") console.error(`${nodes} nodes: ${large.verdict}, ${large.why}`);
  const figures = {
    fiveNodes: {
      runs: runs.length,
      passed: runs.filter(({ verdict }) => verdict === "passed").length,
      medianSeconds: rounded(seconds[Math.floor(seconds.length / 2)] ?? 0),
      longestSeconds: rounded(seconds.at(-1) ?? 0),
      totalSeconds: rounded(seconds.reduce((sum, value) => sum + value, 0)),
      peakMb: Math.max(0, ...runs.map(({ peakMb }) => peakMb)),
      virtualSeconds: runs[0]?.virtualSeconds ?? 0,
    },
    ...(large ? { large: { nodes, ...large, seconds: rounded(large.seconds) } } : {}),
  };
  console.log(JSON.stringify(figures, null, 2));
  if ([...runs, ...(large ? [large] : [])].some(({ verdict }) => verdict !== "passed")) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
