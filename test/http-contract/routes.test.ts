import assert from "node:assert/strict";
import { request } from "node:http";
import test from "node:test";
import { encodeBlob } from "../../lib/chain/blob.ts";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { NDJSON_TYPE, type Route } from "../../lib/chain/http/route.ts";
import { ROUTES } from "../../lib/chain/http/routes.ts";
import { blobIdToJson } from "../../lib/chain/json.ts";
import { messageId, txHash } from "../../lib/chain/suite.ts";
import { ZERO_ID } from "../../lib/chain/types.ts";
import { channelSigner, signInscription, signSelfTransfer, walletOf, walletSecret } from "../../lib/chain/wallet.ts";
import { must } from "../../lib/core/errors.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { Caller } from "../../lib/nodes/client/caller.ts";
import { createUndiciTransport } from "../../lib/nodes/client/undici-transport.ts";
import { boot, layOut, reaches, type TestNode } from "../devnet-shell/network.ts";
import { raw } from "./raw.ts";

/** Every route of the contract, against real server processes: its exact JSON, and the typed client's reading of it. */
test("the HTTP contract", async (t) => {
  const network = await layOut(t, { validators: 1, executors: 1, k: 3 });
  await boot(network);
  const [validator, executor] = network.nodes as [TestNode, TestNode];
  await reaches(validator, 6);
  const called = new Set<string>();
  const callers = new Map<TestNode, Caller>();
  for (const node of network.nodes) {
    const transport = createUndiciTransport(node.bound, systemClock);
    t.after(() => transport.close());
    callers.set(node, new Caller(node.name, transport));
  }
  /** Calls through the client's own code, and notes the route as covered. */
  function call<Q, A>(node: TestNode, route: Route<Q, A>, request: Q): Promise<A> {
    called.add(`${route.method} ${route.path}`);
    return must(callers.get(node), "a caller").call(route, request);
  }
  const json = async (node: TestNode, path: string, body?: unknown, method = body === undefined ? "GET" : "POST") => {
    const answer = await raw({
      method,
      url: `${path.startsWith("/test") ? node.testing : node.api}${path}`,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text);
  };

  await t.test("chain", async () => {
    const info = await json(validator, "/cryptarchia/info");
    assert.deepEqual(Object.keys(info), ["lib", "tip", "slot", "height", "mode"]);
    assert.equal(info.mode, "Online");
    const ids = await call(executor, ROUTES.headers, { from: info.tip });
    assert.equal(ids[0], info.tip);
    assert.deepEqual(await json(validator, `/cryptarchia/headers?from=${ids[0]}&to=${ids[1]}`), ids.slice(0, 2));
    assert.deepEqual(await json(validator, `/cryptarchia/headers?from=${"ee".repeat(32)}`), []);
    assert.equal((await call(validator, ROUTES.chainInfo, null)).mode, "Online");

    const block = await json(validator, "/storage/block", info.tip);
    assert.deepEqual(Object.keys(block), ["header", "signature", "transactions"]);
    assert.equal(block.header.version, "Bedrock");
    assert.equal(block.signature.length, 64);
    assert.equal((await call(validator, ROUTES.block, info.tip))?.id, info.tip);
    assert.equal(await json(validator, "/storage/block", network.genesis.id), null);
    assert.equal(await json(validator, "/storage/block", `0x${"ab".repeat(32)}`), null);
  });

  await t.test("final blocks as they come", async () => {
    called.add("GET /cryptarchia/lib-stream");
    const { contentType, lines } = await firstLines(`${validator.api}/cryptarchia/lib-stream`, 2);
    assert.equal(contentType, NDJSON_TYPE);
    const [first, second] = lines.map((line) => JSON.parse(line));
    assert.deepEqual(Object.keys(first), ["height", "header_id"]);
    assert.equal(second.height, first.height + 1);
    const block = await validator.client.block(second.header_id);
    assert.equal(block?.header.parent, first.header_id);
  });

  await t.test("network", async () => {
    assert.deepEqual(await json(validator, "/network/info"), {
      listen_addresses: [`/ip4/${validator.bound.host}/tcp/${validator.bound.peerPort}`],
      n_peers: 1,
      n_connections: 1,
      n_pending_connections: 0,
    });
    assert.equal((await call(executor, ROUTES.networkInfo, null)).peers, 1);
  });

  await t.test("mempool and wallets", async () => {
    const wallet = walletOf(walletSecret(network.plan.seed, 0));
    const { id, note } = must(genesisNoteOf(network.genesis, wallet.pk), "a genesis note");
    const transfer = signSelfTransfer(wallet, id, note.value);
    assert.equal(await call(validator, ROUTES.submit, transfer), null);
    const mempool = await json(validator, "/mantle/metrics");
    assert.deepEqual(Object.keys(mempool), ["pending_items", "last_item_timestamp"]);
    assert.ok(Math.abs(mempool.last_item_timestamp * 1000 - Date.now()) < 60_000, "seconds since 1970");
    await call(validator, ROUTES.mempool, null);

    const hash = txHash(transfer.tx);
    const statuses = await json(validator, "/mantle/status", [hash, "0".repeat(64)]);
    assert.equal(statuses[1], "Unknown");
    assert.ok(statuses[0] === "Pending" || statuses[0].InBlock.block.length === 64, JSON.stringify(statuses));
    assert.equal((await call(validator, ROUTES.txStatus, [hash])).length, 1);

    const url = `${validator.api}/wallet/${wallet.pk}/balance?tip=${network.genesis.id}`;
    const text = await raw({ url: `${validator.api}/wallet/${wallet.pk}/balance` });
    assert.match(text.headers["content-type"] ?? "", /^text\/plain/);
    const balance = JSON.parse(text.text);
    assert.deepEqual(Object.keys(balance), ["tip", "balance", "address"]);
    assert.deepEqual([balance.balance, balance.address], [100, wallet.pk]);
    assert.equal((await call(validator, ROUTES.balance, { pk: wallet.pk })).balance, 100);
    const old = await raw({ url });
    assert.deepEqual([old.status, old.text], [500, `Ledger state of block ${network.genesis.id} not found`]);
  });

  await t.test("data availability", () => dataAvailability({ validator, executor, call, json }));

  await t.test("peers", async () => {
    assert.equal(await json(validator, "/da/block-peer", "executor-0"), true);
    assert.equal(await call(validator, ROUTES.blockPeer, "executor-0"), false);
    assert.deepEqual(await call(validator, ROUTES.blacklistedPeers, null), ["executor-0"]);
    assert.equal(await call(validator, ROUTES.unblockPeer, "executor-0"), true);
    assert.equal(await json(validator, "/da/unblock-peer", "executor-0"), false);
    assert.deepEqual(await json(validator, "/da/blacklisted-peers"), []);

    await call(validator, ROUTES.setLinks, {
      "executor-0": { delayMs: 1, jitterMs: 0, loss: 0, blocked: false },
    });
    assert.deepEqual(await call(validator, ROUTES.links, null), {
      "executor-0": { delayMs: 1, jitterMs: 0, loss: 0, blocked: false },
    });
    assert.equal(await json(validator, "/test/links", {}), null);
  });

  await t.test("branches", async () => {
    const tips = await call(validator, ROUTES.branches, null);
    assert.ok(tips.length > 0 && tips.every((id) => /^[0-9a-f]{64}$/.test(id)), String(tips));
    assert.equal((await raw({ url: `${validator.api}/test/branches` })).status, 404);
    assert.ok(Array.isArray(await json(validator, "/test/branches")));
  });

  await t.test("round trips", async () => {
    const trips = await call(validator, ROUTES.roundTrips, { timeout_ms: 2_000 });
    assert.deepEqual(Object.keys(trips), ["executor-0"]);
    assert.ok((trips["executor-0"] ?? -1) >= 0);
    assert.deepEqual(Object.keys((await json(validator, "/test/round-trips", { timeout_ms: 500 })) as object), [
      "executor-0",
    ]);
  });

  await t.test("clock", async () => {
    assert.deepEqual(await call(validator, ROUTES.clock, null), { offset_ms: 0 });
    assert.equal(await json(validator, "/test/clock", { offset_ms: 250 }), null);
    assert.deepEqual(await json(validator, "/test/clock"), { offset_ms: 250 });
    await call(validator, ROUTES.setClock, { offset_ms: 0 });
  });

  await t.test("metrics", async () => {
    const { headers, text } = await raw({ url: `${validator.api}/metrics` });
    assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert.match(text, /^# TYPE consensus_tip_height gauge\nconsensus_tip_height \d+$/m);
    assert.match(text, /^http_responses_total\{status="200"\} \d+$/m);
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    assert.equal(new Set(names).size, names.length, "each name once");
    assert.equal(typeof (await call(executor, ROUTES.metrics, null)), "string");
  });

  await t.test("roles: what a node hasn't is 404", async () => {
    const wallet = await raw({ url: `${executor.api}/wallet/${ZERO_ID}/balance` });
    assert.deepEqual([wallet.status, wallet.text], [404, `Not Found: /wallet/${ZERO_ID}/balance`]);
    const stream = await raw({ url: `${executor.api}/cryptarchia/lib-stream` });
    assert.deepEqual([stream.status, stream.text], [404, "Not Found: /cryptarchia/lib-stream"]);
    const disperse = await raw({ method: "POST", url: `${validator.api}/disperse-data`, body: "{}" });
    assert.deepEqual([disperse.status, disperse.text], [404, "Not Found: /disperse-data"]);
    const membership = await raw({ method: "POST", url: `${validator.api}/test/da/membership`, body: "0" });
    assert.equal(membership.status, 404, "the testing API is on its own port");
    const info = await raw({ url: `${validator.testing}/cryptarchia/info` });
    assert.equal(info.status, 404);
  });

  await t.test("left no route out", () => {
    const all = Object.values(ROUTES).map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual([...called].sort(), all.sort());
  });
});

interface DaTools {
  readonly validator: TestNode;
  readonly executor: TestNode;
  call<Q, A>(node: TestNode, route: Route<Q, A>, request: Q): Promise<A>;
  json(node: TestNode, path: string, body?: unknown, method?: string): Promise<ReturnType<typeof JSON.parse>>;
}

async function dataAvailability({ validator, executor, call, json }: DaTools): Promise<void> {
  const channel = "cd".repeat(32);
  const opened = signInscription({ channel, inscription: new Uint8Array(3), parent: ZERO_ID });
  await executor.client.submit(opened);
  const parent = messageId(must(opened.tx.ops[0], "the inscription"));
  const data = new Uint8Array(248).fill(7);
  const numbers = await json(executor, "/disperse-data", {
    channel_id: channel,
    parent_msg_id: parent,
    signer: channelSigner().key,
    data: [...data],
  });
  const { blob, shares, commitments } = encodeBlob(data, 2, 1);
  assert.deepEqual(numbers, blobIdToJson(blob));
  const again = { channel, parent, signer: channelSigner().key, data };
  assert.equal(await call(executor, ROUTES.disperse, again), blob, "a repeated call is answered alike");

  const share = await json(validator, "/da/get-share", { blob_id: numbers, share_idx: [0, 1] }, "GET");
  assert.deepEqual(share.share_idx, [0, 1]);
  assert.deepEqual(share.column, [...must(shares[1], "share 1").column]);
  assert.deepEqual(await call(validator, ROUTES.share, { blob, index: 1 }), shares[1]);
  assert.equal(await call(validator, ROUTES.share, { blob, index: 7 }), null);

  assert.deepEqual(await call(validator, ROUTES.commitments, { blob }), commitments);
  assert.deepEqual(await call(validator, ROUTES.storedCommitments, { blob }), commitments);
  assert.equal(await call(validator, ROUTES.commitments, { blob: ZERO_ID }), null);
  assert.equal(
    (await json(validator, "/da/get-commitments", { blob_id: numbers, session: 0 })).rows_commitments.length,
    1,
  );

  const lines = await raw({
    url: `${validator.api}/da/sampling/shares`,
    body: JSON.stringify({
      blob_id: numbers,
      requested_shares: [[0, 0]],
      filter_shares: [[0, 1]],
      return_available: true,
    }),
  });
  assert.deepEqual(
    lines.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).share_idx),
    [[0, 0]],
  );
  await assert.rejects(
    call(validator, ROUTES.samplingShares, { blob, requested: [0], filter: [], returnAvailable: false }),
    /streams its answer/,
  );

  const other = encodeBlob(new Uint8Array(50).fill(3), 2, 1);
  assert.equal(await call(validator, ROUTES.addShare, must(other.shares[0], "share 0")), null);
  assert.deepEqual(await validator.client.share(other.blob, 0), other.shares[0]);
  const spoilt = { ...must(other.shares[1], "share 1"), column: new Uint8Array(50).fill(4) };
  await assert.rejects(call(validator, ROUTES.addShare, spoilt), /500: "share 1 of blob .* is invalid/);

  const membership = await call(validator, ROUTES.membership, 0);
  assert.deepEqual(membership.assignations, { 0: ["executor-0", "validator-0"], 1: ["validator-0", "executor-0"] });
  assert.equal(membership.addressbook["executor-0"], `/ip4/${executor.bound.host}/tcp/${executor.bound.peerPort}`);
  const stats = await call(validator, ROUTES.balancerStats, null);
  const { inbound, outbound } = must(stats["0"], "subnetwork 0");
  assert.equal(inbound + outbound, 1);
  const monitor = await call(executor, ROUTES.monitorStats, null);
  assert.equal(monitor["validator-0"]?.dispersal_failure_rate, "0");
}

/** The first lines of an answer that doesn't end. */
function firstLines(url: string, count: number): Promise<{ contentType: string | undefined; lines: string[] }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk;
        const lines = text.split("\n").slice(0, -1);
        if (lines.length < count) return;
        sent.destroy();
        resolve({ contentType: response.headers["content-type"], lines: lines.slice(0, count) });
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}
