import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { nomosRun } from "../support/program.ts";
import { ODD_FILES } from "./odd/files.ts";
import { LINE_ROWS } from "./odd/line-rows.ts";
import { SCENARIO_ROWS } from "./odd/scenario-rows.ts";

/** Processes of this machine with this text in their environment. */
function processesOf(mark: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
      } catch {
        // It ended between the listing and the look, or is somebody else's.
        return false;
      }
    });
}

describe("odd inputs are refused in full, and nothing is started", { concurrency: 4 }, () => {
  let folder = "";
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "nomos-run-odd-")));
    for (const name of ["locked", "home"]) mkdirSync(join(folder, name));
    for (const [name, text] of Object.entries(ODD_FILES)) writeFileSync(join(folder, name), text);
  });
  after(() => {
    assert.deepEqual(processesOf(folder), [], "a process was left");
    rmSync(folder, { recursive: true });
  });

  for (const { what, line, env, says, code: status = 64 } of [...SCENARIO_ROWS, ...LINE_ROWS]) {
    it(what, async (t) => {
      const { code, stdout, stderr } = await nomosRun(t, line.split(" "), {
        cwd: folder,
        env: { ...env, HOME: join(folder, "home") },
      });
      assert.equal(stderr.replaceAll(folder, "DIR").trimEnd(), says);
      assert.deepEqual([code, stdout], [status, ""]);
      assert.deepEqual(readdirSync(folder).toSorted(), [...Object.keys(ODD_FILES), "home", "locked"].toSorted());
    });
  }
});
