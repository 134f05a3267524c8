import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { nomosRun, scenario, scratch } from "../support/program.ts";

const OTHER = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal, address }) => family === "IPv4" && !internal && !address.startsWith("198.19."))?.address;

test("COMPOSE_RUNNER_HOST says where published ports are reached", {
  skip: OTHER === undefined ? "this machine has no other address than its own" : false,
}, async (t) => {
  const cwd = scratch(t);
  const env = { COMPOSE_RUNNER_HOST: OTHER ?? "" };
  const args = [scenario("smoke"), "--deployer", "compose", "--profile", "fast", "--out", join(cwd, "runs"), "--json"];
  const up = await nomosRun(t, ["up", ...args], { cwd, env });
  try {
    assert.equal(up.code, 0, up.stderr);
    const { run: runId, nodes } = JSON.parse(up.stdout);
    const answer = await fetch(`${nodes[0].api}/cryptarchia/info`);
    assert.equal(answer.status, 200);
    assert.equal(new URL(nodes[0].api).hostname, OTHER);
    const ids = execFileSync("docker", ["ps", "-q", "--filter", `label=nomos-run.run=${runId}`], { encoding: "utf8" });
    const [id = ""] = ids.trim().split("\n");
    const format = '{{(index (index .HostConfig.PortBindings "18080/tcp") 0).HostIp}}';
    assert.equal(execFileSync("docker", ["inspect", id, "-f", format], { encoding: "utf8" }), "0.0.0.0\n");
  } finally {
    await nomosRun(t, ["down", "latest", "--out", join(cwd, "runs")], { cwd });
  }
});
