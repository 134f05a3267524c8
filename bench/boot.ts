/**
 * Boot, memory and steady load of local networks, each beside something that a reader can do by hand: a bare loop that
 * spawns the same processes with ready-made files and polls them. Prints one JSON object.
 *
 * usage: node bench/boot.ts [--nodes 50] [--rounds 3] [--slots 60]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { waitFor } from "../lib/core/wait.ts";
import { systemClock } from "../lib/host/system-clock.ts";
import type { Binding } from "../lib/model/binding.ts";
import type { RunEvent } from "../lib/model/events.ts";

const EXECUTABLE = resolve(import.meta.dirname, "../dist/nomos-run");
const TICKS_PER_SECOND = 100;
const CORES = 2;
const SLOT_MS = 2_000;

const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "50" },
    rounds: { type: "string", default: "3" },
    slots: { type: "string", default: "60" },
  },
});
const NODES = Number(values.nodes);
const ROUNDS = Number(values.rounds);
const SLOTS = Number(values.slots);

interface Run {
  readonly cwd: string;
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
}

function startRun(nodes: number, durationMs: number): Run {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), "nomos-run-bench-")));
  const file = join(cwd, "bench.scenario.ts");
  writeFileSync(
    file,
    `import { scenario } from "nomos-run";
export default scenario("bench").topologyWith((t) => t.networkStar().validators(${nodes})).withRunDuration(${durationMs}).build();
`,
  );
  const child = spawn(EXECUTABLE, [file, "--seed", "bench", "--reporter", "plain"], {
    cwd,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return { cwd, child, ended: new Promise((done) => child.once("close", done)) };
}

function events(run: Run): RunEvent[] {
  const path = join(run.cwd, ".nomos-run/latest/events.ndjson");
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n"))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RunEvent);
}

async function awaitStage(
  run: Run,
  stage: string,
  type: "stage.started" | "stage.ended",
  timeoutMs = 120_000,
): Promise<RunEvent> {
  return await waitFor({
    clock: systemClock,
    what: `${type} ${stage}`,
    timeoutMs,
    intervalMs: 100,
    look: () => {
      const all = events(run);
      const event = all.find((one) => one.type === type && one.stage === stage);
      return event ? { done: true, value: event } : { done: false, seen: all.at(-1)?.type ?? "nothing" };
    },
  });
}

async function stop(run: Run): Promise<void> {
  run.child.kill("SIGINT");
  await run.ended;
}

function bindingOf(run: Run): Binding | null {
  const path = join(run.cwd, ".nomos-run/latest/binding.json");
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Binding;
  } catch {
    // Not written yet.
    return null;
  }
}

async function answers(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return response.ok ? await response.json() : null;
  } catch {
    // Not listening yet.
    return null;
  }
}

/** ms from the reserve stage to a ready network. */
async function runnerBoot(nodes: number): Promise<{ ms: number; run: Run }> {
  const run = startRun(nodes, SLOTS * SLOT_MS + 10_000);
  const ready = await awaitStage(run, "ready", "stage.ended");
  const reserve = events(run).find((event) => event.type === "stage.started" && event.stage === "reserve");
  return { ms: ready.t - (reserve?.t ?? 0), run };
}

/** The same processes and files without the runner: spawn all, ask each every 25 ms until it has its peers. */
async function bareBoot(template: Run): Promise<number> {
  const folder = realpathSync(join(template.cwd, ".nomos-run/latest"));
  const binding = JSON.parse(readFileSync(join(folder, "binding.json"), "utf8")) as Binding;
  const home = mkdtempSync(join(tmpdir(), "nomos-run-bare-"));
  for (const { name } of binding.nodes) {
    const source = join(folder, "nodes", name);
    const target = join(home, name);
    mkdirSync(target);
    cpSync(join(source, "node.json"), join(target, "node.json"));
    const config = JSON.parse(readFileSync(join(target, "node.json"), "utf8")) as { chainStartMs: number };
    config.chainStartMs = Date.now() + 1_000;
    writeFileSync(join(target, "node.json"), JSON.stringify(config));
  }
  const started = performance.now();
  const children = binding.nodes.map(({ name }) =>
    spawn(EXECUTABLE, ["node", "--config", "node.json"], { cwd: join(home, name), stdio: "ignore", detached: true }),
  );
  await Promise.all(
    binding.nodes.map(async ({ host, apiPort }, index) => {
      const expected = index === 0 ? binding.nodes.length - 1 : 1;
      for (;;) {
        const info = (await answers(`http://${host}:${apiPort}/network/info`)) as { n_peers: number } | null;
        if (info && info.n_peers >= expected) return;
        await systemClock.sleep(25);
      }
    }),
  );
  const ms = performance.now() - started;
  const closed = children.map((child) => new Promise((done) => child.once("close", done)));
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(closed);
  rmSync(home, { recursive: true, force: true });
  return ms;
}

