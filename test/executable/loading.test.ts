import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { describe, type TestContext } from "node:test";
import { assertPlanned, testLoading, writeFiles } from "../support/loading-cases.ts";
import { FEATURES, IMPORT, planNamed } from "../support/loading-table.ts";
import { EXECUTABLE, scratch } from "../support/program.ts";

const asRoot = process.getuid?.() === 0;
const ROOT_ONLY = { skip: asRoot ? false : "it takes root to mount and to be somebody else" };
/** A user without rights; Debian calls it nobody. */
const NOBODY = 65_534;

/** Needs esbuild, which the executable has to unpack first. */
const UNPACKING = `${IMPORT} enum Name { Good = "good" } export default ${planNamed("Name.Good")};`;

/** Runs the executable with a home of its own and nothing on its PATH. */
function plan(folder: string, written = "a.scenario.ts", options: { env?: Record<string, string>; uid?: number } = {}) {
  return spawnSync(EXECUTABLE, ["plan", written, "--json"], {
    cwd: folder,
    env: { HOME: join(folder, "home"), PATH: "/nowhere", ...options.env },
    encoding: "utf8",
    timeout: 60_000,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
}

testLoading("the executable", plan);

test("a stack trace has the author's lines, also where lines have moved", (t) => {
  const folder = scratch(t);
  const files = {
    "a.scenario.ts": `${IMPORT}\nimport { f } from "./b.ts";\nenum A {\n  B,\n}\n\nf(A.B);\n`,
    "b.ts": "export function f(n: number): never {\n\n  throw new RangeError(String(n));\n}\n",
  };
  writeFiles(folder, files);
  const { status, stderr } = spawnSync(EXECUTABLE, ["plan", "a.scenario.ts", "--debug"], {
    cwd: folder,
    env: { HOME: folder },
    encoding: "utf8",
  });
  assert.equal(status, 64);
  assert.match(stderr, /at f \(file:.*\/b\.ts:3:9\)/);
  assert.match(stderr, /at .*\/a\.scenario\.ts:7:1/);
});

test("what it unpacks is what it brought, in a folder that only the user can write to", (t) => {
  const folder = scratch(t);
  writeFiles(folder, { "a.scenario.ts": UNPACKING });
  assertPlanned(plan(folder));
  const cache = join(folder, "home/.cache/nomos-run");
  const unpacked = join(cache, "esbuild");
  const original = readFileSync(unpacked);
  assert.equal(statSync(cache).mode & 0o777, 0o700);
  assert.equal(statSync(unpacked).mode & 0o777, 0o700);
  const installed = `../../node_modules/@esbuild/${process.platform}-${process.arch}/bin/esbuild`;
  assert.ok(original.equals(readFileSync(join(import.meta.dirname, installed))));

  // What else came there is not run.
  writeFiles(folder, { "b.scenario.ts": UNPACKING, "c.scenario.ts": UNPACKING });
  writeFileSync(unpacked, `#!/bin/sh\ntouch '${folder}/was-run'\n`);
  assertPlanned(plan(folder, "b.scenario.ts"));
  assert.ok(readFileSync(unpacked).equals(original));
  assert.ok(!existsSync(join(folder, "was-run")));
  assert.deepEqual(readdirSync(cache).toSorted(), ["esbuild", "scenarios"]);
});

describe("a cache that others can write to is not used:", () => {
  const attacks: Record<string, (cache: string) => void> = {
    "its group may write": (cache) => chmodSync(cache, 0o770),
    "everybody may write": (cache) => chmodSync(cache, 0o707),
    "a folder above it may be replaced by anybody": (cache) => chmodSync(dirname(cache), 0o777),
    ...(asRoot
      ? {
          "it belongs to somebody else": (cache: string) => chownSync(cache, NOBODY, NOBODY),
          "somebody else can put a link in its place": (cache: string) => chownSync(dirname(cache), NOBODY, NOBODY),
        }
      : {}),
  };
  for (const [what, attack] of Object.entries(attacks)) {
    test(what, (t) => {
      const folder = scratch(t);
      const caches = join(folder, "caches");
      const cache = join(caches, "nomos-run");
      mkdirSync(cache, { recursive: true });
      attack(cache);
      writeFiles(folder, { "a.scenario.ts": UNPACKING });
      assertPlanned(plan(folder, "a.scenario.ts", { env: { XDG_CACHE_HOME: caches } }));
      assert.deepEqual(
        readdirSync(cache, { recursive: true }).filter((name) => name !== "scenarios"),
        [],
      );
    });
  }
});

test("a cache by way of a link of the user's own is used", (t) => {
  const folder = scratch(t);
  mkdirSync(join(folder, "disk"), { mode: 0o700 });
  symlinkSync(join(folder, "disk"), join(folder, "caches"));
  writeFiles(folder, { "a.scenario.ts": UNPACKING });
  assertPlanned(plan(folder, "a.scenario.ts", { env: { XDG_CACHE_HOME: join(folder, "caches") } }));
  assert.deepEqual(readdirSync(join(folder, "disk/nomos-run")).toSorted(), ["esbuild", "scenarios"]);
});

test("a link that waits where a file is written is not followed", (t) => {
  const folder = scratch(t);
  const victim = join(folder, "victim");
  writeFileSync(victim, "precious");
  const cache = join(folder, "home/.cache/nomos-run");
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  symlinkSync(victim, join(cache, "esbuild"));
  writeFiles(folder, { "a.scenario.ts": UNPACKING });
  assertPlanned(plan(folder));
  assert.equal(readFileSync(victim, "utf8"), "precious");
  assert.ok(lstatSync(join(cache, "esbuild")).isFile());
});

test("a home that can't be written to, or none at all", (t) => {
  const folder = scratch(t);
  writeFiles(folder, { "a.scenario.ts": UNPACKING });
  for (const env of [{ HOME: "/proc" }, { HOME: "/dev/null" }, { HOME: "" }, { HOME: "relative" }]) {
    assertPlanned(plan(folder, "a.scenario.ts", { env }));
  }
  assert.deepEqual(readdirSync(folder), ["a.scenario.ts"]);
});

test("a read-only home of a user without rights", ROOT_ONLY, (t) => {
  const folder = scratch(t);
  chmodSync(folder, 0o755);
  writeFiles(folder, { "a.scenario.ts": UNPACKING });
  mkdirSync(join(folder, "home"));
  assertPlanned(plan(folder, "a.scenario.ts", { uid: NOBODY }));
  assert.deepEqual(readdirSync(join(folder, "home")), []);
});

describe("where programs may not run", ROOT_ONLY, () => {
  /** A folder with a `home` and a `tmp` in file systems that let no program run. */
  const lab = (t: TestContext) => {
    const folder = mkdtempSync(join(tmpdir(), "nomos-run-test-"));
    const places = [join(folder, "home"), join(folder, "tmp")];
    t.after(() => {
      for (const place of places) spawnSync("umount", [place]);
      rmSync(folder, { recursive: true });
    });
    for (const place of places) {
      mkdirSync(place);
      const options = ["-t", "tmpfs", "-o", "noexec,mode=700", "tmpfs", place];
      const mounted = spawnSync("mount", options, { encoding: "utf8" });
      assert.equal(mounted.status, 0, mounted.stderr);
    }
    return { folder, noexec: { TMPDIR: join(folder, "tmp") } };
  };

  test("in the cache: the temporary folder is taken; in neither: Node's own compiler", (t) => {
    const { folder, noexec } = lab(t);
    writeFiles(folder, { "a.scenario.ts": UNPACKING, "b.scenario.ts": UNPACKING });
    assertPlanned(plan(folder));
    assertPlanned(plan(folder, "b.scenario.ts", { env: noexec }));
    assert.deepEqual(readdirSync(join(folder, "tmp")), []);
  });

  test("decorators are refused, with the places that were tried", (t) => {
    const { folder, noexec } = lab(t);
    writeFiles(folder, FEATURES["a decorator"] ?? {});
    const { status, stderr } = plan(folder, "a.scenario.ts", { env: noexec });
    assert.equal(status, 3);
    assert.match(stderr, /NR-HOST-SCENARIO-COMPILE: .*has decorators, and esbuild, which knows them, can't run/);
    assert.match(stderr, /home\/\.cache\/nomos-run\/esbuild: .*EACCES; .*tmp\/nomos-run-esbuild-.*EACCES/);
  });
});

for (const count of [2, 20]) {
  test(`${count} first starts at once`, async (t) => {
    const folder = scratch(t);
    writeFiles(folder, { "a.scenario.ts": UNPACKING });
    const start = () => {
      const child = spawn(EXECUTABLE, ["plan", "a.scenario.ts", "--json"], {
        cwd: folder,
        env: { HOME: join(folder, "home") },
        stdio: ["ignore", "pipe", "pipe"],
      });
      return Promise.all([text(child.stdout), text(child.stderr)]);
    };
    for (const [stdout, stderr] of await Promise.all(Array.from({ length: count }, start))) {
      assert.equal(stderr, "");
      assert.match(stdout, /"name": "good"/);
    }
    assert.deepEqual(readdirSync(join(folder, "home/.cache/nomos-run")).toSorted(), ["esbuild", "scenarios"]);
    assert.equal(readdirSync(join(folder, "home/.cache/nomos-run/scenarios")).length, 1);
  });
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += chunk.toString();
  return all;
}
