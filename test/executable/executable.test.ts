import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { startGuardian } from "../../lib/host/guardian-client.ts";
import { processesOf } from "../../lib/host/processes.ts";
import { systemClock } from "../../lib/host/system-clock.ts";

const root = join(import.meta.dirname, "../..");
const executable = join(root, "dist/nomos-run");

/** What the build writes beside the executable: what starting loads, from esbuild's metafile. */
interface BuildRecord {
  readonly loads: Readonly<
    Record<string, { readonly bytes: number; readonly packages: Readonly<Record<string, number>> }>
  >;
}

let lab: string;
let record: BuildRecord;
before(() => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, "build.mjs")], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  record = JSON.parse(readFileSync(join(root, "dist/build.json"), "utf8"));
  lab = mkdtempSync(join(tmpdir(), "nomos-run-executable-"));
});
after(() => rmSync(lab, { recursive: true, force: true }));

/** Runs the executable in the lab, with nothing of this process' environment but what is given. */
function run(args: string[], env: Record<string, string> = {}, cwd = lab) {
  return spawnSync(executable, args, { cwd, env: { HOME: lab, ...env }, encoding: "utf8", timeout: 60_000 });
}

test("--version and --help say what they should and nothing else", () => {
  const version = run(["--version"]);
  assert.deepEqual([version.status, version.stderr], [0, ""]);
  assert.match(version.stdout, /^nomos-run \d+\.\d+\.\d+/);
  const help = run(["--help"]);
  assert.deepEqual([help.status, help.stderr], [0, ""]);
  assert.match(help.stdout, /nomos-run/);
});

test("what a node and a guardian load is less than 1 MB of code", () => {
  const bytes = (part: string) => record.loads[part]?.bytes ?? Number.POSITIVE_INFINITY;
  assert.ok(bytes("node") < 1_000_000, `a node loads ${bytes("node")} bytes`);
  assert.ok(bytes("guardian") < 100_000, `a guardian loads ${bytes("guardian")} bytes`);
  assert.ok(bytes("cli") < 100_000, `--version loads ${bytes("cli")} bytes`);
  assert.deepEqual(Object.keys(record.loads["guardian"]?.packages ?? {}), ["nomos-run"]);
});

test("the user's Node options are not for it", () => {
  const { status, stdout, stderr } = run(["--version"], { NODE_OPTIONS: "--require /no/such/file --inspect" });
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^nomos-run /);
});

test("it loads a scenario that lies anywhere, with enums, packages and a package.json of type commonjs", () => {
  const folder = join(lab, "elsewhere");
  mkdirSync(join(folder, "node_modules/names"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type":"commonjs"}');
  writeFileSync(join(folder, "node_modules/names/package.json"), '{"name":"names","type":"module","exports":"./i.js"}');
  writeFileSync(join(folder, "node_modules/names/i.js"), 'export const name = await Promise.resolve("far");');
  writeFileSync(join(folder, "count.ts"), "export enum Count { Three = 3 }");
  writeFileSync(
    join(folder, "away.scenario.ts"),
    `import { scenario, type WrittenPlan } from "nomos-run";
import { name } from "names";
import { Count } from "./count";
const plan: WrittenPlan = scenario(name)
  .topologyWith((t) => t.networkStar().validators(Count.Three))
  .expectConsensusLiveness()
  .withRunDuration("90s")
  .build();
export default plan;
`,
  );
  // Twice: the second time from what the first has kept.
  for (let i = 0; i < 2; i++) {
    const { status, stdout, stderr } = run(["plan", "elsewhere/away.scenario.ts", "--json"]);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /"name": "far"/);
  }
  const { status, stdout, stderr } = run(["plan", "elsewhere/awa.scenario.ts"]);
  assert.equal(status, 64);
  assert.equal(stdout, "");
  assert.match(stderr, /NR-HOST-SCENARIO-FILE: there is no file elsewhere\/awa\.scenario\.ts/);
  assert.match(stderr, /The nearest in .*elsewhere is away\.scenario\.ts\./);
});

test("it starts itself as guardian, which starts and removes nodes", async () => {
  const runId = `test-executable-${process.pid}`;
  const guardian = await startGuardian({
    runId,
    clock: systemClock,
    logFile: join(lab, "guardian.log"),
    cwd: lab,
    self: (args) => ({ command: executable, args }),
  });
  const node = await guardian.spawn({
    name: "validator-0",
    command: executable,
    args: ["node", "--config", "no-such-file.json"],
    cwd: lab,
    env: {},
    logFile: join(lab, "validator-0.log"),
  });
  const { code } = await node.exited;
  assert.equal(code, 64, "a node refuses a configuration that isn't there");
  assert.match(readFileSync(join(lab, "validator-0.log"), "utf8"), /NR-NODE-CONFIG/);
  const sleeper = { name: "b", command: "/bin/sleep", args: ["600"], cwd: lab, env: {}, logFile: join(lab, "b.log") };
  await guardian.spawn(sleeper);
  assert.deepEqual((await guardian.stop()).left, []);
  assert.deepEqual(processesOf(runId), []);
});

test("a guardian keeps less than 20 MiB of memory to itself", { skip: process.platform !== "linux" }, async () => {
  const guardian = await startGuardian({
    runId: `test-executable-memory-${process.pid}`,
    clock: systemClock,
    logFile: join(lab, "memory.log"),
    cwd: lab,
    self: (args) => ({ command: executable, args }),
  });
  const rollup = readFileSync(`/proc/${guardian.pid}/smaps_rollup`, "utf8");
  const mebibytes = Number(/Private_Dirty:\s+(\d+)/.exec(rollup)?.[1]) / 1_024;
  await guardian.stop();
  assert.ok(mebibytes < 20, `Private_Dirty ${mebibytes.toFixed(1)} MiB`);
});

test("it runs from a copy anywhere, under another name, without the checkout", () => {
  const copy = join(lab, "renamed");
  copyFileSync(executable, copy);
  const { status, stdout } = spawnSync(copy, ["--version"], { cwd: "/", env: {}, encoding: "utf8" });
  assert.equal(status, 0);
  assert.match(stdout, /^nomos-run /);
});

test("nothing is built when nothing has changed", () => {
  const before = statSync(executable).mtimeMs;
  const { status, stderr } = spawnSync(process.execPath, [join(root, "build.mjs")], { encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
  assert.equal(statSync(executable).mtimeMs, before);
});

test("a reader that goes away early is no error", async () => {
  const child = spawn("/bin/sh", ["-c", `"${executable}" --help | head -1`], { stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.notEqual(out, "");
  assert.equal(err, "");
});

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += chunk.toString();
  return all;
}
