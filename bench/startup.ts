/**
 * How long the executable takes to start, beside the Node inside it and beside Deno with an equally small file; what the
 * plan of many nodes adds; and its size. Medians of interleaved runs. Prints one JSON object, and fails beyond a limit.
 *
 * usage: node bench/startup.ts [--pairs 30]
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const REPOSITORY = resolve(import.meta.dirname, "..");
const EXECUTABLE = join(REPOSITORY, "dist/nomos-run");
const SCENARIO = join(REPOSITORY, "scenarios/smoke.scenario.ts");
const DENO = join(REPOSITORY, "node_modules/@deno/linux-x64-glibc/deno");

const { values } = parseArgs({ options: { pairs: { type: "string", default: "30" } } });
const PAIRS = Number(values.pairs);

const lab = mkdtempSync(join(tmpdir(), "nomos-run-startup-"));
const small = join(lab, "small.ts");
writeFileSync(small, 'const name: string = "small";\nif (name === "") throw new Error(name);\n');
/** A file that needs esbuild, so that a cold start unpacks it. */
const withEnum = join(lab, "enum.scenario.ts");
writeFileSync(
  withEnum,
  `import { scenario } from "nomos-run";
enum Count { Three = 3 }
export default scenario("enum").topologyWith((t) => t.networkStar().validators(Count.Three)).build();
`,
);

function planOf(nodes: number): string {
  const file = join(lab, `nodes-${nodes}.scenario.ts`);
  const plan = `scenario("many").topologyWith((t) => t.networkStar().validators(${nodes})).build()`;
  writeFileSync(file, `import { scenario } from "nomos-run";\nexport default ${plan};\n`);
  return file;
}

interface Case {
  readonly command: string;
  readonly args: readonly string[];
  /** Whether nothing of an earlier start may be left. */
  readonly cold?: true;
}

const CASES: Readonly<Record<string, Case>> = {
  node: { command: process.execPath, args: ["-e", "0"] },
  version: { command: EXECUTABLE, args: ["--version"] },
  help: { command: EXECUTABLE, args: ["--help"] },
  planWarm: { command: EXECUTABLE, args: ["plan", SCENARIO] },
  planCold: { command: EXECUTABLE, args: ["plan", SCENARIO], cold: true },
  planUnpacking: { command: EXECUTABLE, args: ["plan", withEnum], cold: true },
  plan3: { command: EXECUTABLE, args: ["plan", planOf(3)] },
  plan200: { command: EXECUTABLE, args: ["plan", planOf(200)] },
  plan1000: { command: EXECUTABLE, args: ["plan", planOf(1_000)] },
  ...(existsSync(DENO) ? { deno: { command: DENO, args: ["run", "-A", small] } } : {}),
};

function time({ command, args, cold }: Case): number {
  const home = join(lab, cold ? "cold" : "warm");
  if (cold) rmSync(home, { recursive: true, force: true });
  const started = performance.now();
  const { status, stderr } = spawnSync(command, args, { cwd: lab, env: { HOME: home }, encoding: "utf8" });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return ms;
}

const times = new Map<string, number[]>(Object.keys(CASES).map((name) => [name, []]));
for (let pair = -1; pair < PAIRS; pair++) {
  for (const [name, each] of Object.entries(CASES)) {
    const ms = time(each);
    // The first of each reads the disk and fills caches.
    if (pair >= 0) times.get(name)?.push(ms);
  }
}
const medians = Object.fromEntries([...times].map(([name, list]) => [name, median(list)]));
const ratio = (name: string) => (medians[name] ?? Number.NaN) / (medians["node"] ?? Number.NaN);
const more = (name: string) => (medians[name] ?? Number.NaN) - (medians["plan3"] ?? Number.NaN);
const packed = spawnSync("sh", ["-c", `xz -T0 -c '${EXECUTABLE}' | wc -c`], { encoding: "utf8" }).stdout;
rmSync(lab, { recursive: true, force: true });

const results = [
  { what: "--version, times node -e 0", value: ratio("version"), limit: 1.4 },
  { what: "--help, times node -e 0", value: ratio("help"), limit: 1.4 },
  { what: "plan, warm, times node -e 0", value: ratio("planWarm"), limit: 2.5 },
  { what: "plan, cold, times node -e 0", value: ratio("planCold"), limit: 4 },
  {
    what: "plan, cold and unpacking esbuild, times node -e 0",
    value: ratio("planUnpacking"),
    limit: Number.POSITIVE_INFINITY,
  },
  { what: "plan of 200 nodes, ms more", value: more("plan200"), limit: 250 },
  { what: "plan of 1,000 nodes, ms more", value: more("plan1000"), limit: 1_500 },
  { what: "executable, MB", value: statSync(EXECUTABLE).size / 1e6, limit: 145 },
  { what: "executable as xz, MB", value: Number(packed) / 1e6, limit: 45 },
];
console.log(JSON.stringify({ pairs: PAIRS, mediansMs: medians, results }, null, 2));
process.exitCode = results.every(({ value, limit }) => value <= limit) ? 0 : 1;

function median(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
