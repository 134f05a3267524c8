import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import test from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { connectEngine } from "../../lib/host/docker/engine.ts";
import { kernelCan } from "../../lib/host/docker/packet-filter-kernel.ts";
import { sweepEngine } from "../../lib/host/docker/sweep.ts";
import { toolsImage } from "../../lib/host/docker/tools-image.ts";
import { runTools } from "../../lib/host/docker/tools-run.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { toolsLeft } from "./filter-network.ts";

const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();

test("the tools' image has iptables, tc and what they need, and the second time it is there", async (t) => {
  const engine = await connectEngine(engineAddress({}), systemClock);
  await toolsImage(engine, { clock: systemClock });
  const { name, skipped } = await toolsImage(engine, { clock: systemClock });
  assert.equal(skipped, true);
  assert.match(name, /^nomos-run-tools:[0-9a-f]{12}$/);
  const container = docker("create", name);
  t.after(() => docker("rm", container));
  const listed = execFileSync("sh", ["-c", `docker export ${container} | tar t`], { encoding: "utf8" }).split("\n");
  for (const path of ["bin/sh", "usr/sbin/tc", "usr/lib/xtables/libxt_statistic.so"])
    assert.ok(listed.includes(path), path);
  assert.ok(listed.some((path) => /^usr\/sbin\/xtables-(nft|legacy)-multi$/.test(path)));
  const bytes = Number(docker("image", "inspect", "-f", "{{.Size}}", name));
  t.diagnostic(`${(bytes / 1e6).toFixed(1)} MB`);
  assert.ok(bytes < 20e6, `${bytes} bytes`);
});

test("the tools may administer the network that they are put into, and nothing else; nothing of them stays", async (t) => {
  const engine = await connectEngine(engineAddress({}), systemClock);
  const { name: image } = await toolsImage(engine, { clock: systemClock });
  const options = { runId: `tools-${process.pid}`, image, clock: systemClock };
  const script =
    'echo "$1"; while read -r line; do case $line in CapEff*) echo "$line" ;; esac; done < /proc/self/status; exit 3';
  const work = { network: "none", capabilities: ["NET_ADMIN"], script, args: ["two words"] };
  const { code, said } = await runTools(engine, options, work);
  assert.equal(code, 3);
  // CAP_NET_ADMIN is the twelfth.
  assert.equal(said, `two words\nCapEff:\t${(1 << 12).toString(16).padStart(16, "0")}\n`);
  await assert.rejects(runTools(engine, options, { ...work, network: "container:nomos-run-nobody" }), {
    code: "NR-DOCKER-REFUSED",
  });
  const kernel = await kernelCan(engine, options);
  assert.equal(kernel.cut, true);
  t.diagnostic(JSON.stringify(kernel));
  assert.equal(await kernelCan(engine, options), kernel, "it is asked once");
  assert.deepEqual(await toolsLeft({ runId: options.runId }), []);
});

test("a container of the tools whose program was killed is found with what its run has", async (t) => {
  const runId = `tools-killed-${process.pid}`;
  const engine = await connectEngine(engineAddress({}), systemClock);
  t.after(() => sweepEngine(engine, { runId, clock: systemClock, graceMs: 0 }));
  const { name: image } = await toolsImage(engine, { clock: systemClock });
  const program = `
import { engineAddress } from "./lib/host/docker/address.ts";
import { connectEngine } from "./lib/host/docker/engine.ts";
import { runTools } from "./lib/host/docker/tools-run.ts";
import { systemClock } from "./lib/host/system-clock.ts";
const engine = await connectEngine(engineAddress({}), systemClock);
const work = { network: "none", capabilities: [], script: "while read -r line < /proc/uptime; do :; done", args: [] };
await runTools(engine, { runId: process.argv[1], image: process.argv[2], clock: systemClock }, work);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, runId, image], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "ignore", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  await waitFor({
    clock: systemClock,
    what: "the container of the tools",
    timeoutMs: 30_000,
    intervalMs: 50,
    look: async () => {
      const [there] = await toolsLeft({ runId });
      return there === undefined ? { done: false, seen: "none" } : { done: true, value: there };
    },
  });
  child.kill("SIGKILL");
  const { removed, left } = await sweepEngine(engine, { runId, clock: systemClock, graceMs: 0 });
  assert.deepEqual([removed.length, left.length], [1, 0]);
  assert.deepEqual(await toolsLeft({ runId }), []);
});
