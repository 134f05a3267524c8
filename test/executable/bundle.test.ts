import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { type TestContext } from "node:test";
import { EXECUTABLE, scratch } from "../support/program.ts";

const FILES: Readonly<Record<string, string>> = {
  "net/package.json": '{"type":"commonjs"}',
  "net/a.scenario.ts": `import { scenario } from "nomos-run";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { prefix } from "../parts/prefix";
import data from "./data.json" with { type: "json" };
import { esm } from "esm-package";
import cjs from "cjs-package";
enum Count { Two = 2 }
const asset = readFileSync(join(import.meta.dirname, "assets/name.txt"), "utf8");
export default scenario([prefix, data.name, esm, cjs.name, asset].join("-"))
  .topologyWith((t) => t.networkStar().validators(Count.Two)).build();
`,
  "net/data.json": '{"name":"json"}',
  "net/assets/name.txt": "asset",
  "net/unused.txt": "",
  "parts/prefix.ts": 'export const prefix: string = "parts";',
  "node_modules/esm-package/package.json": '{"name":"esm-package","type":"module","exports":"./i.js"}',
  "node_modules/esm-package/i.js": 'export const esm = await Promise.resolve("esm");',
  "node_modules/cjs-package/package.json": '{"name":"cjs-package","main":"i.js"}',
  "node_modules/cjs-package/i.js": 'exports.name = require("./name.js");',
  "node_modules/cjs-package/name.js": 'module.exports = "cjs";',
};

function lab(t: TestContext): string {
  const folder = scratch(t);
  for (const [name, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

function nomosRun(cwd: string, ...args: string[]) {
  const env = { HOME: join(cwd, "home"), PATH: "/nowhere" };
  const { status, stdout, stderr } = spawnSync(EXECUTABLE, args, { cwd, env, encoding: "utf8", timeout: 60_000 });
  return { status, stdout, stderr };
}

test("a scenario, its imports, packages and assets make one file that another tester runs", (t) => {
  const folder = lab(t);
  const packed = nomosRun(folder, "bundle", "net/a.scenario.ts", "--asset", "net/assets");
  assert.deepEqual([packed.status, packed.stderr], [0, ""]);
  const listed = spawnSync("tar", ["-tzf", join(folder, "a.scenario.tgz")], { encoding: "utf8" }).stdout;
  assert.deepEqual(
    listed
      .split("\n")
      .filter((name) => name !== "" && !name.endsWith("/"))
      .toSorted(),
    [...Object.keys(FILES).filter((name) => name !== "net/unused.txt"), "nomos-bundle.json"].toSorted(),
  );

  const other = scratch(t);
  copyFileSync(join(folder, "a.scenario.tgz"), join(other, "a.scenario.tgz"));
  const original = nomosRun(folder, "plan", "net/a.scenario.ts", "--seed", "1", "--json");
  rmSync(folder, { recursive: true });
  for (let start = 0; start < 2; start++) {
    const { status, stdout, stderr } = nomosRun(other, "plan", "a.scenario.tgz", "--seed", "1", "--json");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /"name": "parts-json-esm-cjs-asset"/);
    assert.equal(stdout, original.stdout);
  }
  assert.deepEqual(readdirSync(other).toSorted(), ["a.scenario.tgz", "home"]);

  // What was unpacked before and isn't as it was packed is unpacked again.
  const bundles = join(other, "home/.cache/nomos-run/bundles");
  const [name = ""] = readdirSync(bundles);
  const scenario = join(bundles, name, "net/a.scenario.ts");
  writeFileSync(scenario, "throw new Error('altered');");
  assert.equal(nomosRun(other, "plan", "a.scenario.tgz").status, 0);
  assert.equal(readFileSync(scenario, "utf8"), FILES["net/a.scenario.ts"]);
  assert.deepEqual(readdirSync(bundles), [name]);
});

test("equal files make equal archives", (t) => {
  const folder = lab(t);
  for (const name of ["one", "two"]) {
    assert.equal(
      nomosRun(folder, "bundle", "net/a.scenario.ts", "--asset", "net/assets", "--to", `${name}.scenario.tgz`).status,
      0,
    );
  }
  const [one, two] = ["one", "two"].map((name) => readFileSync(join(folder, `${name}.scenario.tgz`))) as [
    Buffer,
    Buffer,
  ];
  assert.ok(one.equals(two));
});

test("what can't be packed or unpacked is refused", (t) => {
  const folder = lab(t);
  writeFileSync(join(folder, "old.scenario.tgz"), "mine");
  writeFileSync(join(folder, "empty.scenario.ts"), "export const x = 1;");
  for (const [args, status, message] of [
    [
      ["bundle", "net/a.scenario.ts", "--asset", "nothing"],
      64,
      /NR-CLI-VALUE: --asset can't be "nothing": it isn't there/,
    ],
    [["bundle", "net/a.scenario.ts", "--to", "a.tgz"], 64, /NR-CLI-VALUE: --to can't be "a\.tgz"/],
    [["bundle", "net/a.scenario.ts", "--to", "old.scenario.tgz"], 64, /NR-CLI-VALUE: old\.scenario\.tgz exists/],
    [["bundle", "empty.scenario.ts"], 64, /NR-HOST-SCENARIO-EXPORT/],
    [["plan", "old.scenario.tgz"], 3, /NR-HOST-ARCHIVE/],
    [["plan", "absent.scenario.tgz"], 64, /NR-HOST-SCENARIO-FILE: there is no file absent\.scenario\.tgz/],
  ] as const) {
    const result = nomosRun(folder, ...args);
    assert.match(result.stderr, message);
    assert.equal(result.status, status);
  }
  spawnSync("tar", ["-czf", "other.scenario.tgz", "net"], { cwd: folder });
  assert.match(nomosRun(folder, "plan", "other.scenario.tgz").stderr, /NR-HOST-BUNDLE: .* is no packed scenario/);
  const path = { v: 1, scenario: "../../../x.ts", files: { "../../../x.ts": "0".repeat(64) } };
  for (const manifest of ["{", "null", "{}", JSON.stringify(path)]) {
    writeFileSync(join(folder, "nomos-bundle.json"), manifest);
    spawnSync("tar", ["-czf", "other.scenario.tgz", "nomos-bundle.json"], { cwd: folder });
    assert.match(
      nomosRun(folder, "plan", "other.scenario.tgz").stderr,
      /NR-HOST-BUNDLE: .* is no packed scenario/,
      manifest,
    );
  }
  assert.deepEqual(readdirSync(join(folder, "home/.cache/nomos-run/bundles")), []);
  assert.equal(readFileSync(join(folder, "old.scenario.tgz"), "utf8"), "mine");
  assert.ok(!existsSync(join(folder, "a.scenario.tgz")));
});
