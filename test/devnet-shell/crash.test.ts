import assert from "node:assert/strict";
import { watch } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test from "node:test";
import { decodeBlock } from "../../lib/chain/binary.ts";
import type { Block } from "../../lib/chain/types.ts";
import { bytesToHex } from "../../lib/core/bytes.ts";
import { must } from "../../lib/core/errors.ts";
import { randomStream } from "../../lib/core/random.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { boot, layOut, reaches, type TestNode } from "./network.ts";

const KILLS = 50;

/**
 * A node with short slots is killed, every second time at the first sign of a write, else at random; its store must be
 * whole every time, its finality must never go back, and no two of its blocks may be of one slot, not even one that only
 * its peer has seen.
 */
test(`kill -9 in mid-write ${KILLS} times, then a restart with the network cut`, async (t) => {
  const network = await layOut(t, { validators: 2, slotMs: 150, k: 5 });
  const [victim, witness] = network.nodes as [TestNode, TestNode];
  await boot(network);
  const random = randomStream("crash", "moments");

  let final: FinalBlock = { id: network.genesis.id, height: 0 };
  for (let kill = 0; kill < KILLS; kill++) {
    if (kill % 2 === 0) await systemClock.sleep(random.int(0, 100));
    else await nextWrite(victim);
    await victim.end("SIGKILL");
    final = finalAfter(victim, final);
    victim.start();
    // Most kills hit a node that makes blocks, some one that is still starting.
    if (kill % 10 !== 9) await victim.answers();
  }
  await victim.end("SIGKILL");
  final = finalAfter(victim, final);
  assert.ok(final.height > 0, "blocks became final in between");

  await victim.configure((config) => {
    const peers = config.peers as { nodes: { name: string }[] };
    const links = Object.fromEntries(peers.nodes.map(({ name }) => [name, { blocked: true }]));
    return { ...config, peers: { ...peers, links } };
  });
  victim.start();
  await victim.answers();
  const first = await victim.client.info();
  assert.equal((await victim.client.networkInfo()).peers, 0);
  await reaches(victim, first.height + 2);
  await victim.end("SIGTERM");
  finalAfter(victim, final);
  await witness.end("SIGTERM");
  assertOneBlockASlot([...blocksOf(victim), ...blocksOf(witness)]);
  assert.deepEqual([victim.err, witness.err], ["", ""]);
});

interface FinalBlock {
  readonly id: string;
  readonly height: number;
}

/** Resolves as soon as the kernel tells of a write to the log, which is then seldom the transaction's last. */
async function nextWrite(node: TestNode): Promise<void> {
  for await (const { filename } of watch(dirname(node.store))) {
    if (filename?.endsWith("-wal")) return;
  }
}

/** The LIB in a dead node's store, which is whole and has the earlier LIB among the LIB's ancestors. */
function finalAfter(node: TestNode, before: FinalBlock): FinalBlock {
  return withStore(node, (rows) => {
    assert.equal(rows("PRAGMA integrity_check")[0]?.integrity_check, "ok");
    const [chain] = rows("SELECT lib FROM chain");
    const lib = chain ? bytesToHex(chain.lib as Uint8Array) : before.id;
    const [{ height } = { height: 0 }] = rows(`SELECT height FROM blocks WHERE id = x'${lib}'`);
    assert.ok(Number(height) >= before.height, `LIB at height ${before.height}, then at ${height}`);
    const since = rows(`SELECT bytes FROM blocks WHERE height > ${before.height}`).map(decodeRow);
    const byId = new Map(since.map((block) => [block.id, block]));
    let ancestor = lib;
    for (let i = Number(height); i > before.height; i--) {
      ancestor = must(byId.get(ancestor), `final block ${ancestor}`).header.parent;
    }
    assert.equal(ancestor, before.id, `the final block of height ${before.height}`);
    return { id: lib, height: Number(height) };
  });
}

function blocksOf(node: TestNode): Block[] {
  return withStore(node, (rows) => rows("SELECT bytes FROM blocks").map(decodeRow));
}

type Row = Record<string, unknown>;

/** The store as SQLite itself reads it, and not our code. */
function withStore<T>(node: TestNode, look: (rows: (sql: string) => Row[]) => T): T {
  const database = new DatabaseSync(node.store);
  try {
    return look((sql) => database.prepare(sql).all() as Row[]);
  } finally {
    database.close();
  }
}

function decodeRow(row: Row): Block {
  return decodeBlock(row.bytes as Uint8Array);
}

function assertOneBlockASlot(blocks: readonly Block[]): void {
  const seen = new Map<string, string>();
  for (const { id, header } of blocks) {
    const turn = `slot ${header.slot} of ${header.leadership.leaderKey}`;
    assert.equal(seen.get(turn) ?? id, id, `two blocks in ${turn}`);
    seen.set(turn, id);
  }
}
