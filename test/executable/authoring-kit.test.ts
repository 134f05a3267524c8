import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { LanguageServer } from "../support/language-server.ts";
import { EXECUTABLE, scratch } from "../support/program.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
const COMPILER = join(REPOSITORY, `node_modules/@typescript/typescript-${process.platform}-${process.arch}/lib/tsc`);
const DECLARATIONS = ".nomos/node_modules";

/** Runs the executable with nothing on its PATH but what is given. */
function nomosRun(cwd: string, args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(EXECUTABLE, args, {
    cwd,
    env: { HOME: cwd, PATH: "/nowhere", ...env },
    encoding: "utf8",
    timeout: 120_000,
  });
  return { status, stdout, stderr };
}

/** A folder as `init` leaves it, outside the checkout: nothing of npm is near. */
function initialised(t: TestContext): string {
  const folder = scratch(t);
  const { status, stdout, stderr } = nomosRun(folder, ["init"]);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^wrote first\.scenario\.ts\nwrote tsconfig\.json\nwrote \.nomos\/node_modules: \d+ files/);
  return folder;
}

test("init writes a scenario that can be planned at once", (t) => {
  const folder = initialised(t);
  assert.deepEqual(readdirSync(folder).toSorted(), [".nomos", "first.scenario.ts", "tsconfig.json"]);
  const { status, stdout } = nomosRun(folder, ["plan", "first.scenario.ts"]);
  assert.equal(status, 0);
  assert.match(stdout, /^first/);
});

test("a compiler finds the types in what init wrote, with no npm, and finds errors", (t) => {
  const folder = initialised(t);
  const compile = () => spawnSync(COMPILER, ["-p", "."], { cwd: folder, encoding: "utf8", env: { PATH: "/nowhere" } });
  assert.equal(compile().stdout, "");
  writeFileSync(
    join(folder, "wrong.scenario.ts"),
    `import { readFileSync } from "node:fs";
import { scenario } from "nomos-run";
const text: number = readFileSync("x", "utf8");
export default scenario("x").topologyWith((t) => t.networkStar().validators("3")).withRunDuration("90x").build();
await Promise.resolve(text);
`,
  );
  const found = compile().stdout;
  assert.match(found, /wrong\.scenario\.ts\(3,7\): error TS2322: Type 'string' is not assignable to type 'number'/);
  assert.match(found, /wrong\.scenario\.ts\(4,\d+\): error TS2345: Argument of type 'string' is not assignable/);
  assert.match(found, /wrong\.scenario\.ts\(4,\d+\): error TS2345: Argument of type '"90x"' is not assignable/);
  assert.equal(found.trim().split("\n").length, 3);
});

test("an editor shows completions and doc comments in what init wrote", async (t) => {
  const folder = initialised(t);
  const file = join(folder, "first.scenario.ts");
  const source = readFileSync(file, "utf8");
  const editor = new LanguageServer(folder);
  t.after(() => editor.end());
  await editor.open(file, source);
  const offset = source.indexOf(".wallets(") + 1;
  const place = position(source, offset);
  const names = await editor.completions(file, place);
  for (const name of ["wallets", "transactionsWith", "chaosWith", "expectConsensusLiveness", "withRunDuration"]) {
    assert.ok(names.includes(name), `completes ${name}`);
  }
  assert.match(await editor.hover(file, place), /Genesis wallets with 100 tokens each/);
});

test("nothing that exists is overwritten", (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, "tsconfig.json"), "{}");
  writeFileSync(join(folder, "first.scenario.ts"), "mine");
  const { status, stdout } = nomosRun(folder, ["init"]);
  assert.equal(status, 0);
  assert.match(stdout, /kept {2}first\.scenario\.ts, which was there\nkept {2}tsconfig\.json, which was there\n/);
  assert.match(stdout, /"paths": \{ "nomos-run": \["\.\/\.nomos\/node_modules\/nomos-run\/lib\/index\.d\.ts"\] \}/);
  assert.equal(readFileSync(join(folder, "tsconfig.json"), "utf8"), "{}");
  assert.equal(readFileSync(join(folder, "first.scenario.ts"), "utf8"), "mine");
});

test("types refreshes its own declarations and touches nobody else's", (t) => {
  const folder = initialised(t);
  const index = join(folder, DECLARATIONS, "nomos-run/lib/index.d.ts");
  const original = readFileSync(index, "utf8");
  writeFileSync(index, "stale");
  writeFileSync(join(folder, DECLARATIONS, "nomos-run/stray.d.ts"), "");
  assert.equal(nomosRun(folder, ["types"]).status, 0);
  assert.equal(readFileSync(index, "utf8"), original);
  assert.ok(!existsSync(join(folder, DECLARATIONS, "nomos-run/stray.d.ts")));
  assert.deepEqual(readdirSync(join(folder, ".nomos")), ["node_modules"]);

  rmSync(join(folder, DECLARATIONS), { recursive: true });
  mkdirSync(join(folder, DECLARATIONS, "theirs"), { recursive: true });
  const foreign = nomosRun(folder, ["types"]);
  assert.equal(foreign.status, 3);
  assert.match(
    foreign.stderr,
    /NR-HOST-DECLARATIONS: .*node_modules was not made by nomos-run, so it is left as it is/,
  );
  assert.deepEqual(readdirSync(join(folder, DECLARATIONS)), ["theirs"]);

  rmSync(join(folder, ".nomos"), { recursive: true });
  const elsewhere = scratch(t);
  symlinkSync(elsewhere, join(folder, ".nomos"));
  assert.equal(nomosRun(folder, ["init"]).status, 3);
  assert.deepEqual(readdirSync(elsewhere), []);
});

