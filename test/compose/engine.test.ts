import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { CodedError } from "../../lib/core/errors.ts";
import { engineAddress, engineHost } from "../../lib/host/docker/address.ts";
import { agreedApi, connectEngine } from "../../lib/host/docker/engine.ts";
import { systemClock } from "../../lib/host/system-clock.ts";

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "nomos-run-engine-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function coded(code: string, text: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof CodedError, String(error));
    assert.deepEqual([error.code, text.test(error.message)], [code, true], error.message);
    return true;
  };
}

/** How long something took to be refused, ms. */
async function refusal(work: Promise<unknown>, code: string, text: RegExp): Promise<number> {
  const began = performance.now();
  await assert.rejects(work, coded(code, text));
  return performance.now() - began;
}

test("the engine of this machine says who it is", async () => {
  const engine = await connectEngine(engineAddress({}), systemClock);
  assert.match(engine.version, /^\d+\.\d+/);
  const info = await engine.does("ask for its state", (docker) => docker.info());
  assert.equal(typeof info.Containers, "number");
});

test("an engine that is absent, silent or closed to us is told apart, all but the silent one within a second", async (t) => {
  const folder = folderOf(t);
  const at = (name: string) => connectEngine(engineAddress({ DOCKER_HOST: `unix://${folder}/${name}` }), systemClock);
  const tcp = connectEngine(engineAddress({ DOCKER_HOST: "tcp://127.0.0.1:1" }), systemClock);
  assert.ok(
    (await refusal(tcp, "NR-DOCKER-ABSENT", /tcp:\/\/127\.0\.0\.1:1 \(from DOCKER_HOST\): .*ECONNREFUSED/)) < 1_000,
  );
  assert.ok((await refusal(at("none"), "NR-DOCKER-ABSENT", /there is no such socket/)) < 1_000);
  const silent = createServer().listen(join(folder, "silent"));
  t.after(() => silent.close());
  const connections = new Set<{ destroy(): unknown }>();
  silent.on("connection", (socket) => connections.add(socket));
  assert.ok((await refusal(at("silent"), "NR-DOCKER-SILENT", /took longer than 3s/)) < 5_000);
  for (const socket of connections) socket.destroy();
});

test("what an engine refuses has a code for what to do about it", async () => {
  const engine = await connectEngine(engineAddress({}), systemClock);
  const missing = engine.does("create a container", (docker) => docker.createContainer({ Image: "nomos-run-none:1" }));
  assert.ok(
    (await refusal(missing, "NR-DOCKER-IMAGE", /^can't create a container: No such image: nomos-run-none:1/)) < 1_000,
  );
  const own = { Name: "nomos-run-engine-test", IPAM: { Config: [{ Subnet: "198.18.240.0/24" }] } };
  const network = await engine.does("create a network", (docker) => docker.createNetwork(own));
  try {
    const again = engine.does("create a network", (docker) => docker.createNetwork({ ...own, Name: `${own.Name}-2` }));
    await refusal(again, "NR-DOCKER-SUBNET", /Pool overlaps/);
  } finally {
    await network.remove();
  }
});

test("contexts and variables name the engine as they do for Docker's own client", (t) => {
  const folder = folderOf(t);
  const id = createHash("sha256").update("far").digest("hex");
  mkdirSync(join(folder, "contexts/meta", id), { recursive: true });
  const meta = { Name: "far", Endpoints: { docker: { Host: "ssh://tester@far.example:2222" } } };
  writeFileSync(join(folder, "contexts/meta", id, "meta.json"), JSON.stringify(meta));
  writeFileSync(join(folder, "config.json"), JSON.stringify({ currentContext: "far" }));
  const far = engineAddress({ DOCKER_CONFIG: folder });
  assert.deepEqual(
    [far.url, far.from, engineHost(far)],
    ["ssh://tester@far.example:2222", "context far", "far.example"],
  );
  assert.match(engineAddress({ DOCKER_CONFIG: folder, DOCKER_CONTEXT: "default" }).url, /^unix:/);
  const host = engineAddress({ DOCKER_CONFIG: folder, DOCKER_HOST: "tcp://10.0.0.5:2376" });
  assert.deepEqual([host.from, engineHost(host), host.certificates !== undefined], ["DOCKER_HOST", "10.0.0.5", true]);
  assert.throws(
    () => engineAddress({ DOCKER_CONFIG: folder, DOCKER_CONTEXT: "near" }),
    coded("NR-DOCKER-ADDRESS", /there is no Docker context "near"/),
  );
  assert.throws(() => engineAddress({ DOCKER_HOST: "10.0.0.5" }), coded("NR-DOCKER-ADDRESS", /DOCKER_HOST says/));
});

test("the API version is the newest that both sides speak", () => {
  assert.equal(agreedApi("1.41", "1.12"), "1.41");
  assert.equal(agreedApi("1.52", "1.44"), "1.47");
  assert.equal(agreedApi("1.40", "1.12"), null);
  assert.equal(agreedApi("1.60", "1.50"), null);
});
