import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import test from "node:test";
import { denoAlone, UNDER_DENO } from "../support/deno.ts";
import { latestRun, nomosRun, readReport, scenario, scratch } from "../support/program.ts";

test("a scenario runs in containers under Deno, and nothing is left", async (t) => {
  if (!existsSync("/var/run/docker.sock")) return t.skip("there is no Docker Engine");
  const cwd = scratch(t);
  const args = [scenario("smoke"), "--deployer", "compose", "--profile", "fast"];
  const { code, stdout, stderr } = await nomosRun(t, args, { cwd, env: denoAlone(cwd), program: UNDER_DENO });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const { runId } = readReport(latestRun(cwd));
  const left = execFileSync("docker", ["ps", "--all", "--quiet", "--filter", `label=nomos-run.run=${runId}`]);
  assert.equal(left.toString(), "");
});
