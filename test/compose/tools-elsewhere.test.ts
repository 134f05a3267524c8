import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { connectEngine } from "../../lib/host/docker/engine.ts";
import { toolsImage } from "../../lib/host/docker/tools-image.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { scratch } from "../support/program.ts";
import { startSecondEngine } from "./second-engine.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Where to load from; prints what came of it. */
const PROGRAM = `
import { engineAddress } from "./lib/host/docker/address.ts";
import { connectEngine } from "./lib/host/docker/engine.ts";
import { toolsImage } from "./lib/host/docker/tools-image.ts";
import { systemClock } from "./lib/host/system-clock.ts";
const engine = await connectEngine(engineAddress(process.env), systemClock);
const made = toolsImage(engine, { clock: systemClock });
console.log(JSON.stringify(await made.then(
  ({ name, skipped }) => ({ name, skipped }),
  ({ code, message, hint }) => ({ code, message, hint }),
)));
`;

/** The same on a machine that has none of the tools, with this folder for what is built. */
function withoutTools(url: string, dist: string): unknown {
  const script = `mount -t tmpfs none /usr/sbin && mount --bind "$1" ${ROOT}/dist && exec "$2" --input-type=module -e "$3"`;
  const args = ["-m", "sh", "-c", script, "sh", dist, process.execPath, PROGRAM];
  const { stdout, stderr } = spawnSync("unshare", args, {
    cwd: ROOT,
    env: { DOCKER_HOST: url, PATH: "/usr/bin:/bin" },
    encoding: "utf8",
  });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

const isRoot = process.getuid?.() === 0;

test("a machine without tools takes the image that is there, or its archive, or says what to do", {
  skip: !isRoot && "needs root",
}, async (t) => {
  const second = await startSecondEngine(t);
  const dist = scratch(t);
  const archive = `nomos-run-tools-image-linux-${process.arch}.tar`;
  const { url } = second.address;
  assert.deepEqual(withoutTools(url, dist), {
    code: "NR-DOCKER-TOOLS",
    message:
      "there is no image nomos-run-tools of the tools for faults, and none can be made: there is no tc on this machine",
    hint: `Load an image of that name with iptables and tc in it into the engine, or put its archive at ${ROOT}dist/${archive}; on Linux, installing iptables and iproute2 is enough.`,
  });
  const first = await connectEngine(engineAddress({}), systemClock);
  const { name } = await toolsImage(first, { clock: systemClock });
  execFileSync("docker", ["save", "-o", join(dist, archive), name]);
  assert.deepEqual(withoutTools(url, dist), { name, skipped: false });
  assert.deepEqual(withoutTools(url, scratch(t)), { name, skipped: true });
});
