import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import test, { type TestContext } from "node:test";
import { Writer } from "../../lib/chain/encoding.ts";
import { FrameReader, MAX_FRAME, writeFrame } from "../../lib/devnet/shell/transport/framing.ts";
import { FRAME, type Greeting, writeGreeting } from "../../lib/devnet/shell/transport/greeting.ts";
import { boot, hasPeers, layOut, type TestNetwork, type TestNode, until } from "./network.ts";

/** A peer that says what a test wants. */
class Stranger {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly closed: Promise<void>;
  readonly frames: { type: number; text: string }[] = [];

  constructor(node: TestNode) {
    this.#socket = connect({ host: node.bound.host, port: node.bound.peerPort });
    this.#socket.on("data", (chunk) => {
      for (const { type, body } of this.#reader.push(chunk)) {
        this.frames.push({ type, text: Buffer.from(body).toString("utf8") });
      }
    });
    // A reset is one of the ways in which the node closes; `close` follows it.
    this.#socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => this.#socket.on("close", () => resolve()));
  }

  send(bytes: Uint8Array): this {
    this.#socket.write(bytes);
    return this;
  }

  greet(greeting: Greeting): this {
    return this.send(writeFrame(writeGreeting(greeting)));
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  leave(): void {
    this.#socket.destroy();
  }
}

/** A network of which only the first node runs, so that a test can be the second. */
async function alone(t: TestContext): Promise<{ network: TestNetwork; node: TestNode; greeting: Greeting }> {
  const network = await layOut(t, { validators: 2, chainStartsIn: 3_600_000 });
  const [node] = network.nodes as [TestNode];
  node.start();
  await node.answers();
  return { network, node, greeting: { name: "validator-1", genesis: network.genesis.id, instance: "1".repeat(64) } };
}

function logs(node: TestNode, line: string): Promise<void> {
  return until(`"${line}" in the log of ${node.name}`, async () =>
    node.out.includes(line) ? { done: true, value: undefined } : { done: false, seen: node.out.slice(-500) },
  );
}

test("a bad frame closes its connection, is logged, and harms nobody else", async (t) => {
  const { node, greeting, network } = await alone(t);
  const cases: { what: string; greet: boolean; bytes: Uint8Array; says: string }[] = [
    {
      what: "garbage",
      greet: false,
      bytes: Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      says: `a frame of ${Buffer.from("GET ").readUInt32LE()} bytes; 1 to ${MAX_FRAME} are allowed`,
    },
    {
      what: "a frame over the limit, by its head alone",
      greet: true,
      bytes: new Writer()
        .u32(MAX_FRAME + 1)
        .u8(17)
        .finish(),
      says: `a frame of ${MAX_FRAME + 1} bytes; 1 to ${MAX_FRAME} are allowed`,
    },
    {
      what: "an empty frame",
      greet: true,
      bytes: new Writer().u32(0).finish(),
      says: `a frame of 0 bytes; 1 to ${MAX_FRAME} are allowed`,
    },
    {
      what: "a message before the greeting",
      greet: false,
      bytes: writeFrame({ type: 17, body: new Uint8Array(8) }),
      says: "frame type 17 before the greeting",
    },
    {
      what: "another protocol",
      greet: false,
      bytes: writeFrame({ type: FRAME.greeting, body: new Uint8Array(80).fill(9) }),
      says: "can't decode a greeting: protocol 9, this node speaks 1, at byte 1",
    },
    {
      what: "an unknown type",
      greet: true,
      bytes: writeFrame({ type: 99, body: new Uint8Array(3) }),
      says: "can't decode a peer message: frame type 99 is unknown at byte 0",
    },
    {
      what: "a block cut short",
      greet: true,
      bytes: writeFrame({ type: 17, body: new Uint8Array(8) }),
      says: "can't decode a block: ",
    },
    {
      what: "bytes after a message",
      greet: true,
      bytes: writeFrame({ type: 16, body: new Uint8Array(32 + 32 + 8 + 1) }),
      says: "can't decode a peer message: 1 bytes follow the end at byte 72",
    },
  ];
  for (const { what, greet, bytes, says } of cases) {
    await t.test(what, async () => {
      const stranger = new Stranger(node);
      if (greet) stranger.greet(greeting);
      stranger.send(bytes);
      await stranger.closed;
      await logs(node, `the peer sent a bad frame: ${says}`);
    });
  }
  network.nodes[1]?.start();
  await hasPeers(node, 1);
  assert.equal(node.err, "");
});

