import assert from "node:assert/strict";
import test from "node:test";
import { encodeSignedTx } from "../../lib/chain/binary.ts";
import { signedTxBytes } from "../../lib/chain/encoding.ts";
import { MAX_BLOCK_BYTES } from "../../lib/chain/ledger.ts";
import { txHash } from "../../lib/chain/suite.ts";
import { type SignedTx, ZERO_ID } from "../../lib/chain/types.ts";
import { signBlobOp, signInscription, signTransfer, walletOf } from "../../lib/chain/wallet.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import type { Machine, Message } from "../../lib/devnet/machine/types.ts";
import { readMessage, writeMessage } from "../../lib/devnet/shell/message-codec.ts";
import { FrameReader, writeFrame } from "../../lib/devnet/shell/transport/framing.ts";
import { MAX_QUEUED } from "../../lib/devnet/shell/transport/peer-connection.ts";
import { Forge } from "../devnet-machine/support/blocks.ts";
import { createWorld, slotTime } from "../devnet-machine/support/network.ts";

const world = createWorld({ nodes: 1, consensus: { f: 1 } });
const [NAME] = world.names as [string];

function lonely(): Machine {
  const machine = createMachine(world.config(NAME), null, 0);
  machine.start(0);
  return machine;
}

/** An inscription of its own channel. */
function inscription(index: number, bytes: number): SignedTx {
  const channel = index.toString(16).padStart(64, "c");
  return signInscription({ channel, inscription: new Uint8Array(bytes), parent: ZERO_ID });
}

function frameOf(message: Message): Uint8Array {
  return writeFrame(writeMessage(message));
}

function submit(machine: Machine, tx: SignedTx): string | null {
  const { outputs } = machine.handle({ type: "submit", call: 0, tx }, 0);
  const answer = outputs.find((output) => output.type === "submitted");
  assert.ok(answer?.type === "submitted");
  return answer.refusal?.reason ?? null;
}

/** As large as HTTP takes one: 3.57 bytes of JSON for one of the inscription, at most 10 MiB. Six don't fit a frame. */
const LARGE = 2_900_000;
const large = [0, 1, 2, 3, 4, 5].map((index) => inscription(index, LARGE));

test("whatever clients send, every block fits the frame in which peers must take it, and the mempool a connection", () => {
  const machine = lonely();
  const taken = large.filter((tx) => submit(machine, tx) === null);
  assert.equal(taken.length, 5);
  assert.match(submit(machine, large[5] as SignedTx) ?? "", /^Mempool is full: \d+ bytes are pending/);
  const offered = machine.handle({ type: "connected", peer: "peer" }, 0).outputs;
  const bytes = offered.map((output) => (output.type === "send" ? frameOf(output.message).length : 0));
  assert.ok(bytes.reduce((sum, one) => sum + one) < MAX_QUEUED);

  for (let slot = 1; slot <= taken.length; slot++) {
    machine.handle({ type: "tick" }, slotTime(slot));
    const block = machine.block(machine.info().tip);
    assert.ok(block);
    const [frame] = new FrameReader().push(frameOf({ type: "block", block }));
    assert.ok(frame);
    assert.equal(readMessage(frame).type, "block");
  }
  assert.ok(machine.txStatus(taken.map(({ tx }) => txHash(tx))).every(({ type }) => type === "in-block"));
});

test("a block that is larger than any may be is refused, and so is a transaction that fits none", () => {
  const machine = lonely();
  const block = new Forge(world).block(NAME, 1, world.genesis.id, large.slice(0, 2));
  const { outputs } = machine.handle({ type: "message", from: "peer", message: { type: "block", block } }, slotTime(1));
  assert.equal(machine.block(block.id), null);
  assert.ok(
    outputs.some((output) => output.type === "log" && /5800\d+ bytes of transactions, at most/.test(output.text)),
  );
  assert.match(submit(machine, inscription(6, MAX_BLOCK_BYTES)) ?? "", /it has \d+ bytes, a block at most 4194304/);
});

test("a transaction's length is known without encoding it", () => {
  const wallet = walletOf(new Uint8Array(32).fill(1));
  const blob = { channel: ZERO_ID, parent: ZERO_ID, blob: ZERO_ID, size: 1 };
  const note = { value: 1n, pk: wallet.pk };
  for (const tx of [
    inscription(0, 0),
    inscription(0, 17),
    signBlobOp(blob),
    signTransfer(wallet, [ZERO_ID], [note, note]),
  ]) {
    assert.equal(signedTxBytes(tx), encodeSignedTx(tx).length);
  }
});
