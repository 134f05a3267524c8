import assert from "node:assert/strict";
import test from "node:test";
import { headerId, messageId } from "../../lib/chain/suite.ts";
import { type DaParams, type Op, type SignedTx, ZERO_ID } from "../../lib/chain/types.ts";
import { channelSigner, signTx } from "../../lib/chain/wallet.ts";
import { hexToBytes } from "../../lib/core/bytes.ts";
import { genesisState } from "../../lib/devnet/machine/chain-state.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import { Mempool } from "../../lib/devnet/machine/mempool.ts";
import { createSharedMemo } from "../../lib/devnet/machine/shared-memo.ts";
import { Verifier } from "../../lib/devnet/machine/verifier.ts";
import { Forge } from "../devnet-machine/support/blocks.ts";
import { CONSENSUS, createWorld, slotTime } from "../devnet-machine/support/network.ts";

const COUNT = 8_000;
const { genesis } = createWorld({ nodes: 1 });
const state = genesisState(genesis);

/** An inscription whose signatures are nobody's: the test says that they were found good before. */
function inscription(index: number, parent: string, text = bytesOf(index)): SignedTx {
  const op: Op = {
    type: "inscribe",
    channel: ZERO_ID.replace("0", "d"),
    inscription: text,
    parent,
    signer: ZERO_ID,
  };
  const ledger = { inputs: [], outputs: [] };
  const opProofs = [{ type: "ed25519", signature: new Uint8Array(64) }] as const;
  const tx = { ops: [op], ledger, executionGasPrice: 0n, storageGasPrice: 0n };
  return { tx, opProofs, ledgerProof: new Uint8Array(128) };
}

function bytesOf(index: number): Uint8Array {
  return Uint8Array.of(index & 255, index >> 8);
}

/** Milliseconds to choose a block's transactions from as many that wait, each for the place that `parentOf` gives. */
function timeToChoose(parentOf: (index: number) => string): number {
  const memo = createSharedMemo();
  const mempool = new Mempool(new Verifier(genesis, CONSENSUS, memo));
  for (let index = 0; index < COUNT; index++) {
    const signed = inscription(index, parentOf(index));
    memo.txs.set(signed, { ok: true });
    assert.equal(mempool.add(signed, state, state, 0), null);
  }
  mempool.select(state, () => true);
  return timed(() => assert.deepEqual(mempool.select(state, () => true).txs, []));
}

/** Milliseconds that something takes. */
function timed(work: () => unknown): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

const BLOB_OP = {
  type: "blob",
  channel: "a".repeat(64),
  session: 0n,
  blobSize: 1n,
  storageGasPrice: 0n,
} as const;

test("thousands that wait for one predecessor hold up a proposal no more than as many that wait for their own", () => {
  const own = timeToChoose((index) => index.toString(16).padStart(64, "e"));
  const common = timeToChoose(() => "e".repeat(64));
  assert.ok(common < 5 * own, `${common.toFixed(0)} ms against ${own.toFixed(0)} ms`);
});

test("a block with thousands of blobs that nobody has costs what its signatures cost, not the square of its blobs", () => {
  const da: DaParams = { shares: 1, needed: 1, members: [["absent"]], samples: 1 };
  const world = createWorld({ nodes: 2, consensus: { f: 1 }, da });
  const [victim, leader] = world.names as [string, string];
  const signer = channelSigner();
  let parent = ZERO_ID;
  const txs = Array.from({ length: 16 }, (_, t) => {
    const ops = Array.from({ length: 255 }, (_, i): Op => {
      const blob = (256 * t + i).toString(16).padStart(64, "0");
      const op: Op = { ...BLOB_OP, blob, parent, signer: signer.key };
      parent = messageId(op);
      return op;
    });
    return signTx(ops, signer, { inputs: [], outputs: [] }, signer);
  });
  const block = new Forge(world).block(leader, 1, world.genesis.id, txs);
  const machine = createMachine({ ...world.config(victim), neighbours: ["peer"] }, null, slotTime(5));
  machine.start(slotTime(5));
  const took = timed(() =>
    machine.handle({ type: "message", from: "peer", message: { type: "block", block } }, slotTime(5)),
  );
  assert.equal(machine.block(block.id), null, "it is held");
  const waited = timed(() => machine.handle({ type: "tick" }, slotTime(6)));
  assert.ok(waited < 0.2 * took, `${took.toFixed(0)} ms to verify, ${waited.toFixed(0)} ms to go on waiting`);
});

test("transactions that wait for what never comes leave room for those that apply", () => {
  const memo = createSharedMemo();
  const mempool = new Mempool(new Verifier(genesis, CONSENSUS, memo));
  const add = (signed: SignedTx) => {
    memo.txs.set(signed, { ok: true });
    return mempool.add(signed, state, state, 0)?.reason ?? "";
  };
  const large = (index: number, parent: string) => inscription(index, parent, new Uint8Array(2_000_000).fill(index));
  const refusals = [1, 2, 3, 4, 5].map((index) => add(large(index, "e".repeat(64))));
  assert.deepEqual(refusals.slice(0, 4), ["", "", "", ""]);
  assert.match(refusals[4] ?? "", /^Mempool is half full: /);
  assert.deepEqual(
    [6, 7].map((index) => add(large(index, ZERO_ID))),
    ["", ""],
  );
});

test("a leader that signs hundreds of blocks on parents nobody has fills no more than the room for orphans", () => {
  const world = createWorld({ nodes: 2, consensus: { f: 1 } });
  const [victim, name] = world.names as [string, string];
  const forge = new Forge(world);
  const { header } = forge.block(name, 1);
  const machine = createMachine({ ...world.config(victim), neighbours: ["mallory", "peer"] }, null, slotTime(5));
  machine.start(slotTime(5));
  for (const peer of ["mallory", "peer"]) machine.handle({ type: "connected", peer }, slotTime(5));
  let requests = 0;
  for (let i = 0; i < 600; i++) {
    const orphan = { ...header, parent: i.toString(16).padStart(64, "f") };
    const id = headerId(orphan);
    const block = { id, header: orphan, signature: forge.leader(name).signer.sign(hexToBytes(id)), txs: [] };
    const message = { type: "block", block } as const;
    const { outputs } = machine.handle({ type: "message", from: "mallory", message }, slotTime(5));
    requests += outputs.filter((output) => output.type === "send").length;
  }
  assert.equal(machine.metrics().orphan_blocks_pending, 512);
  assert.equal(requests, 1, "one is looked for at a time");
  const honest = forge.block(name, 2);
  machine.handle({ type: "message", from: "peer", message: { type: "block", block: honest } }, slotTime(5));
  assert.equal(machine.info().tip, honest.id);
});
