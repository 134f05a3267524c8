import assert from "node:assert/strict";
import { watch } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test from "node:test";
import { decodeBlock } from "../../lib/chain/binary.ts";
import type { Block } from "../../lib/chain/types.ts";
import { bytesToHex } from "../../lib/core/bytes.ts";
import { randomStream } from "../../lib/core/random.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { boot, layOut, type TestNode, until } from "./network.ts";

const KILLS = 50;

/** What a dead node's store says, read by SQLite itself and not by our code. */
interface Remains {
  readonly libHeight: number;
  readonly chain: readonly string[];
  readonly blocks: readonly Block[];
  readonly lastProposed: number;
}

/**
 * A node with short slots is killed, every second time at the first sign of a write, else at random; its store must be whole every time,
 * its finality must never go back, and no two of its blocks may be of one slot, not even one that only its peer has seen.
 */
test(`kill -9 in mid-write ${KILLS} times, then a restart with the network cut`, async (t) => {
  const network = await layOut(t, { validators: 2, slotMs: 150, k: 5 });
  const [victim, witness] = network.nodes as [TestNode, TestNode];
  await boot(network);
  const random = randomStream("crash", "moments");

  let before = remainsOf(victim);
  for (let kill = 0; kill < KILLS; kill++) {
    if (kill % 2 === 0) await systemClock.sleep(random.int(0, 100));
    else await nextWrite(victim);
    await victim.end("SIGKILL");
    const after = remainsOf(victim);
    assert.ok(after.libHeight >= before.libHeight, `LIB at ${before.libHeight}, then at ${after.libHeight}`);
    assert.deepEqual(after.chain.slice(0, before.chain.length), before.chain, "final blocks stay final");
    before = after;
    victim.start();
    // Most kills hit a node that makes blocks, some one that is still starting.
    if (kill % 10 !== 9) await victim.answers();
  }
  await victim.end("SIGKILL");
  before = remainsOf(victim);
  assert.ok(before.libHeight > 0, "the chain became final in between");

  await victim.configure((config) => {
    const peers = config.peers as { nodes: { name: string }[] };
    const links = Object.fromEntries(peers.nodes.map(({ name }) => [name, { blocked: true }]));
    return { ...config, peers: { ...peers, links } };
  });
  victim.start();
  await victim.answers();
  const first = await victim.client.info();
  const final = await victim.client.headers({ from: first.lib });
  assert.equal(final[0], first.lib);
  assert.equal((await victim.client.networkInfo()).peers, 0);
  await until("blocks of its own", async () => {
    const { height } = await victim.client.info();
    return height >= first.height + 2 ? { done: true, value: undefined } : { done: false, seen: `height ${height}` };
  });
  await victim.end("SIGTERM");

  const last = remainsOf(victim);
  assert.ok(last.libHeight >= before.libHeight);
  assert.deepEqual(last.chain.slice(0, before.chain.length), before.chain);
  await witness.end("SIGTERM");
  assertOneBlockASlot([...last.blocks, ...remainsOf(witness).blocks]);
  assert.deepEqual([victim.err, witness.err], ["", ""]);
});

/** Resolves as soon as the kernel tells of a write to the log, which is then seldom the transaction's last. */
async function nextWrite(node: TestNode): Promise<void> {
  for await (const { filename } of watch(dirname(node.store))) {
    if (filename?.endsWith("-wal")) return;
  }
}

function remainsOf(node: TestNode): Remains {
  const database = new DatabaseSync(node.store);
  try {
    const all = (sql: string) => database.prepare(sql).all() as Record<string, Uint8Array & number>[];
    assert.deepEqual(all("PRAGMA integrity_check"), [{ __proto__: null, integrity_check: "ok" }]);
    const blocks = all("SELECT bytes FROM blocks").map((row) => decodeBlock(row.bytes as Uint8Array));
    const byId = new Map(blocks.map((block) => [block.id, block]));
    const [chain] = all("SELECT tip, lib FROM chain");
    const path: string[] = [];
    for (
      let id = chain ? bytesToHex(chain.lib as Uint8Array) : "";
      byId.has(id);
      id = byId.get(id)?.header.parent ?? ""
    ) {
      path.unshift(id);
    }
    const [proposed] = all("SELECT max(slot) AS slot FROM proposed");
    return { libHeight: path.length, chain: path, blocks, lastProposed: proposed?.slot ?? -1 };
  } finally {
    database.close();
  }
}

function assertOneBlockASlot(blocks: readonly Block[]): void {
  const seen = new Map<string, string>();
  for (const { id, header } of blocks) {
    const turn = `slot ${header.slot} of ${header.leadership.leaderKey}`;
    assert.equal(seen.get(turn) ?? id, id, `two blocks in ${turn}`);
    seen.set(turn, id);
  }
}
