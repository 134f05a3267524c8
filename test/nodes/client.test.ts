import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { ZERO_ID } from "../../lib/chain/types.ts";
import { signInscription } from "../../lib/chain/wallet.ts";
import { CodedError } from "../../lib/core/errors.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { NodeClient } from "../../lib/model/node-client.ts";
import { createNodeClient } from "../../lib/nodes/client/node-client.ts";
import { createUndiciTransport } from "../../lib/nodes/client/undici-transport.ts";
import { layOut, type TestNode } from "../devnet-shell/network.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Setting {
  readonly client: NodeClient;
  readonly server: Server;
  readonly url: string;
  /** How often it was asked. */
  asked(): number;
}

/** A server that answers as a broken or foreign node would, and a client that takes it for one of ours. */
async function facing(t: TestContext, answer: Answer): Promise<Setting> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const bound = { name: "validator-3", host: "127.0.0.1", apiPort: port, testingPort: port, peerPort: 1 };
  const client = createNodeClient(bound.name, createUndiciTransport(bound, systemClock));
  t.after(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, server, url: `http://127.0.0.1:${port}`, asked: () => asked };
}

const json = (value: unknown): Answer => {
  return (_request, response) => response.end(JSON.stringify(value));
};

async function fails(work: Promise<unknown>, code: string, says: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof CodedError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, says);
    assert.ok(error.hint !== undefined || code === "NR-NODE-TIMEOUT");
    return true;
  });
}

test("a refused connection", async (t) => {
  const { client, server, url } = await facing(t, json(null));
  server.close();
  await fails(
    client.info(),
    "NR-NODE-UNREACHABLE",
    new RegExp(`^can't reach validator-3 at ${url}/cryptarchia/info: ECONNREFUSED; last seen: nothing yet$`),
  );
});

test("silence: a node that is stopped in its tracks still accepts connections", async (t) => {
  const network = await layOut(t, { validators: 1 });
  const [node] = network.nodes as [TestNode];
  node.start();
  await node.answers();
  node.signal("SIGSTOP");
  const from = performance.now();
  await fails(
    node.client.info({ timeoutMs: 400 }),
    "NR-NODE-TIMEOUT",
    /^GET to validator-0 at http:\S+\/cryptarchia\/info took longer than 400ms; last seen: 200 to GET \/cryptarchia\/info, \d+ ms before$/,
  );
  assert.ok(performance.now() - from < 1_500);
  node.signal("SIGCONT");
  assert.equal((await node.client.info()).height >= 0, true);
});

test("an HTTP error, with the node's own words", async (t) => {
  const { client } = await facing(t, (_request, response) => response.writeHead(500).end("the disk is gone"));
  await fails(
    client.headers(),
    "NR-NODE-STATUS",
    /^validator-3 answered GET \/cryptarchia\/headers with 500: "the disk is gone"$/,
  );
});

test("answers that the contract doesn't know", async (t) => {
  const cases: [string, unknown, (client: NodeClient) => Promise<unknown>, RegExp][] = [
    ["a wrong shape", { tip: 1 }, (client) => client.info(), /lib: Invalid key: .*; it said "\{\\"tip\\":1\}"$/],
    ["too few statuses", [], (client) => client.txStatus([ZERO_ID]), /0 statuses for 1 transactions$/],
    ["another block", someBlock(), (client) => client.block(ZERO_ID), /block [0-9a-f]{64} where 0{64} was asked for$/],
  ];
  for (const [what, answer, ask, says] of cases) {
    await t.test(what, async (t) => {
      const { client } = await facing(t, json(answer));
      await fails(ask(client), "NR-NODE-ANSWER", says);
    });
  }
  await t.test("no JSON", async (t) => {
    const { client } = await facing(t, (_request, response) => response.end("<html>"));
    await fails(client.info(), "NR-NODE-ANSWER", /it said "<html>"$/);
  });
});

function someBlock(): unknown {
  return {
    header: {
      version: "Bedrock",
      parent_block: ZERO_ID,
      slot: 1,
      block_root: ZERO_ID,
      proof_of_leadership: {
        proof: Array(128).fill(0),
        entropy_contribution: ZERO_ID,
        leader_key: ZERO_ID,
        voucher_cm: ZERO_ID,
      },
    },
    signature: Array(64).fill(0),
    transactions: [],
  };
}

test("cancelled by the caller: the caller's own reason", async (t) => {
  const { client } = await facing(t, () => undefined);
  const cancel = new AbortController();
  const call = client.info({ signal: cancel.signal });
  const reason = new Error("the run ends");
  cancel.abort(reason);
  await assert.rejects(call, reason);
  await assert.rejects(client.info({ signal: cancel.signal }), reason);
});

test("what becomes of a transaction", async (t) => {
  const tx = signInscription({ channel: ZERO_ID, inscription: new Uint8Array(1), parent: ZERO_ID });
  const submitTo = async (status: number, text: string) => {
    const { client } = await facing(t, (_request, response) => response.writeHead(status).end(text));
    return client.submit(tx);
  };
  assert.deepEqual(await submitTo(200, "null"), { accepted: true, duplicate: false });
  assert.deepEqual(await submitTo(500, "Item already in mempool"), { accepted: true, duplicate: true });
  assert.deepEqual(await submitTo(500, "Mempool is full"), {
    accepted: false,
    status: 500,
    reason: "Mempool is full",
  });
  assert.deepEqual(await submitTo(422, "bad proof"), { accepted: false, status: 422, reason: "bad proof" });
});

test("a kept connection that broke: a GET is tried once more, a POST is not", async (t) => {
  const good: Answer = (_request, response) => response.end(JSON.stringify([]));
  let breaks = 0;
  const { client, asked } = await facing(t, (request, response) => {
    if (breaks === 0) return good(request, response);
    breaks--;
    request.socket.destroy();
  });
  await client.headers();
  breaks = 1;
  assert.deepEqual(await client.headers(), []);
  assert.equal(asked(), 3);
  breaks = 2;
  await fails(client.headers(), "NR-NODE-UNREACHABLE", /last seen: 200 to GET \/cryptarchia\/headers, \d+ ms before$/);
  breaks = 1;
  const before = asked();
  await fails(client.txStatus([]), "NR-NODE-UNREACHABLE", /\/mantle\/status/);
  assert.equal(asked(), before + 1);
});
