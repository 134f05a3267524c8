import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";
import { EXECUTABLE, latestRun, readReport, scenario, scratch } from "../support/program.ts";

/** Runs the executable with its standard output on a disk that is full. */
function onFullDisk(t: TestContext, args: readonly string[]) {
  const cwd = scratch(t);
  const full = openSync("/dev/full", "w");
  t.after(() => closeSync(full));
  const { status, stderr } = spawnSync(EXECUTABLE, args, { cwd, stdio: ["ignore", full, "pipe"], encoding: "utf8" });
  return { cwd, status, stderr };
}

const TOLD =
  /error NR-HOST-DISK-FULL: the disk is full: the standard output can't be written \(ENOSPC\)\n {2}Free some space, or name another place\.\n$/;

describe("what can't be written to the standard output", {
  skip: !existsSync("/dev/full") && "has no /dev/full",
}, () => {
  for (const args of [["list"], ["plan", scenario("smoke")], ["--help"]]) {
    it(`is an error of ${args[0]}, and no fault of nomos-run`, (t) => {
      const { status, stderr } = onFullDisk(t, args);
      assert.match(stderr, TOLD);
      assert.equal(status, 3);
    });
  }

  it("is lost, and the run goes on", (t) => {
    const { cwd, status, stderr } = onFullDisk(t, ["run", scenario("smoke"), "--deployer", "sim"]);
    assert.match(stderr, TOLD);
    assert.equal(status, 3);
    assert.equal(readReport(latestRun(cwd)).verdict, "passed");
  });
});
