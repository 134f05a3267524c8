import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { waitFor } from "../../lib/core/wait.ts";
import { reserveNetworks } from "../../lib/deployers/compose/reserve.ts";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { NodeContainer } from "../../lib/host/docker/container.ts";
import { connectEngine } from "../../lib/host/docker/engine.ts";
import { buildImage } from "../../lib/host/docker/image.ts";
import { projectOf } from "../../lib/host/docker/labels.ts";
import { rootFilesOf } from "../../lib/host/docker/root-files.ts";
import { sweepEngine } from "../../lib/host/docker/sweep.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { scratch } from "../support/program.ts";

const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();

/** What a server at a published port answers; null when none does. */
function answer(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const call = request({ host: "127.0.0.1", port, agent: false, timeout: 1_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("end", () => resolve(text));
    });
    call.once("timeout", () => call.destroy(new Error("no answer")));
    call.once("error", () => resolve(null)).end();
  });
}

test("a container is started, signalled, wiped and logged as a node is, at addresses that stay", async (t) => {
  const folder = scratch(t);
  const engine = await connectEngine(engineAddress({}), systemClock);
  const program = fileURLToPath(new URL("../backends/stand-in/node.ts", import.meta.url));
  const files = [
    ...(await rootFilesOf({ file: process.execPath, path: "/usr/bin/node" }, systemClock)),
    { path: "/stand-in/node.ts", mode: 0o644, content: { file: program } },
  ];
  const command = ["/usr/bin/node", "/stand-in/node.ts"];
  const { name: image } = await buildImage(engine, { name: "nomos-run-stand-in", files, command });
  const runId = `container-${process.pid}`;
  t.after(() => sweepEngine(engine, { runId, clock: systemClock, graceMs: 0 }));
  const run = { runId, names: ["validator-0"], inventory: { add: () => undefined } };
  const networks = await reserveNetworks(engine, run, new AbortController().signal);
  const bound = networks.nodes[0] ?? assert.fail();
  const ports = [bound.apiPort, bound.testingPort, bound.peerPort];
  const container = new NodeContainer(engine, {
    runId,
    bound,
    networks,
    image,
    args: ["config/node.json"],
    env: {},
    files: [{ path: "config/node.json", content: JSON.stringify({ host: "0.0.0.0", ports, stubborn: false }) }],
    state: ["starts"],
    memoryBytes: 256 * 2 ** 20,
    folder,
    logFile: join(folder, "log"),
  });
  const starts = () =>
    waitFor({
      clock: systemClock,
      what: "the container to answer",
      timeoutMs: 30_000,
      intervalMs: 50,
      look: async () => {
        const text = await answer(bound.reach?.apiPort ?? 0);
        return text === null ? { done: false, seen: "nothing" } : { done: true, value: Number(text) };
      },
    });

  await container.create();
  await container.furnish();
  assert.equal(await container.look(), null);
  const first = await container.start();
  assert.equal(await starts(), 1);
  const firstLook = (await container.look()) ?? assert.fail();
  assert.equal(firstLook.paused, false);
  const format = `{{(index .NetworkSettings.Networks "${networks.peers}").IPAddress}} {{.HostConfig.Memory}} {{.Config.User}}`;
  assert.equal(docker("inspect", container.name, "-f", format), `${bound.host} ${256 * 2 ** 20} 65532:65532`);
  const shown = docker(
    "ps",
    "--filter",
    `label=com.docker.compose.project=${projectOf(runId)}`,
    "--format",
    "{{.Names}}",
  );
  assert.equal(shown, container.name);

  assert.equal(await container.signal("SIGSTOP"), true);
  assert.equal((await container.look())?.paused, true);
  assert.equal(await answer(bound.reach?.apiPort ?? 0), null);
  assert.equal(await container.signal("SIGTERM"), true, "a paused one is woken for it");
  assert.deepEqual(await first.exited, { code: 0, signal: null });
  assert.equal(await container.signal("SIGTERM"), false);

  const second = await container.start();
  assert.equal(await starts(), 2, "its state is still there");
  assert.notEqual((await container.look())?.identity, firstLook.identity);
  await container.signal("SIGKILL");
  assert.deepEqual(await second.exited, { code: null, signal: "SIGKILL" });
  assert.equal(await container.hasState(), true);

  await container.remove();
  await container.create();
  await container.furnish();
  assert.equal(await container.hasState(), false);
  const third = await container.start();
  assert.equal(await starts(), 1);
  assert.equal(docker("inspect", container.name, "-f", format).split(" ")[0], bound.host);
  await container.signal("SIGTERM");
  await third.exited;
  assert.equal(
    readFileSync(join(folder, "log"), "utf8"),
    "start 1\nended in order\nstart 2\nstart 1\nended in order\n",
  );
});
