import assert from "node:assert/strict";
import test from "node:test";
import { encodeBlob } from "../../lib/chain/blob.ts";
import { ZERO_ID } from "../../lib/chain/types.ts";
import { blobMessageId } from "../../lib/chain/wallet.ts";
import type { SeenBlock } from "../../lib/model/feed.ts";
import { Channel, type Message } from "../../lib/workloads/data-availability/channel.ts";
import { channelIdOf } from "../../lib/workloads/data-availability/channel-id.ts";

const ID = channelIdOf("data-availability", 0);
const LAYOUT = { shares: 5, needed: 3 };
const data = (n: number) => Uint8Array.from({ length: 31 }, (_, i) => n + i);

const STRANGER = "5".repeat(64);

const blockOf = (height: number, ids: readonly string[]): SeenBlock => ({
  id: `b${height}`,
  parent: "",
  height,
  slot: height,
  txs: [],
  messages: ids.map((id) => ({ channel: ID, id, blob: null })),
});
const idOf = (message: Message | undefined) => message?.id ?? "unknown";

/** A channel with an inscription and `blobs` blobs, all under way. */
function channel(blobs: number, layout: typeof LAYOUT | null = LAYOUT): { channel: Channel; row: Message[] } {
  const made = new Channel(ID, 4, layout, 10);
  const row = [made.append({ type: "inscription", inscription: new Uint8Array([1]) }, 0)];
  for (let n = 0; n < blobs; n++) row.push(made.append({ type: "blob", n, data: data(n) }, 0));
  return { channel: made, row };
}

test("channel ids have the original's form", () => {
  assert.equal(ID, `${Buffer.from("chn_wrkd").toString("hex")}${"0".repeat(48)}`);
  assert.equal(channelIdOf("data-availability", 258), `${Buffer.from("chn_wrkd").toString("hex")}${"0".repeat(45)}102`);
  assert.notEqual(channelIdOf("more-blobs", 0), ID);
});

test("each message names the one before it, and its id is what the chain will say", () => {
  const { row } = channel(2);
  assert.equal(row[0]?.parent, ZERO_ID);
  assert.equal(row[1]?.parent, idOf(row[0]));
  const { blob } = encodeBlob(data(1), LAYOUT.shares, LAYOUT.needed);
  assert.equal(idOf(row[2]), blobMessageId({ channel: ID, parent: idOf(row[1]), blob, size: 31 }));
});

test("as many messages are under way as the window has", () => {
  const { channel: made, row } = channel(3);
  assert.equal(made.hasRoom(), false);
  made.follow({ removed: [], added: [blockOf(1, [idOf(row[0])])] });
  assert.equal(made.hasRoom(), true);
  assert.deepEqual(made.underWay(), row.slice(1));
});

test("where ids can't be predicted one message is under way, and the chain names it", () => {
  const { channel: made } = channel(0, null);
  assert.equal(made.hasRoom(), false);
  made.follow({ removed: [], added: [blockOf(1, ["first"])] });
  assert.equal(made.hasRoom(), true);
  const blob = made.append({ type: "blob", n: 0, data: data(0) }, 0);
  assert.equal(blob.parent, "first");
  assert.equal(blob.id, null);
  assert.equal(made.hasRoom(), false);
  made.follow({ removed: [], added: [blockOf(2, ["second"])] });
  assert.equal(blob.id, "second");
  assert.equal(made.append({ type: "blob", n: 1, data: data(1) }, 0).parent, "second");
});

test("messages that leave the chain are under way again, in order and with the ids they had", () => {
  const { channel: made, row } = channel(2);
  const ids = row.map(idOf);
  made.follow({ removed: [], added: [blockOf(1, ids.slice(0, 1)), blockOf(2, ids.slice(1))] });
  assert.deepEqual(made.underWay(), []);
  made.follow({ removed: [blockOf(2, ids.slice(1))], added: [blockOf(2, ids.slice(1, 2)), blockOf(3, [])] });
  assert.deepEqual(made.underWay().map(idOf), ids.slice(2));
});

test("a message is due when no node took it, or one did and two blocks did not have it", () => {
  const { channel: made, row } = channel(1);
  assert.deepEqual(made.due(5), row);
  for (const message of row) message.deliveredAt = 5;
  assert.deepEqual(made.due(6), []);
  assert.deepEqual(made.due(7), row);
  (row[0] as Message).sending = true;
  assert.deepEqual(made.due(7), row.slice(1));
});

test("after a message that nobody expected the row goes on from the chain's real tip", () => {
  const { channel: made, row } = channel(2);
  for (const message of row) message.deliveredAt = 1;
  made.follow({ removed: [], added: [blockOf(1, [idOf(row[0]), STRANGER])] });
  assert.deepEqual(made.underWay(), row.slice(2));
  assert.equal(row[2]?.parent, STRANGER);
  assert.equal(row[2]?.deliveredAt, null, "its transaction named another parent and is worth nothing");
});

test("a message that the chain has without a node's answer is told once", () => {
  const { channel: made, row } = channel(1);
  (row[0] as Message).deliveredAt = 1;
  made.follow({ removed: [], added: [blockOf(1, row.map(idOf))] });
  assert.deepEqual(made.takeUnanswered(), row.slice(1));
  assert.deepEqual(made.takeUnanswered(), []);
});

test("a channel that was not followed for a while is read from the feed", () => {
  const { channel: made, row } = channel(2);
  const blocks = [blockOf(2, row.slice(1).map(idOf)), { ...blockOf(1, [idOf(row[0])]), parent: "genesis" }];
  const [tip, first] = blocks as [SeenBlock, SeenBlock];
  const feed = {
    head: () => ({ ...tip, parent: first.id }),
    block: (id: string) => (id === first.id ? first : undefined),
    isCanonical: () => true,
    subscribe: () => () => undefined,
    txDepth: () => undefined,
    messageDepth: () => undefined,
    views: () => [],
  };
  made.resync(feed);
  assert.deepEqual(made.underWay(), []);
});

test("the bytes of messages that no reorganisation reaches are let go", () => {
  const made = new Channel(ID, 1, LAYOUT, 2);
  const row = [made.append({ type: "inscription", inscription: new Uint8Array([1]) }, 0)];
  for (let height = 1; height <= 10; height++) {
    made.follow({ removed: [], added: [blockOf(height, [idOf(row.at(-1))])] });
    row.push(made.append({ type: "blob", n: height, data: data(height) }, 0));
  }
  assert.deepEqual(
    row.map(({ content }) => content.type === "buried"),
    row.map((_, index) => index < 7),
  );
});
