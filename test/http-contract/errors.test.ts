import assert from "node:assert/strict";
import test from "node:test";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { signedTxToJson } from "../../lib/chain/json.ts";
import { ZERO_ID } from "../../lib/chain/types.ts";
import { signInscription, signSelfTransfer, walletOf, walletSecret } from "../../lib/chain/wallet.ts";
import { must } from "../../lib/core/errors.ts";
import { layOut, type TestNode } from "../devnet-shell/network.ts";
import { type RawRequest, raw, rawBytes } from "./raw.ts";

const TX = "/mempool/add/tx";
const BODY = "Failed to deserialize the JSON body into the target type: ";

test("every error of the contract, with its status and exact text", async (t) => {
  const network = await layOut(t, { validators: 1, chainStartsIn: 3_600_000 });
  const [node] = network.nodes as [TestNode];
  node.start();
  await node.answers();

  const wallet = walletOf(walletSecret(network.plan.seed, 0));
  const { id, note } = must(genesisNoteOf(network.genesis, wallet.pk), "a genesis note");
  const transfer = signedTxToJson(signSelfTransfer(wallet, id, note.value));
  const inscription = signedTxToJson(
    signInscription({ channel: "ab".repeat(32), inscription: new Uint8Array(3), parent: ZERO_ID }),
  );
  const forged = { ...inscription, ops_proofs: [{ Ed25519Sig: Array(64).fill(1) }] };
  const short = { ...inscription, ops_proofs: [{ Ed25519Sig: [1, 2] }] };
  const nowhere = "/wallet/zz/balance";
  const stranger = "0f".repeat(32);

  const table: {
    what: string;
    ask: Omit<RawRequest, "url"> & { path: string };
    status: number;
    text: string | RegExp;
  }[] = [
    { what: "unknown path", ask: { path: "/cl/metrics" }, status: 404, text: "Not Found: /cl/metrics" },
    { what: "longer path", ask: { path: "/network/info/" }, status: 404, text: "Not Found: /network/info/" },
    { what: "wrong method", ask: { path: TX }, status: 405, text: "Method Not Allowed: GET" },
    {
      what: "method that no route has",
      ask: { path: "/network/info", method: "DELETE" },
      status: 405,
      text: "Method Not Allowed: DELETE",
    },
    {
      what: "no content type",
      ask: { path: TX, method: "POST", body: "{}", type: "text/plain" },
      status: 415,
      text: "Expected request with `Content-Type: application/json`",
    },
    {
      what: "no body at all",
      ask: { path: TX, method: "POST" },
      status: 415,
      text: "Expected request with `Content-Type: application/json`",
    },
    {
      what: "broken JSON",
      ask: { path: TX, method: "POST", body: "{" },
      status: 400,
      text: /^Failed to parse the request body as JSON: /,
    },
    {
      what: "JSON of the wrong shape",
      ask: { path: TX, method: "POST", body: "{}" },
      status: 422,
      text: new RegExp(`^${BODY}mantle_tx: `),
    },
    {
      what: "a signature too short",
      ask: { path: TX, method: "POST", body: JSON.stringify(short) },
      status: 422,
      text: new RegExp(`^${BODY}ops_proofs\\.0`),
    },
    {
      what: "an id that is none",
      ask: { path: "/storage/block", method: "POST", body: '"abc"' },
      status: 422,
      text: `${BODY}not 64 hex digits`,
    },
    {
      what: "an operation's proof that does not verify",
      ask: { path: TX, method: "POST", body: JSON.stringify(forged) },
      status: 422,
      text: new RegExp(`^${BODY}`),
    },
    {
      what: "a query that does not fit",
      ask: { path: "/cryptarchia/headers?from=abc" },
      status: 400,
      text: "Failed to deserialize query string: from: not 64 hex digits",
    },
    {
      what: "a path that does not fit",
      ask: { path: nowhere },
      status: 400,
      text: "Invalid URL: pk: not 64 hex digits",
    },
    {
      what: "a key that is not watched",
      ask: { path: `/wallet/${stranger}/balance` },
      status: 404,
      text: `Unknown public key: ${stranger}`,
    },
    {
      what: "a body over 10 MiB",
      ask: { path: TX, method: "POST", body: new Uint8Array(10 * 1024 * 1024 + 1).fill(32) },
      status: 413,
      text: "length limit exceeded",
    },
    {
      what: "a body of exactly 10 MiB, which is read",
      ask: { path: TX, method: "POST", body: new Uint8Array(10 * 1024 * 1024).fill(32) },
      status: 400,
      text: /^Failed to parse the request body as JSON: /,
    },
  ];
  for (const { what, ask, status, text } of table) {
    await t.test(what, async () => {
      const { path, ...rest } = ask;
      const answer = await raw({ url: `${node.api}${path}`, ...rest });
      assert.equal(answer.headers["content-type"], "text/plain; charset=utf-8");
      if (typeof text === "string") assert.deepEqual([answer.status, answer.text], [status, text]);
      else {
        assert.equal(answer.status, status, answer.text);
        assert.match(answer.text, text);
      }
    });
  }

  await t.test("what the mempool has already", async () => {
    const send = () => raw({ method: "POST", url: `${node.api}${TX}`, body: JSON.stringify(transfer) });
    const first = await send();
    assert.deepEqual([first.status, first.text], [200, "null"]);
    const second = await send();
    assert.deepEqual([second.status, second.text], [500, "Item already in mempool"]);
  });

  await t.test("a link to a node that isn't there", async () => {
    const answer = await raw({ method: "POST", url: `${node.testing}/test/links`, body: '{"nobody":{"delayMs":1}}' });
    assert.deepEqual([answer.status, answer.text], [422, `${BODY}nobody: no node of this network`]);
  });

  await t.test("bytes that are not HTTP", async () => {
    const answer = await rawBytes(node.bound.host, node.bound.apiPort, "no such thing\r\n\r\n");
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*\r\n\r\nBad Request$/);
  });
});