/** ms from the first answer of the slowest of four nodes, seen by an observer, to the end of the ready stage. */
async function readyLag(): Promise<number> {
  const run = startRun(4, 60_000);
  const binding = await waitFor({
    clock: systemClock,
    what: "binding.json",
    timeoutMs: 30_000,
    intervalMs: 2,
    look: () => {
      const found = bindingOf(run);
      return found ? { done: true, value: found } : { done: false, seen: "none" };
    },
  });
  const firsts = await Promise.all(
    binding.nodes.map(async ({ host, apiPort }) => {
      while (!(await answers(`http://${host}:${apiPort}/cryptarchia/info`))) await systemClock.sleep(5);
      return Date.now();
    }),
  );
  const ready = await awaitStage(run, "ready", "stage.ended");
  const first = events(run)[0];
  const wall = first?.type === "run.started" ? Date.parse(first.wallTime ?? "") : Number.NaN;
  await stop(run);
  rmSync(run.cwd, { recursive: true });
  return wall + ready.t - Math.max(...firsts);
}

function pids(run: Run): number[] {
  return events(run).flatMap((event) => (event.type === "node.started" ? [Number(/\d+/.exec(event.handle)?.[0])] : []));
}

async function privateDirtyMiB(): Promise<number[]> {
  const run = startRun(5, 60_000);
  await awaitStage(run, "ready", "stage.ended");
  const sizes = pids(run).map((pid) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(/Private_Dirty:\s+(\d+)/.exec(rollup)?.[1]) / 1_024;
  });
  await stop(run);
  rmSync(run.cwd, { recursive: true });
  return sizes;
}

function cpuSeconds(list: readonly number[]): number {
  return list.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }, 0);
}

/** Share of all cores that the whole run takes over the slots, and the slots whose end showed more than one tip. */
async function steadyLoad(run: Run): Promise<{ cpuShare: number; splitSlots: number; slots: number }> {
  await awaitStage(run, "drive", "stage.started");
  const guardian = readFileSync(`/proc/${run.child.pid}/task/${run.child.pid}/children`, "utf8")
    .trim()
    .split(" ")
    .map(Number);
  const all = [...pids(run), run.child.pid ?? 0, ...guardian];
  const before = cpuSeconds(all);
  const started = performance.now();
  await systemClock.sleep(SLOTS * SLOT_MS);
  const cpuShare = (cpuSeconds(all) - before) / ((performance.now() - started) / 1_000) / CORES;
  const recorded = events(run);
  const scheduled = recorded.find((event) => event.type === "chain.scheduled");
  const drive = recorded.find((event) => event.type === "stage.started" && event.stage === "drive");
  let splitSlots = 0;
  const firstSlot = Math.ceil(((drive?.t ?? 0) - (scheduled?.chainStart ?? 0)) / SLOT_MS);
  for (let slot = firstSlot; slot < firstSlot + SLOTS - 1; slot++) {
    const end = (scheduled?.chainStart ?? 0) + (slot + 1) * SLOT_MS;
    const tips = new Map<string, string>();
    for (const event of recorded) if (event.type === "chain.view" && event.t <= end) tips.set(event.node, event.tip);
    if (new Set(tips.values()).size !== 1) splitSlots += 1;
  }
  return { cpuShare, splitSlots, slots: SLOTS };
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
}

const lags: number[] = [];
for (let round = 0; round < ROUNDS; round++) lags.push(await readyLag());
const dirty = await privateDirtyMiB();
const runner: number[] = [];
const bare: number[] = [];
let steady: Awaited<ReturnType<typeof steadyLoad>> | null = null;
for (let round = 0; round < ROUNDS; round++) {
  const { ms, run } = await runnerBoot(NODES);
  runner.push(ms);
  if (round === 0) steady = await steadyLoad(run);
  await stop(run);
  bare.push(await bareBoot(run));
  rmSync(run.cwd, { recursive: true, force: true });
}
console.log(
  JSON.stringify(
    {
      readyLagMs: { median: median(lags), all: lags, limit: 250 },
      privateDirtyMiB: { largest: Math.max(...dirty), all: dirty, limit: 40 },
      boot: {
        nodes: NODES,
        runnerMs: runner,
        bareMs: bare,
        ratio: median(runner.map((ms, i) => ms / (bare[i] ?? Number.NaN))),
        limit: 1.3,
      },
      steady: { ...steady, limit: 0.6 },
    },
    null,
    2,
  ),
);