test("who doesn't belong is told why and turned away", async (t) => {
  const { node, greeting } = await alone(t);
  const cases: [string, Greeting, string][] = [
    [
      "another genesis",
      { ...greeting, genesis: "ab".repeat(32) },
      `its genesis is ${"ab".repeat(32)}, that of validator-0 is ${greeting.genesis}`,
    ],
    ["a name that nobody has", { ...greeting, name: "mallory" }, "mallory is no node of this network"],
    ["the node's own name", { ...greeting, name: "validator-0" }, "validator-0 is no node of this network"],
  ];
  for (const [what, wrong, reason] of cases) {
    await t.test(what, async () => {
      const stranger = new Stranger(node).greet(wrong);
      await stranger.closed;
      assert.deepEqual(stranger.frames.at(-1), { type: FRAME.refusal, text: reason });
      await logs(node, `refused: ${reason}`);
      assert.equal((await node.client.networkInfo()).peers, 0);
    });
  }
});

test("one connection a pair: a second one replaces or goes, a restarted peer's replaces", async (t) => {
  const { node, greeting } = await alone(t);
  const first = new Stranger(node).greet(greeting);
  await hasPeers(node, 1);
  const second = new Stranger(node).greet(greeting);
  await first.closed;
  assert.ok(second.isOpen, "both were dialled by the same end: the newer one is the living one");
  const restarted = new Stranger(node).greet({ ...greeting, instance: "2".repeat(64) });
  await second.closed;
  assert.ok(restarted.isOpen);
  const { peers, connections } = await node.client.networkInfo();
  assert.deepEqual([peers, connections], [1, 1]);
  restarted.leave();
  await hasPeers(node, 0);
});

test("two nodes that dial each other at once keep one connection", async (t) => {
  const network = await layOut(t, { validators: 4, layout: "full", chainStartsIn: 3_600_000 });
  await boot(network);
  for (const node of network.nodes) {
    await until(`three connections at ${node.name}`, async () => {
      const { connections, pendingConnections } = await node.client.networkInfo();
      const seen = `${connections} open, ${pendingConnections} pending`;
      return seen === "3 open, 0 pending" ? { done: true, value: undefined } : { done: false, seen };
    });
  }
});

test("the slow ones", { concurrency: true }, async (t) => {
  await Promise.all([
    t.test("no greeting, no connection", async (t) => {
      const { node } = await alone(t);
      const stranger = new Stranger(node);
      await stranger.closed;
      await logs(node, "the peer sent no greeting");
    }),
    t.test("a peer that stands still is given up, and taken back when it goes on", async (t) => {
      const network = await layOut(t, { validators: 2, chainStartsIn: 3_600_000 });
      await boot(network);
      const [a, b] = network.nodes as [TestNode, TestNode];
      b.signal("SIGSTOP");
      await until(
        "no peers",
        async () => {
          const { peers } = await a.client.networkInfo();
          return peers === 0 ? { done: true, value: undefined } : { done: false, seen: `${peers}` };
        },
        25_000,
      );
      assert.match(a.out, /disconnected from validator-1: nothing came from the peer for [3-6] s/);
      b.signal("SIGCONT");
      await hasPeers(a, 1);
      await hasPeers(b, 1);
    }),
  ]);
});
