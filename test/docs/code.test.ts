import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { readArguments } from "../../lib/cli/arguments.ts";
import { loadCommand } from "../../lib/cli/command.ts";
import { COMMANDS } from "../../lib/cli/commands.ts";
import { CodedError } from "../../lib/core/errors.ts";
import { nomosRun, readReport, scratch } from "../support/program.ts";
import { commandLines, fragments, modules, wholeScenarios } from "./extract.ts";

const ROOT = join(import.meta.dirname, "../..");

/** A whole file around a fragment: a scenario that has what any of them may speak of. */
const around = (fragment: string) => `import { scenario } from "nomos-run";
export default scenario("fragment")
  .topologyWith((t) => t.networkFull().validators(3).executors(1)).wallets(400).enableNodeControl()
  ${fragment.trim()}
  .withRunDuration("30m").build();
`;

test("all TypeScript in README and docs compiles as a reader's would", (t) => {
  const folder = scratch(t);
  const places = new Map<string, string>();
  const write = (name: string, at: string, text: string) => {
    writeFileSync(join(folder, name), text);
    places.set(name, at);
  };
  for (const [i, { at, text }] of [...wholeScenarios(), ...modules()].entries()) write(`code-${i}.ts`, at, text);
  for (const [i, { at, text }] of fragments().entries()) write(`fragment-${i}.ts`, at, around(text));
  assert.ok(places.size > 10, `only ${places.size} pieces of code were found`);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: {
        noUnusedLocals: false,
        noPropertyAccessFromIndexSignature: false,
        types: ["node"],
        typeRoots: [join(ROOT, "node_modules/@types")],
        paths: { "nomos-run": [join(ROOT, "lib/index.ts")] },
      },
      include: ["*.ts"],
    }),
  );
  const { stdout, status } = spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" });
  const said = stdout.replace(
    /(?:\.\.\/)*[^\s(]*?((?:code|fragment)-\d+\.ts)/g,
    (_, name: string) => places.get(name) ?? name,
  );
  assert.equal(status, 0, said);
});

test("whole scenarios in README and docs are planned as they stand, and run where they can be simulated", async (t) => {
  const seen = new Set<string>();
  for (const { at, text } of wholeScenarios()) {
    await t.test(at, async (t) => {
      const cwd = scratch(t);
      writeFileSync(join(cwd, "shown.scenario.ts"), text);
      const plan = await nomosRun(t, ["plan", "shown.scenario.ts", "--json", "--seed", "docs"], { cwd });
      assert.equal(plan.code, 0, plan.stderr);
      const { digest } = JSON.parse(plan.stdout) as { digest: string };
      // Several pages show one scenario, and nodes of its own kind can't be simulated.
      if (seen.has(digest) || text.includes("withNodeKind")) return;
      seen.add(digest);
      const run = await nomosRun(t, ["shown.scenario.ts", "--deployer", "sim", "--seed", "docs"], { cwd });
      assert.equal(run.code, 0, run.stdout + run.stderr);
      assert.equal(readReport(join(cwd, ".nomos-run/latest")).verdict, "passed");
    });
  }
});

test("fragments in README and docs can be planned", async (t) => {
  const cwd = scratch(t);
  for (const { at, text } of fragments()) {
    if (/\bchaos\b|withNodeKind/.test(text)) continue;
    writeFileSync(join(cwd, "fragment.scenario.ts"), around(text));
    const { code, stderr } = await nomosRun(t, ["plan", "fragment.scenario.ts"], { cwd });
    // What a fragment needs besides, such as a workload that its expectation judges, is for the page's reader to add.
    const lacks = /NR-PLAN-EXPECTATION|NR-PLAN-VALUE .*there is no/.test(stderr);
    assert.ok(code === 0 || lacks, `${at}: ${stderr}`);
  }
});

test("every command line in README and docs is one that the program takes", async () => {
  const lines = commandLines();
  assert.ok(lines.length > 25, `only ${lines.length} command lines were found`);
  for (const { at, text } of lines) {
    // Words in capitals, and `...`, stand for what the reader puts there.
    const words = text.replace(/\[[A-Z]+\]/g, "").match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
    const [word = "", ...rest] = words.slice(1);
    if (["--version", "--help", "COMMAND"].includes(word)) continue;
    const isFile = /[./#]|^FILE/.test(word) || word.startsWith("-");
    const listed = COMMANDS.find(({ name }) => name === (isFile ? "run" : word));
    assert.ok(listed, `${at}: there is no command ${word}: ${text}`);
    const command = await loadCommand(listed);
    try {
      readArguments(command, isFile ? [word, ...rest] : rest);
    } catch (error) {
      // Running text may name a command without what it is for: `nomos-run plan --json`.
      const shortened = at.endsWith(".md") && error instanceof CodedError && error.message.endsWith("is missing");
      if (!shortened) throw new Error(`${at}: ${text}: ${String(error)}`, { cause: error });
    }
  }
});
