import assert from "node:assert/strict";
import test from "node:test";
import { recoverBlob } from "../../lib/chain/blob.ts";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { messageId, txHash } from "../../lib/chain/suite.ts";
import type { Share } from "../../lib/chain/types.ts";
import { ZERO_ID } from "../../lib/chain/types.ts";
import { channelSigner, signInscription, signSelfTransfer, walletOf, walletSecret } from "../../lib/chain/wallet.ts";
import { must } from "../../lib/core/errors.ts";
import { boot, layOut, reaches, type TestNode, until } from "./network.ts";

test("two nodes over real sockets: peers, one chain, a transaction, a blob", async (t) => {
  const network = await layOut(t, { validators: 1, executors: 1 });
  await boot(network);
  const [validator, executor] = network.nodes as [TestNode, TestNode];

  await t.test("make one chain", async () => {
    await reaches(validator, 3);
    await until("equal tips", async () => {
      const tips = await Promise.all([validator, executor].map(async (node) => (await node.client.info()).tip));
      return tips[0] === tips[1] ? { done: true, value: undefined } : { done: false, seen: tips.join(" and ") };
    });
    const info = await validator.client.info();
    assert.equal(info.mode, "Online");
    const headers = await validator.client.headers();
    assert.equal(headers[headers.length - 1], info.lib, "genesis is the LIB before depth k");
    assert.equal(headers.length >= info.height, true);
  });

  await t.test("include a transaction that the other node was given", async () => {
    const wallet = walletOf(walletSecret(network.plan.seed, 0));
    const { id, note } = must(genesisNoteOf(network.genesis, wallet.pk), "a genesis note");
    const transfer = signSelfTransfer(wallet, id, note.value);
    const hash = txHash(transfer.tx);
    assert.deepEqual(await executor.client.submit(transfer), { accepted: true, duplicate: false });
    assert.deepEqual(await executor.client.submit(transfer), { accepted: true, duplicate: true });
    const block = await until("inclusion", async () => {
      const [status] = await validator.client.txStatus([hash]);
      if (status?.type === "in-block") return { done: true, value: status.block };
      return { done: false, seen: `${status?.type}` };
    });
    const included = must(await validator.client.block(block), "the block");
    assert.ok(included.txs.some(({ tx }) => txHash(tx) === hash));
    assert.equal(await validator.client.balance(wallet.pk), 100n);
    assert.equal(await validator.client.balance(ZERO_ID), null);
  });

  await t.test("disperse a blob and read it back from its shares", async () => {
    const channel = "ab".repeat(32);
    const opened = signInscription({ channel, inscription: new Uint8Array([1]), parent: ZERO_ID });
    assert.equal((await executor.client.submit(opened)).accepted, true);
    const op = must(opened.tx.ops[0], "the inscription");
    const data = Uint8Array.from({ length: 248 }, (_, i) => i);
    const { blob } = await executor.client.disperse({
      channel,
      parent: messageId(op),
      signer: channelSigner().key,
      data,
    });
    const { assignations } = await validator.client.daMembership(0);
    assert.deepEqual(assignations, {
      0: ["executor-0", "validator-0"],
      1: ["validator-0", "executor-0"],
    });
    const share = must<Share>(await validator.client.share(blob, 1), "share 1 at the validator");
    assert.deepEqual(recoverBlob([share]), data);
    await until("the blob's inclusion", async () => {
      const { tip } = await validator.client.info();
      for (let id = tip; ; ) {
        const block = await validator.client.block(id);
        if (block === null) return { done: false, seen: "no block with the blob" };
        if (block.txs.some(({ tx }) => tx.ops.some((found) => found.type === "blob" && found.blob === blob))) {
          return { done: true, value: undefined };
        }
        id = block.header.parent;
      }
    });
  });
});

test("data goes straight to members that are no neighbours, which are not counted as peers", async (t) => {
  const network = await layOut(t, { validators: 2, executors: 1 });
  await boot(network);
  const [hub, spoke, executor] = network.nodes as [TestNode, TestNode, TestNode];
  const data = new Uint8Array(500).fill(9);
  const { blob } = await executor.client.disperse({
    channel: "ef".repeat(32),
    parent: ZERO_ID,
    signer: channelSigner().key,
    data,
  });
  const share = await until("the spoke's share", async () => {
    const found = await spoke.client.share(blob, 1);
    return found ? { done: true, value: found } : { done: false, seen: "none" };
  });
  const own = must<Share>(await executor.client.share(blob, 2), "share 2 at the executor");
  assert.deepEqual(recoverBlob([share, own]), data);
  for (const [node, peers, connections] of [
    [hub, 2, 2],
    [spoke, 1, 2],
    [executor, 1, 2],
  ] as const) {
    const info = await node.client.networkInfo();
    assert.deepEqual([info.peers, info.connections], [peers, connections], node.name);
  }
});
