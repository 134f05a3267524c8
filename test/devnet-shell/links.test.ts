import assert from "node:assert/strict";
import test from "node:test";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { txHash } from "../../lib/chain/suite.ts";
import { signSelfTransfer, walletOf, walletSecret } from "../../lib/chain/wallet.ts";
import { must } from "../../lib/core/errors.ts";
import { raw } from "../http-contract/raw.ts";
import { boot, hasPeers, layOut, reaches, type TestNetwork, type TestNode, until } from "./network.ts";

interface Conditions {
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly loss?: number;
  readonly blocked?: boolean;
}

async function setLinks(node: TestNode, links: Record<string, Conditions>): Promise<void> {
  const answer = await raw({ method: "POST", url: `${node.testing}/test/links`, body: JSON.stringify(links) });
  assert.deepEqual([answer.status, answer.text], [200, "null"]);
}

async function links(node: TestNode): Promise<unknown> {
  return JSON.parse((await raw({ url: `${node.testing}/test/links` })).text);
}

/** Sends a wallet's transfer to one node; returns the ms until another node's mempool has it. */
async function travelTime(
  network: TestNetwork,
  from: TestNode,
  to: TestNode,
  wallet: number,
  timeoutMs = 5_000,
): Promise<number> {
  const { pk, signer } = walletOf(walletSecret(network.plan.seed, wallet));
  const { id, note } = must(genesisNoteOf(network.genesis, pk), "a genesis note");
  const transfer = signSelfTransfer({ pk, signer }, id, note.value);
  const start = performance.now();
  await from.client.submit(transfer);
  const arrived = async () => {
    const [status] = await to.client.txStatus([txHash(transfer.tx)]);
    return status?.type === "unknown"
      ? ({ done: false, seen: "unknown" } as const)
      : ({ done: true, value: undefined } as const);
  };
  await until("its arrival", arrived, timeoutMs);
  return performance.now() - start;
}

test("a blocked link is cut at once, stays cut over a restart, and heals", async (t) => {
  const network = await layOut(t, { validators: 2 });
  await boot(network);
  const [a, b] = network.nodes as [TestNode, TestNode];
  await reaches(a, 1);
  await setLinks(a, { "validator-1": { blocked: true } });
  await hasPeers(a, 0);
  await hasPeers(b, 0);
  const { height } = await b.client.info();
  await reaches(b, height + 2);

  await a.end("SIGKILL");
  a.start();
  await a.answers();
  assert.deepEqual(await links(a), { "validator-1": { delayMs: 0, jitterMs: 0, loss: 0, blocked: true } });
  assert.equal((await a.client.networkInfo()).peers, 0);
  await until("the refusal in the log", async () =>
    b.out.includes("the peer refused us: the link is blocked")
      ? { done: true, value: undefined }
      : { done: false, seen: "no such line" },
  );

  await setLinks(a, {});
  await hasPeers(a, 1);
  await hasPeers(b, 1);
  await until("one chain again", async () => {
    const tips = await Promise.all([a, b].map(async (node) => (await node.client.info()).tip));
    return tips[0] === tips[1] ? { done: true, value: undefined } : { done: false, seen: tips.join(" and ") };
  });
});

test("delay holds frames back, in one direction, also after a restart", async (t) => {
  const network = await layOut(t, { validators: 2, wallets: 4, chainStartsIn: 3_600_000 });
  await boot(network);
  const [a, b] = network.nodes as [TestNode, TestNode];
  const free = await travelTime(network, a, b, 0);
  await setLinks(a, { "validator-1": { delayMs: 600, jitterMs: 50 } });
  const held = await travelTime(network, a, b, 1);
  const back = await travelTime(network, b, a, 2);
  assert.ok(held >= 600 && held < 1_500, `${Math.round(held)} ms with a delay of 600`);
  assert.ok(free < 400 && back < 400, `${Math.round(free)} ms without, ${Math.round(back)} ms the other way`);

  await a.end("SIGTERM");
  a.start();
  await a.answers();
  await hasPeers(a, 1);
  const again = await travelTime(network, a, b, 3);
  assert.ok(again >= 600, `${Math.round(again)} ms after the restart`);
});

test("loss drops what it says", async (t) => {
  const network = await layOut(t, { validators: 2, wallets: 2, chainStartsIn: 3_600_000 });
  await boot(network);
  const [a, b] = network.nodes as [TestNode, TestNode];
  await setLinks(a, { "validator-1": { loss: 1 } });
  await assert.rejects(travelTime(network, a, b, 0, 1_000), /gave up waiting for its arrival/);
  assert.equal((await a.client.networkInfo()).peers, 1, "the connection itself stays");
  await setLinks(a, {});
  assert.ok((await travelTime(network, a, b, 1)) < 1_000);
});