test("limits of time and rate", async (t) => {
  const configPatch = { http: { timeoutMs: 300, rateLimit: { burst: 6, perSecond: 0.2 } } };
  const network = await layOut(t, { validators: 2, executors: 1, configPatch });
  const executor = must(network.nodes[2], "the executor");
  executor.start();
  await executor.answers();
  const data = { channel_id: ZERO_ID, parent_msg_id: ZERO_ID, signer: ZERO_ID, data: [1] };
  const disperse = () => raw({ method: "POST", url: `${executor.api}/disperse-data`, body: JSON.stringify(data) });

  await t.test("an answer that takes too long", async () => {
    const answer = await disperse();
    assert.deepEqual([answer.status, answer.text], [408, "Request Timeout"]);
  });

  await t.test("a request that takes too long", async () => {
    const head =
      "POST /storage/block HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
    const answer = await rawBytes(executor.bound.host, executor.bound.apiPort, head);
    assert.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*\r\n\r\nRequest Timeout$/);
  });

  await t.test("too many requests", async () => {
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push(await raw({ url: `${executor.api}/network/info` }));
    const last = must(answers.at(-1), "the last answer");
    assert.equal(last.status, 429);
    assert.match(last.text, /^Too Many Requests! Wait for [1-5]s$/);
  });
});

test("a dispersal that subnetworks don't take is 500", async (t) => {
  const network = await layOut(t, { validators: 2, executors: 1 });
  const executor = must(network.nodes[2], "the executor");
  executor.start();
  await executor.answers();
  const data = { channel_id: ZERO_ID, parent_msg_id: ZERO_ID, signer: ZERO_ID, data: [1] };
  const answer = await raw({ method: "POST", url: `${executor.api}/disperse-data`, body: JSON.stringify(data) });
  assert.equal(answer.status, 500);
  assert.match(answer.text, /^InsufficientSubnetworkConnections: no member of subnetwork 1 took its share$/);
});
