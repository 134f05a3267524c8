import {
  decodeBlock,
  decodeShare,
  decodeSignedTx,
  encodeBlock,
  encodeShare,
  encodeSignedTx,
  Reader,
} from "../../chain/binary.ts";
import { Writer } from "../../chain/encoding.ts";
import type { Message } from "../machine/types.ts";
import { type Frame, MAX_FRAME } from "./transport/framing.ts";

/** Frame type of each message; 0 to 15 are the transport's own. */
const TYPE = {
  hello: 16,
  block: 17,
  tx: 18,
  "sync-request": 19,
  "sync-reply": 20,
  share: 21,
  "share-ack": 22,
  "sample-request": 23,
  "sample-reply": 24,
} as const satisfies Record<Message["type"], number>;

/** A machine's message as a frame: the type, then the chain's binary layouts; lists have u16 counts, parts u32 lengths. */
export function writeMessage(message: Message): Frame {
  return { type: TYPE[message.type], body: writeBody(message) };
}

function writeBody(message: Message): Uint8Array {
  const out = new Writer();
  switch (message.type) {
    case "hello":
      return out.id(message.genesis).id(message.tip).u64(message.height).finish();
    case "block":
      return encodeBlock(message.block);
    case "tx":
      return encodeSignedTx(message.tx);
    case "sync-request":
      out.id(message.want).u16(message.have.length);
      for (const id of message.have) out.id(id);
      return out.finish();
    case "sync-reply": {
      const blocks = fitting(message.blocks.map(encodeBlock));
      const more = message.more || blocks.length < message.blocks.length;
      out
        .id(message.want)
        .u8(more ? 1 : 0)
        .u16(blocks.length);
      for (const block of blocks) writePart(out, block);
      return out.finish();
    }
    case "share":
      return encodeShare(message.share);
    case "share-ack":
    case "sample-request":
      return out.id(message.blob).u16(message.index).finish();
    case "sample-reply":
      out.id(message.blob).u16(message.index);
      return writePart(out, message.share ? encodeShare(message.share) : new Uint8Array()).finish();
  }
}

/** As many of the blocks as one frame holds, at least one; whoever asked is told that there are more. */
function fitting(blocks: readonly Uint8Array[]): readonly Uint8Array[] {
  let bytes = 0;
  const over = blocks.findIndex((block, i) => {
    bytes += block.length;
    return i > 0 && bytes > MAX_FRAME / 2;
  });
  return over === -1 ? blocks : blocks.slice(0, over);
}

/** @throws CodedError NR-CHAIN-DECODE for anything but a message's exact bytes. */
export function readMessage({ type, body }: Frame): Message {
  switch (type) {
    case TYPE.block:
      return { type: "block", block: decodeBlock(body) };
    case TYPE.tx:
      return { type: "tx", tx: decodeSignedTx(body) };
    case TYPE.share:
      return { type: "share", share: decodeShare(body) };
  }
  const input = new Reader(body, "peer message");
  const message = readFields(type, input);
  input.end();
  return message;
}

function readFields(type: number, input: Reader): Message {
  switch (type) {
    case TYPE.hello:
      return { type: "hello", genesis: input.id(), tip: input.id(), height: input.safeInteger() };
    case TYPE["sync-request"]:
      return { type: "sync-request", want: input.id(), have: input.list(input.u16(), () => input.id()) };
    case TYPE["sync-reply"]: {
      const want = input.id();
      const more = readFlag(input);
      return { type: "sync-reply", want, more, blocks: input.list(input.u16(), () => decodeBlock(readPart(input))) };
    }
    case TYPE["share-ack"]:
      return { type: "share-ack", blob: input.id(), index: input.u16() };
    case TYPE["sample-request"]:
      return { type: "sample-request", blob: input.id(), index: input.u16() };
    case TYPE["sample-reply"]: {
      const [blob, index, share] = [input.id(), input.u16(), readPart(input)];
      return { type: "sample-reply", blob, index, share: share.length === 0 ? null : decodeShare(share) };
    }
    default:
      throw input.fault(`frame type ${type} is unknown`);
  }
}

function writePart(out: Writer, bytes: Uint8Array): Writer {
  return out.u32(bytes.length).bytes(bytes);
}

function readPart(input: Reader): Uint8Array {
  return input.bytes(input.u32());
}

function readFlag(input: Reader): boolean {
  const flag = input.u8();
  if (flag > 1) throw input.fault(`${flag} is no flag`);
  return flag === 1;
}