test("a folder that can't be one is refused", (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, "file"), "");
  for (const [args, message] of [
    [["init", "file"], /NR-CLI-VALUE: file is a file/],
    [["init", "file/below"], /NR-CLI-VALUE: file\/below is a file/],
    [["types", "absent"], /NR-CLI-VALUE: there is no folder absent/],
    [["completion", "tcsh"], /NR-CLI-VALUE: there is no completion for "tcsh"[^]*There are bash, zsh, fish/],
    [["init", "a", "b"], /NR-CLI-ARGUMENT/],
  ] as const) {
    const { status, stderr } = nomosRun(folder, args);
    assert.equal(status, 64, args.join(" "));
    assert.match(stderr, message);
  }
});

test("check says that there is no compiler, after it has said what else is wrong", (t) => {
  const folder = initialised(t);
  const { status, stderr } = nomosRun(folder, ["check", "first.scenario.ts"]);
  assert.equal(status, 3);
  assert.match(stderr, /NR-HOST-COMPILER: there is no TypeScript compiler here, so no types are checked/);
  assert.match(stderr, /npm install typescript/);
  writeFileSync(join(folder, "empty.scenario.ts"), "export const x = 1;");
  assert.match(nomosRun(folder, ["check", "empty.scenario.ts"]).stderr, /NR-HOST-SCENARIO-EXPORT/);
});

test("check finds type errors with the compiler on the PATH or beside the file, also without a tsconfig.json", (t) => {
  const folder = scratch(t);
  const name = "a.scenario.ts";
  const plan = 'scenario("a").topologyWith((t) => t.networkStar().validators(2)).build()';
  const write = (text: string) => writeFileSync(join(folder, name), `import { scenario } from "nomos-run";\n${text}\n`);
  const onPath = { PATH: join(COMPILER, "..") };
  write(`const n: string = 1;\nn;\nexport default ${plan};`);
  const wrong = nomosRun(folder, ["check", name], onPath);
  assert.equal(wrong.status, 64);
  assert.match(wrong.stdout, /^a\.scenario\.ts\(2,7\): error TS2322: Type 'number' is not assignable to type 'string'/);
  assert.match(wrong.stderr, /NR-CLI-TYPES: a\.scenario\.ts has type errors\n.*tsc found them\./);

  write(`export default ${plan};`);
  const right = nomosRun(folder, ["check", name], onPath);
  assert.deepEqual([right.status, right.stdout], [0, "a.scenario.ts: its types are right and it exports a plan\n"]);
  assert.deepEqual(
    readdirSync(folder).filter((each) => each !== ".cache"),
    [name],
  );

  const beside = join(folder, `node_modules/@typescript/typescript-${process.platform}-${process.arch}/lib`);
  cpSync(join(COMPILER, ".."), beside, { recursive: true });
  assert.equal(nomosRun(folder, ["check", name]).status, 0);
  assert.equal(nomosRun(folder, ["check", "absent.scenario.ts"]).status, 64);
});

test("bash completes commands, flags and scenario files", (t) => {
  const folder = scratch(t);
  mkdirSync(join(folder, "net"));
  for (const name of ["chaos.scenario.ts", "chapter.txt"]) writeFileSync(join(folder, name), "");
  writeFileSync(join(folder, "completion"), nomosRun(folder, ["completion", "bash"]).stdout);
  const complete = (line: string) => {
    const words = line.split(" ");
    const script = `source ./completion; COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
compopt() { :; }; _nomos_run; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" });
    assert.equal(stderr, "");
    return stdout.trim().split("\n").toSorted();
  };
  assert.deepEqual(complete("nomos-run rec"), ["recheck"]);
  assert.deepEqual(complete("nomos-run cha"), ["chaos.scenario.ts"]);
  assert.deepEqual(complete("nomos-run plan cha"), ["chaos.scenario.ts"]);
  assert.deepEqual(complete("nomos-run plan --se"), ["--seed", "--set"]);
  assert.deepEqual(complete("nomos-run chaos.scenario.ts --rep"), ["--repeat", "--reporter"]);
  assert.ok(complete("nomos-run n").includes("net"));
});

for (const shell of ["zsh", "fish"]) {
  const there = spawnSync(shell, ["--version"]).status === 0;
  test(`${shell} takes its completion script`, { skip: there ? false : `${shell} is not installed` }, (t) => {
    const folder = scratch(t);
    const script = join(folder, "_nomos-run");
    writeFileSync(script, nomosRun(folder, ["completion", shell]).stdout);
    const { status, stderr } = spawnSync(shell, ["-n", script], { encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""]);
  });
}

function position(source: string, offset: number): { line: number; character: number } {
  const before = source.slice(0, offset).split("\n");
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}
