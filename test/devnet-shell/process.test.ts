import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { DatabaseSync } from "node:sqlite";
import test from "node:test";
import { boot, hasPeers, layOut, reaches, type TestNode, until } from "./network.ts";

test("SIGTERM closes cleanly within a second, at work and at rest", async (t) => {
  const network = await layOut(t, { validators: 2 });
  await boot(network);
  const [node, other] = network.nodes as [TestNode, TestNode];
  await reaches(node, 2);
  const from = performance.now();
  assert.deepEqual(await node.end("SIGTERM"), { code: 0, signal: null });
  const took = performance.now() - from;
  assert.ok(took < 1_000, `${Math.round(took)} ms`);
  assert.equal(node.err, "");
  assert.match(node.out.trim().split("\n").at(-1) ?? "", / INFO nomos_node: stopping$/);
  await hasPeers(other, 0);

  node.start();
  await node.answers();
  await hasPeers(node, 1);
  await hasPeers(other, 1);
});

test("the log has tracing-subscriber's format, one line an event", async (t) => {
  const network = await layOut(t, { validators: 1 });
  const [node] = network.nodes as [TestNode];
  node.start();
  await node.answers();
  await reaches(node, 1);
  await node.end("SIGTERM");
  const lines = node.out.trimEnd().split("\n");
  for (const line of lines) {
    assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (DEBUG| INFO| WARN|ERROR) [\w:]+: \S/);
  }
  assert.ok(lines.some((line) => / INFO cryptarchia::service: proposed block with id 0x[0-9a-f]{64} /.test(line)));
});

test("a port that is taken: exit code 3 and one line that names it", async (t) => {
  for (const [port, what] of [
    ["apiPort", "HTTP API"],
    ["testingPort", "testing API"],
    ["peerPort", "peers"],
  ] as const) {
    const network = await layOut(t, { validators: 1 });
    const [node] = network.nodes as [TestNode];
    const squatter = createServer().listen(node.bound[port], node.bound.host);
    t.after(() => squatter.close());
    await new Promise((resolve) => squatter.once("listening", resolve));
    node.start();
    assert.deepEqual(await node.ended(), { code: 3, signal: null });
    assert.equal(
      node.err,
      `NR-NODE-PORT can't listen at ${node.bound.host}:${node.bound[port]} (${what}): another process listens there\n`,
    );
  }
});

test("a configuration that can't be used: exit code 64, the field and the fault", async (t) => {
  const network = await layOut(t, { validators: 2 });
  const [node] = network.nodes as [TestNode];
  const spoil = async (change: (config: Record<string, unknown>) => unknown, said: string | RegExp) => {
    let original = {};
    await node.configure((config) => {
      original = config;
      return change(structuredClone(config));
    });
    node.err = "";
    node.start();
    assert.deepEqual(await node.ended(), { code: 64, signal: null });
    if (typeof said === "string") assert.equal(node.err, `NR-NODE-CONFIG ${said}\n`);
    else assert.match(node.err, said);
    await node.configure(() => original);
  };
  await spoil(
    ({ name: _name, ...rest }) => rest,
    'node.json: name: Invalid key: Expected "name" but received undefined',
  );
  await spoil((config) => ({ ...config, nmae: 1 }), 'node.json: nmae: Invalid key: Expected never but received "nmae"');
  await spoil(
    (config) => ({ ...config, consensus: { ...(config.consensus as object), k: 0 } }),
    "node.json: consensus.k: Invalid value: Expected >=1 but received 0",
  );
  await spoil(
    (config) => ({ ...config, genesisId: "0".repeat(64) }),
    /^NR-NODE-CONFIG genesisId: the file says 0+, its/,
  );
  await spoil(
    (config) => ({ ...config, peers: { ...(config.peers as object), neighbours: ["validator-7"] } }),
    "node.json: peers.nodes: has no address for validator-7",
  );
  await writeFile(`${node.folder}/node.json`, "{ this is no JSON");
  node.err = "";
  node.start();
  assert.deepEqual(await node.ended(), { code: 64, signal: null });
  assert.match(node.err, /^NR-NODE-CONFIG node\.json: not JSON: /);
});

test("a state that is not the node's own: exit code 70, nothing of it changed", async (t) => {
  const network = await layOut(t, { validators: 2 });
  const [node, other] = network.nodes as [TestNode, TestNode];
  node.start();
  await node.answers();
  await reaches(node, 1);
  await node.end("SIGTERM");
  const refused = async (said: RegExp) => {
    node.err = "";
    node.start();
    assert.deepEqual(await node.ended(), { code: 70, signal: null });
    assert.match(node.err, said);
    assert.match(node.err, /^NR-NODE-STORE can't use \S+\/state\/node\.db: /);
  };
  const change = (sql: string) => {
    const database = new DatabaseSync(node.store);
    database.exec(sql);
    database.close();
  };

  change("PRAGMA user_version = 99");
  await refused(/it has schema 99, this build reads 1$/m);
  change("PRAGMA user_version = 1; PRAGMA application_id = 7");
  await refused(/it is an SQLite file of another program$/m);
  change("PRAGMA application_id = 0x4e52756e; UPDATE owner SET name = 'validator-1'");
  await refused(/it is the state of validator-1, not of validator-0$/m);
  change("UPDATE owner SET name = 'validator-0', genesis = zeroblob(32)");
  await refused(/it is of the network with genesis 0{64}, not [0-9a-f]{64}$/m);
  await rm(node.store);
  await writeFile(
    node.store,
    "this is no database, but it is long enough to be looked at as one, byte by byte ".repeat(9),
  );
  await refused(/file is not a database$/m);

  assert.equal(other.out, "", "the other node was never started");
  await rm(`${node.folder}/state`, { recursive: true });
  node.start();
  await node.answers();
});

test("a fault of the node's own ends it with its error, not with silence", async (t) => {
  const network = await layOut(t, { validators: 1 });
  const [node] = network.nodes as [TestNode];
  node.start();
  await node.answers();
  await reaches(node, 1);
  const database = new DatabaseSync(node.store);
  database.exec("PRAGMA busy_timeout = 5000; DROP TABLE blocks");
  database.close();
  assert.deepEqual(await node.ended(), { code: 70, signal: null });
  assert.match(node.err, /no such table: .*blocks/);
});

test("its time is the wall clock plus its offset", async (t) => {
  const network = await layOut(t, { validators: 2, chainStartsIn: 60_000 });
  const [early, late] = network.nodes as [TestNode, TestNode];
  await early.configure((config) => ({ ...config, clockOffsetMs: 60_000 }));
  await boot(network);
  await reaches(early, 1);
  await until("the other's time", async () => {
    const slot = /^consensus_current_slot (\d+)$/m.exec(await late.client.metrics())?.[1];
    return slot === "0" ? { done: true, value: undefined } : { done: false, seen: `slot ${slot}` };
  });
});
