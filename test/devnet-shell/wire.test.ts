import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { bytesToHex } from "../../lib/core/bytes.ts";
import type { Message } from "../../lib/devnet/machine/types.ts";
import { readMessage, writeMessage } from "../../lib/devnet/shell/message-codec.ts";
import { type Frame, FrameReader, MAX_FRAME, writeFrame } from "../../lib/devnet/shell/transport/framing.ts";
import { renderExposition } from "../../lib/telemetry/exposition.ts";
import { block as blockWith, bytes, share, signedTx, U64 } from "../chain/arbitrary.ts";

const id = bytes(32).map(bytesToHex);
const block = blockWith(U64);
const u16 = fc.integer({ min: 0, max: 0xffff });

/** With the prototype that our own objects have. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(model, { noNullPrototype: true });

const message: fc.Arbitrary<Message> = fc.oneof(
  record({ type: fc.constant("hello" as const), genesis: id, tip: id, height: fc.maxSafeNat() }),
  record({ type: fc.constant("block" as const), block }),
  record({ type: fc.constant("tx" as const), tx: signedTx(U64) }),
  record({ type: fc.constant("sync-request" as const), want: id, have: fc.array(id) }),
  record({
    type: fc.constant("sync-reply" as const),
    want: id,
    blocks: fc.array(block, { maxLength: 4 }),
    more: fc.boolean(),
  }),
  record({ type: fc.constant("share" as const), share }),
  record({ type: fc.constant("share-ack" as const), blob: id, index: u16 }),
  record({ type: fc.constant("sample-request" as const), blob: id, index: u16 }),
  record({ type: fc.constant("sample-reply" as const), blob: id, index: u16, share: fc.option(share) }),
);

test("every message survives the wire", () => {
  fc.assert(
    fc.property(message, (sent) => {
      const [frame, ...rest] = new FrameReader().push(writeFrame(writeMessage(sent)));
      assert.deepEqual(rest, []);
      assert.deepEqual(readMessage(frame as Frame), sent);
    }),
    { numRuns: 200 },
  );
});

test("a message cut anywhere, or with more after it, is refused", () => {
  fc.assert(
    fc.property(message, fc.nat(), (sent, at) => {
      const { type, body } = writeMessage(sent);
      const cut = body.subarray(0, at % Math.max(1, body.length));
      assert.throws(() => readMessage({ type, body: cut }), { code: "NR-CHAIN-DECODE" });
      const longer = new Uint8Array([...body, 0]);
      assert.throws(() => readMessage({ type, body: longer }), { code: "NR-CHAIN-DECODE" });
    }),
    { numRuns: 200 },
  );
});

test("frames come out whole and in order, however the stream is cut", () => {
  const frame = fc.record({ type: fc.integer({ min: 0, max: 255 }), body: fc.uint8Array({ maxLength: 40 }) });
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (frames, sizes) => {
      const stream = Buffer.concat(frames.map((sent) => writeFrame(sent)));
      const reader = new FrameReader();
      const came: Frame[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] as number;
        came.push(...reader.push(stream.subarray(at, at + size)));
        at += size;
      }
      const plain = (list: readonly Frame[]) => list.map(({ type, body }) => [type, ...body]);
      assert.deepEqual(plain(came), plain(frames));
    }),
  );
});

test("a frame over the limit is refused before its body comes", () => {
  const head = new Uint8Array(5);
  new DataView(head.buffer).setUint32(0, MAX_FRAME + 1, true);
  assert.throws(() => new FrameReader().push(head), RangeError);
});

test("metrics are written as Prometheus reads them", () => {
  const text = renderExposition([
    { name: "up", type: "gauge", help: "one\\two\nthree", samples: [{ value: 1 }] },
    {
      name: "seen_total",
      type: "counter",
      samples: [
        { labels: { path: 'a"b\\c\nd', code: "200" }, value: 0.5 },
        { value: Number.NaN },
        { value: Number.POSITIVE_INFINITY },
      ],
    },
  ]);
  assert.equal(
    text,
    [
      "# HELP up one\\\\two\\nthree",
      "# TYPE up gauge",
      "up 1",
      "# TYPE seen_total counter",
      'seen_total{path="a\\"b\\\\c\\nd",code="200"} 0.5',
      "seen_total NaN",
      "seen_total +Inf",
      "",
    ].join("\n"),
  );
});
