import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { after, before, describe } from "node:test";
import { CodedError } from "../../lib/core/errors.ts";
import { scenarioCompiler } from "../../lib/host/scenario-compiler.ts";
import { type LoadedScenario, loadScenario } from "../../lib/host/scenario-loader.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import * as api from "../../lib/index.ts";
import { FEATURES, type Files, IMPORT, planNamed, REFUSALS } from "../support/loading-table.ts";

let lab: string;
let cases = 0;
before(() => {
  lab = mkdtempSync(join(tmpdir(), "nomos-run-loader-"));
});
after(() => rmSync(lab, { recursive: true, force: true }));

/** Writes these files into a folder of their own. */
function write(files: Files): string {
  const folder = join(lab, `case-${cases++}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

function load(folder: string, written = "a.scenario.ts"): Promise<LoadedScenario> {
  return loadScenario({ written, folder, api, cacheFolder: null, clock: systemClock });
}

describe("a scenario file can have", () => {
  for (const [feature, files] of Object.entries(FEATURES)) {
    test(feature, async () => {
      const { plan, name } = await load(write(files));
      assert.equal(plan.document.name, "good");
      assert.equal(name, "default");
    });
  }
});

describe("refused with its reason:", () => {
  for (const [what, { files, written, ...wanted }] of Object.entries(REFUSALS)) {
    test(what, async () => {
      const folder = write(files);
      const inFolder = (text: string | undefined) => text?.replaceAll("FOLDER", folder).replaceAll("LAB", lab);
      await assert.rejects(load(folder, written), (error) => {
        assert.ok(error instanceof CodedError, String(error));
        assert.deepEqual(
          { code: error.code, message: error.message, at: error.at, excerpt: error.excerpt, hint: error.hint },
          {
            code: wanted.code,
            message: wanted.message,
            at: inFolder(wanted.at),
            excerpt: wanted.excerpt,
            hint: inFolder(wanted.hint),
          },
        );
        return true;
      });
    });
  }
});

test("a coded error of ours that building a plan throws comes through as it is, with the user's line", async () => {
  const folder = write({
    "a.scenario.ts": `${IMPORT}\n\nexport default scenario("x")\n  .withRunDuration("ninety" as never)\n  .topologyWith((t) => t.networkStar().validators(3))\n  .build();\n`,
  });
  await assert.rejects(load(folder), (error) => {
    assert.ok(error instanceof CodedError);
    assert.notEqual(error.code, "NR-HOST-SCENARIO-THREW");
    assert.match(error.message, new RegExp(`${folder}/a\\.scenario\\.ts:4`));
    return true;
  });
});

test("lines are the author's also in a file that had to be compiled", async () => {
  const folder = write({
    "a.scenario.ts": `${IMPORT}\nenum N {\n  A,\n  B,\n}\nexport default scenario(N[0])\n  .withRunDuration("x" as never)\n  .build();\n`,
  });
  await assert.rejects(load(folder), (error) => {
    assert.ok(error instanceof CodedError);
    assert.match(error.message, new RegExp(`${folder}/a\\.scenario\\.ts:7`));
    return true;
  });
});

test("FILE#NAME chooses another export", async () => {
  const folder = write({
    "a.scenario.ts": `${IMPORT} export default ${planNamed('"one"')}; export const late = ${planNamed('"two"')};`,
  });
  const { plan, name } = await load(folder, "a.scenario.ts#late");
  assert.deepEqual([plan.document.name, name], ["two", "late"]);
});

test("the digest is that of the file and all that it imports, wherever they lie", async () => {
  const files = {
    "a.scenario.ts": `${IMPORT} import { name } from "./b.ts"; export default ${planNamed("name")};`,
    "b.ts": 'export const name: string = "x";',
  };
  const one = await load(write(files));
  const moved = await load(write(files));
  const changed = await load(write({ ...files, "b.ts": 'export const name: string = "y";' }));
  assert.match(one.digest, /^sha256:[0-9a-f]{64}$/);
  assert.equal(moved.digest, one.digest);
  assert.notEqual(changed.digest, one.digest);
});

test("compiled files are kept by path and content, and a cache that can't be written to is no error", () => {
  const folder = join(lab, "cache");
  const compile = (source: string) => scenarioCompiler(folder).compile("/some/a.scenario.ts", source);
  const code = compile("const a: number = 1;");
  const [name = ""] = readdirSync(join(folder, "scenarios"));
  writeFileSync(join(folder, "scenarios", name), "kept");
  assert.equal(compile("const a: number = 1;"), "kept");
  assert.notEqual(compile("const a: number = 2;"), "kept");
  assert.equal(readdirSync(join(folder, "scenarios")).length, 2);

  const file = join(lab, "file");
  writeFileSync(file, "");
  assert.equal(scenarioCompiler(file).compile("/some/a.scenario.ts", "const a: number = 1;"), code);
});

test("a file that never finishes loading is refused at the deadline", async () => {
  const folder = write({ "a.scenario.ts": "await new Promise(() => {});" });
  const hurried = { now: systemClock.now, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(200, signal) };
  await assert.rejects(
    loadScenario({ written: "a.scenario.ts", folder, api, cacheFolder: null, clock: hurried }),
    (error) => {
      assert.ok(error instanceof CodedError);
      assert.deepEqual(
        { code: error.code, message: error.message },
        { code: "NR-HOST-SCENARIO-STUCK", message: "loading a.scenario.ts took longer than 60s" },
      );
      return true;
    },
  );
});
