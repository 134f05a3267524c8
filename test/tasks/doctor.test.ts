import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { Diagnosis } from "../../lib/tasks/doctor/doctor.ts";
import { scratch } from "../support/program.ts";
import { runProgram } from "./support/program.ts";

/** A PATH with these programs alone: shell scripts. */
function prepare(t: TestContext, tools: Readonly<Record<string, string>> = {}) {
  const cwd = scratch(t);
  const bin = join(cwd, "bin");
  mkdirSync(bin);
  for (const name of ["sh", "sleep"]) symlinkSync(`/bin/${name}`, join(bin, name));
  for (const [name, script] of Object.entries(tools)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const started = performance.now();
    const ended = await runProgram(t, ["doctor", ...args], { cwd, env: { PATH: bin, ...env } });
    return { ...ended, ms: performance.now() - started };
  };
  const diagnose = async (backend: string, env: Readonly<Record<string, string>> = {}) => {
    const { code, stdout, ms } = await run([backend, "--json"], env);
    const { canRun, diagnoses } = JSON.parse(stdout) as { canRun: boolean; diagnoses: Diagnosis[] };
    const finding = (what: string) =>
      diagnoses.find(({ of }) => of === backend)?.findings.find((each) => each.what === what);
    return { code, canRun, finding, ms, diagnoses };
  };
  return { cwd, run, diagnose };
}

test("a machine without tools can run local processes, and every prerequisite is on one screen", async (t) => {
  const { run, cwd } = prepare(t);
  const { code, stdout, stderr } = await run([], { DOCKER_HOST: `unix://${cwd}/none.sock`, KUBECONFIG: `${cwd}/none` });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^local {2}can run$/m);
  assert.match(
    stdout,
    /^ {2}x Docker Engine +no Docker Engine answers at unix:\S+none\.sock .*no such socket\n +mend: sudo apt-get install docker\.io$/m,
  );
  assert.match(stdout, /^ {2}x kubeconfig +there is no \S+none\n +mend: export KUBECONFIG=FILE$/m);
  assert.match(stdout, /^ {2}- circuits +there is no .*\n +mend: nomos-run task setup-circuits$/m);
  assert.match(stdout, /^ {2}- cargo +not on the PATH/m);
  assert.ok(stdout.split("\n").length < 60, "one screen");
});

test("what the open files limit and the file system say is believed over us", async (t) => {
  const { diagnose } = prepare(t);
  const { finding } = await diagnose("local");
  const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  assert.equal(finding("open files")?.detail, `up to ${limit}`);
  assert.equal(finding("loopback")?.found, true);
});

test("engines and tools that hang are given up within seconds, and nothing of them is left", async (t) => {
  const { cwd, diagnose } = prepare(t, {
    docker: "trap '' TERM INT; sleep 97 & sleep 97",
    kubectl: "trap '' TERM INT; sleep 97 & sleep 97",
    cargo: "sleep 97",
  });
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(join(cwd, "docker.sock"), resolve));
  t.after(() => silent.close());
  const { code, canRun, finding, ms } = await diagnose("compose", { DOCKER_HOST: `unix://${cwd}/docker.sock` });
  assert.deepEqual([code, canRun], [3, false]);
  assert.match(finding("Docker Engine")?.detail ?? "", /docker\.sock took longer than 3s/);
  assert.equal(finding("Docker Engine")?.mend, "sudo systemctl restart docker");
  assert.match(finding("docker command")?.detail ?? "", /doesn't end/);
  assert.ok(ms < 8_000, `${ms} ms`);
  const left = readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(`PATH=${cwd}/bin`);
    } catch {
      // Gone, or not ours to look at.
      return false;
    }
  });
  assert.deepEqual(left, []);
});

test("what an engine and a cluster answer is shown with their versions", async (t) => {
  const { cwd, diagnose } = prepare(t, {
    docker: "echo Docker version 27.3.1, build abc",
    kubectl: `case "$*" in
      "auth can-i"*) echo yes;;
      *--client*) echo '{"clientVersion":{"gitVersion":"v1.31.0"}}';;
      *) echo '{"clientVersion":{"gitVersion":"v1.31.0"},"serverVersion":{"gitVersion":"v1.30.2"}}';;
    esac`,
  });
  const answers = { Version: "27.3.1", ApiVersion: "1.40", Arch: "amd64" };
  const engine = createHttpServer((_, response) => response.end(JSON.stringify(answers)));
  await new Promise<void>((resolve) => engine.listen(join(cwd, "docker.sock"), resolve));
  t.after(() => engine.close());
  writeFileSync(join(cwd, "config"), "");
  const env = { DOCKER_HOST: `unix://${cwd}/docker.sock`, KUBECONFIG: join(cwd, "config") };
  const old = await diagnose("compose", env);
  assert.match(
    old.finding("Docker Engine")?.detail ?? "",
    /27\.3\.1 at .* speaks API 1\.40, and 1\.41 to 1\.47 is needed/,
  );
  answers.ApiVersion = "1.47";
  const now = await diagnose("compose", env);
  assert.deepEqual([now.finding("Docker Engine")?.found, now.finding("docker command")?.found], [true, true]);
  const cluster = now.diagnoses.find(({ of }) => of === "kubernetes")?.findings ?? [];
  const seen = cluster.filter(({ what }) => what !== "backend").map(({ what, found, detail }) => [what, found, detail]);
  assert.deepEqual(seen, [
    ["kubeconfig", true, join(cwd, "config")],
    ["kubectl", true, "v1.31.0"],
    ["cluster", true, "v1.30.2"],
    ["namespaces", true, "may be made"],
  ]);
});

test("a backend that there is not is refused", async (t) => {
  const { run } = prepare(t);
  const { code, stderr } = await run(["composer"]);
  assert.equal(code, 64);
  assert.match(
    stderr,
    /^error NR-CLI-ARGUMENT: there is no backend "composer" to look at\n {2}The nearest is compose\./,
  );
});

test("doctor and clean are tasks too", async (t) => {
  const { cwd } = prepare(t);
  const env = { PATH: join(cwd, "bin"), DOCKER_HOST: `unix://${cwd}/none.sock` };
  const fine = await runProgram(t, ["task", "doctor"], { cwd, env });
  assert.equal(fine.code, 0, fine.stderr);
  const lacking = await runProgram(t, ["task", "doctor", "backend=compose"], { cwd, env });
  assert.match(
    lacking.stderr,
    /^error NR-TASK-FAILED: compose can't run here: Docker Engine: no Docker Engine answers at \S+none\.sock/,
  );
  const dry = await runProgram(t, ["task", "clean", "--dry-run"], { cwd, env });
  assert.match(dry.stdout, /^clean would run: .*\n {2}remove processes, containers and networks of leftovers\n/);
});
