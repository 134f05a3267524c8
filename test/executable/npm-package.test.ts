import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import test, { after, before, describe } from "node:test";
import { latestRun, readReport, scenario } from "../support/program.ts";

const REPOSITORY = resolve(import.meta.dirname, "../..");
/** The newest of the oldest line of Node that the package is for, as npm has it. */
const NODE_22 = "22.23.3";

/** A folder with nothing in it but the package, installed by npm from its archive. */
let folder: string;
let node22: string;
before(() => {
  execFileSync(process.execPath, [join(REPOSITORY, "build.mjs"), "--npm"], { stdio: "pipe" });
  folder = realpathSync(mkdtempSync(join(tmpdir(), "nomos-run-npm-")));
  const npm = (...args: string[]) => execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
  const packed = npm("pack", join(REPOSITORY, "dist/npm/package"), "--silent").trim();
  npm("install", "--no-audit", "--no-fund", `./${packed}`);
  const kept = join(REPOSITORY, "dist/.packages/node-22");
  node22 = join(kept, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (!existsSync(node22)) {
    mkdirSync(kept, { recursive: true });
    npm("install", "--ignore-scripts", "--prefix", kept, `node-${process.platform}-${process.arch}@${NODE_22}`);
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the package's command as a shell would, by a given Node. */
function nomosRun(node: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(folder, "node_modules/.bin/nomos-run"), args, {
    cwd: folder,
    env: { HOME: folder, PATH: `${dirname(node)}:/usr/bin:/bin` },
    encoding: "utf8",
    timeout: 240_000,
  });
  return { status, stdout, stderr };
}

describe("the npm package", () => {
  test("brings no Node, no test and nothing that only builds need", () => {
    const installed = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
    assert.deepEqual(
      installed.filter((name) => /^(node-|typescript|postject|biome|knip|ox|fast-check)/.test(name)),
      [],
    );
    assert.deepEqual(readdirSync(join(folder, "node_modules/nomos-run")).toSorted(), [
      "README.md",
      "cli.d.ts",
      "cli.js",
      "dist",
      "docs",
      "lib",
      "package.json",
      "scenarios",
    ]);
  });

  test("has types with their documentation", () => {
    writeFileSync(
      join(folder, "types.mts"),
      `import { scenario, type WrittenPlan } from "nomos-run";
export const plan: WrittenPlan = scenario("x").topologyWith((t) => t.networkStar().validators(2)).build();
export const wrong: string = plan;
`,
    );
    const compiler = `node_modules/@typescript/typescript-${process.platform}-${process.arch}/lib/tsc`;
    const options = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--target",
      "es2024",
      "--module",
      "nodenext",
      "--types",
      "node",
    ];
    const { stdout } = spawnSync(join(REPOSITORY, compiler), [...options, "types.mts"], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.match(
      stdout,
      /^types\.mts\(3,14\): error TS2322: Type 'WrittenPlan' is not assignable to type 'string'\.\s*$/,
    );
  });

  test("has types that hold without skipLibCheck, in the examples too", () => {
    copyFileSync(join(REPOSITORY, "examples/vitest/network.test.ts"), join(folder, "network.test.ts"));
    writeFileSync(
      join(folder, "shell.mts"),
      `import { task } from "nomos-run";
export const list = task("list", {
  description: "names of a folder",
  outputs: { names: "names.txt" },
  async run({ $, out, note }) {
    const { stdout, exitCode } = await $({ nothrow: true, timeout: "3s" })\`ls \${["a", "b c"]}\`.quiet();
    for await (const line of $\`ls\`.pipe\`sort\`) note(line.trim());
    await $\`echo \${stdout} \${exitCode} > \${out.names}\`;
  },
});
`,
    );
    const compiler = join(
      REPOSITORY,
      `node_modules/@typescript/typescript-${process.platform}-${process.arch}/lib/tsc`,
    );
    const options = ["--noEmit", "--strict", "--target", "es2024", "--module", "nodenext", "--types", "node"];
    const files = ["--lib", "es2024,esnext.disposable", "shell.mts", "network.test.ts"];
    const { stdout } = spawnSync(compiler, [...options, ...files], { cwd: folder, encoding: "utf8" });
    // The test framework is not installed here: what it doesn't know of it is all that may be missing.
    const missing = stdout.split("\n").filter((line) => line !== "" && !/'vitest'|TS7006|TS7031/.test(line));
    assert.deepEqual(missing, []);
  });

  for (const line of [22, 24]) {
    const node = () => (line === 22 ? node22 : process.execPath);

    test(`plans and simulates under Node ${line}, and is a library there`, () => {
      const version = nomosRun(node(), "--version");
      assert.deepEqual([version.status, version.stderr], [0, ""]);
      assert.match(version.stdout, new RegExp(`^nomos-run \\d+\\.\\d+\\.\\d+ \\(.+\\) .+ Node ${line}\\.`));
      copyFileSync(scenario("smoke"), join(folder, "smoke.scenario.ts"));
      const plan = nomosRun(node(), "plan", "smoke.scenario.ts");
      assert.deepEqual([plan.status, plan.stderr], [0, ""]);
      const run = nomosRun(node(), "run", "smoke.scenario.ts", "--deployer", "sim");
      assert.equal(run.status, 0, `${run.stdout}${run.stderr}`);
      writeFileSync(
        join(folder, "enum.scenario.ts"),
        `import { scenario } from "nomos-run"; enum N { Two = 2 }
export default scenario("enum").topologyWith((t) => t.networkStar().validators(N.Two)).build();`,
      );
      assert.equal(nomosRun(node(), "plan", "enum.scenario.ts").status, 0);
      writeFileSync(
        join(folder, "library.mjs"),
        `import { scenario, run } from "nomos-run";
const plan = scenario("library").topologyWith((t) => t.networkStar().validators(2)).build();
console.log(plan.document.name, typeof run);`,
      );
      const library = spawnSync(node(), ["library.mjs"], { cwd: folder, encoding: "utf8" });
      assert.deepEqual([library.stdout, library.stderr], ["library function\n", ""]);
    });
  }

  test("runs a network of processes under Node 22", () => {
    copyFileSync(scenario("smoke"), join(folder, "smoke.scenario.ts"));
    const { status, stdout, stderr } = nomosRun(node22, "run", "smoke.scenario.ts", "--profile", "fast");
    assert.equal(status, 0, `${stdout}${stderr}`);
    const { created, removed } = readReport(latestRun(folder)).inventory;
    assert.equal(removed, created);
  });

  test("starts a folder of scenarios, as the executable does", () => {
    const { status, stdout } = nomosRun(process.execPath, "init", "kit");
    assert.equal(status, 0);
    assert.match(stdout, /wrote kit\/\.nomos\/node_modules: \d+ files/);
  });
});
