import { Reader } from "../../../chain/binary.ts";
import { Writer } from "../../../chain/encoding.ts";
import type { HeaderId } from "../../../chain/types.ts";
import type { Frame } from "./framing.ts";

/** Frame types of the transport itself; the machine's messages are in `message-codec.ts`. */
export const FRAME = { greeting: 0, refusal: 1, ping: 2, probe: 3, echo: 4 } as const;

/** Bytes of a probe and its echo: a number that tells probes apart. */
export const PROBE_BYTES = 4;

/** Changes whenever a frame's layout does: nodes of different builds refuse each other in words. */
const PROTOCOL = 1;

/** The first frame on a connection, from both ends. */
export interface Greeting {
  readonly name: string;
  readonly genesis: HeaderId;
  /** Drawn at every start of the process, so that a restarted peer is told from a second connection. 32 bytes in hex. */
  readonly instance: string;
}

const text = new TextEncoder();

export function writeGreeting(greeting: Greeting): Frame {
  const name = text.encode(greeting.name);
  const out = new Writer().u8(PROTOCOL).id(greeting.genesis).id(greeting.instance).u8(name.length).bytes(name);
  return { type: FRAME.greeting, body: out.finish() };
}

/** @throws Error when the frame isn't a greeting of this protocol. */
export function readGreeting(frame: Frame): Greeting {
  if (frame.type !== FRAME.greeting) throw new TypeError(`frame type ${frame.type} before the greeting`);
  const reader = new Reader(frame.body, "greeting");
  const protocol = reader.u8();
  if (protocol !== PROTOCOL) throw reader.fault(`protocol ${protocol}, this node speaks ${PROTOCOL},`);
  const genesis = reader.id();
  const instance = reader.id();
  const name = decodeText(reader.bytes(reader.u8()));
  reader.end();
  return { name, genesis, instance };
}

/** Tells the other end why it is turned away. */
export function writeRefusal(reason: string): Frame {
  return { type: FRAME.refusal, body: text.encode(reason).subarray(0, 500) };
}

export function readRefusal(frame: Frame): string {
  return new TextDecoder().decode(frame.body.subarray(0, 500));
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
