import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { connectEngine } from "../../lib/host/docker/engine.ts";
import { buildImage } from "../../lib/host/docker/image.ts";
import { rootFilesOf } from "../../lib/host/docker/root-files.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { EXECUTABLE, scratch } from "../support/program.ts";
import { runProgram } from "../tasks/support/program.ts";

const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" });

test("an image has the program, the libraries that ldd names, and no root", async (t) => {
  const engine = await connectEngine(engineAddress({}), systemClock);
  const files = await rootFilesOf({ file: process.execPath, path: "/usr/bin/node" }, systemClock);
  const wanted = { name: `nomos-run-test-${process.pid}`, files, command: ["/usr/bin/node"] };
  const made = await buildImage(engine, wanted);
  t.after(() => docker("image", "rm", "-f", made.name));
  assert.equal(made.skipped, false);
  assert.match(made.name, /:[0-9a-f]{12}$/);
  const script =
    "console.log(process.getuid(), process.cwd(), process.version); require('fs').writeFileSync('/tmp/x', '')";
  assert.equal(docker("run", "--rm", "--network=none", made.name, "-e", script), `65532 /node ${process.version}\n`);
  const again = await buildImage(engine, wanted);
  assert.deepEqual(again, { ...made, skipped: true });

  const container = docker("create", made.name).trim();
  t.after(() => docker("rm", container));
  const listed = execFileSync("sh", ["-c", `docker export ${container} | tar t`], { encoding: "utf8" }).split("\n");
  const libraries = execFileSync("ldd", [process.execPath], { encoding: "utf8" }).match(/\/\S+(?= \(0x)/g) ?? [];
  const own = listed.filter((path) => /^(usr|lib)/.test(path) && !path.endsWith("/"));
  assert.deepEqual(own.toSorted(), ["usr/bin/node", ...libraries.map((path) => path.slice(1))].toSorted());
});

test("build-image makes an image that is the program, and the second time finds it made", async (t) => {
  const tag = `nomos-run-test-${process.pid}:task`;
  t.after(() => docker("image", "rm", "-f", tag));
  const cwd = scratch(t);
  const first = await runProgram(t, ["task", "build-image", `tag=${tag}`], { cwd });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout + first.stderr, /is made: sha256:/);
  const second = await runProgram(t, ["task", "build-image", `tag=${tag}`], { cwd });
  assert.match(second.stdout + second.stderr, /was there: sha256:/);
  assert.equal(
    docker("run", "--rm", "--network=none", tag, "--version"),
    execFileSync(EXECUTABLE, ["--version"], { encoding: "utf8" }),
  );
});
