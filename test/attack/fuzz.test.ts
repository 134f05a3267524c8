import assert from "node:assert/strict";
import test from "node:test";
import { encodeBlob } from "../../lib/chain/blob.ts";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { type DaParams, type Share, ZERO_ID } from "../../lib/chain/types.ts";
import { signBlobOp, signInscription, signSelfTransfer, type Wallet } from "../../lib/chain/wallet.ts";
import { CodedError } from "../../lib/core/errors.ts";
import { randomStream } from "../../lib/core/random.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import type { Message } from "../../lib/devnet/machine/types.ts";
import { readMessage, writeMessage } from "../../lib/devnet/shell/message-codec.ts";
import type { Frame } from "../../lib/devnet/shell/transport/framing.ts";
import { Forge } from "../devnet-machine/support/blocks.ts";
import { createWorld, slotTime, WALLET_VALUE } from "../devnet-machine/support/network.ts";

const MUTATIONS = 3_000;
const da: DaParams = { shares: 2, needed: 1, members: [["validator-0"], ["mallory"]], samples: 2 };
const world = createWorld({ nodes: 2, wallets: 1, consensus: { f: 1 }, da });
const [VICTIM, LEADER] = world.names as [string, string];
const [alice] = world.wallets as [Wallet];
const forge = new Forge(world);
const { blob, shares } = encodeBlob(
  Uint8Array.from({ length: 40 }, (_, i) => i),
  da.shares,
  da.needed,
);
const transfer = signSelfTransfer(alice, genesisNoteOf(world.genesis, alice.pk)?.id ?? "", WALLET_VALUE);
const inscription = signInscription({ channel: "aa".repeat(32), inscription: Uint8Array.of(1, 2), parent: ZERO_ID });
const blobTx = signBlobOp({ channel: "bb".repeat(32), parent: ZERO_ID, blob, size: 40 });
const block = forge.block(LEADER, 1, world.genesis.id, [transfer, inscription]);
const child = forge.block(LEADER, 2, block.id, [blobTx]);

/** One of each kind that peers send. */
const CORPUS: readonly Message[] = [
  { type: "hello", genesis: world.genesis.id, tip: child.id, height: 2 },
  { type: "block", block },
  { type: "block", block: child },
  { type: "tx", tx: transfer },
  { type: "tx", tx: blobTx },
  { type: "sync-request", want: block.id, have: [world.genesis.id, ZERO_ID] },
  { type: "sync-reply", want: child.id, blocks: [block, child], more: true },
  { type: "share", share: shares[0] as Share },
  { type: "share-ack", blob, index: 0 },
  { type: "sample-request", blob, index: 0 },
  { type: "sample-reply", blob, index: 1, share: shares[1] as Share },
  { type: "sample-reply", blob, index: 1, share: null },
];

test("no bytes that a peer can send stop a node: they are refused as bytes, or as what they say", () => {
  const random = randomStream("fuzz");
  const frames = CORPUS.map(writeMessage);
  const machine = createMachine({ ...world.config(VICTIM), neighbours: ["mallory"] }, null, slotTime(3), world.memo);
  machine.start(slotTime(3));
  machine.handle({ type: "connected", peer: "mallory" }, slotTime(3));
  let read = 0;
  for (let i = 0; i < MUTATIONS; i++) {
    const message = decoded(mutated(random.pick(frames)));
    if (!message) continue;
    read++;
    machine.handle({ type: "message", from: "mallory", message }, slotTime(3) + i / 10);
  }
  assert.ok(read > MUTATIONS / 10 && read < MUTATIONS, `${read} of ${MUTATIONS} were messages`);
  const message: Message = { type: "block", block: forge.block(LEADER, 3) };
  machine.handle({ type: "message", from: "mallory", message }, slotTime(4));
  assert.ok(machine.block(message.block.id), "and it goes on");
  assert.equal(machine.totalValue(), 2_000n + WALLET_VALUE);

  function mutated({ type, body }: Frame): Frame {
    const bytes = Uint8Array.from(body);
    if (random.float() < 0.1) return { type: random.int(15, 25), body: bytes };
    if (random.float() < 0.1) return { type, body: bytes.slice(0, random.int(0, bytes.length)) };
    if (random.float() < 0.1) return { type, body: Uint8Array.from([...bytes, random.int(0, 255)]) };
    for (let flips = random.int(1, 3); flips > 0; flips--) {
      bytes[random.int(0, bytes.length - 1)] = random.pick([0, 1, 127, 128, 255, random.int(0, 255)]);
    }
    return { type, body: bytes };
  }
});

function decoded(frame: Frame): Message | null {
  try {
    return readMessage(frame);
  } catch (error) {
    assert.ok(error instanceof CodedError && error.code === "NR-CHAIN-DECODE", String(error));
    return null;
  }
}
