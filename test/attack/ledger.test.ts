import assert from "node:assert/strict";
import test from "node:test";
import { blockToJson } from "../../lib/chain/json.ts";
import { type Applied, applyBlock, type LedgerState, outputNotes, totalValue } from "../../lib/chain/ledger.ts";
import { notePk, txHash } from "../../lib/chain/suite.ts";
import { type MantleTx, type Note, type Op, type SignedTx, ZERO_ID } from "../../lib/chain/types.ts";
import { verifyTx } from "../../lib/chain/verify-tx.ts";
import { channelSigner, signInscription, signTransfer, signTx, type Wallet } from "../../lib/chain/wallet.ts";
import { concatBytes, hexToBytes } from "../../lib/core/bytes.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import { network, WALLET_VALUE } from "../chain/fixture.ts";
import { Forge } from "../devnet-machine/support/blocks.ts";
import { createWorld, slotTime } from "../devnet-machine/support/network.ts";

const net = network("attack", 2, 3);
const [anna, bob] = net.wallets as [Wallet, Wallet, Wallet];
const TOTAL = totalValue(net.state);
const U64_MAX = 2n ** 64n - 1n;
const NOTHING = { inputs: [], outputs: [] };

/** A block of transactions as a node judges them: each by itself, then in order. Its state, or why not. */
function judge(state: LedgerState, ...txs: SignedTx[]): Applied {
  for (const signed of txs) {
    const check = verifyTx(signed);
    if (!check.ok) return { ok: false, reason: check.reason, permanent: true, byProofs: false };
  }
  return applyBlock(state, txs);
}

function assertRefused(applied: Applied, what: string): void {
  assert.equal(applied.ok, false, what);
}

function stateAfter(applied: Applied): LedgerState {
  assert.ok(applied.ok, applied.ok ? "" : applied.reason);
  assert.equal(totalValue(applied.state), TOTAL);
  return applied.state;
}

function inscribe(channel: string, parent = ZERO_ID): Op {
  return { type: "inscribe", channel, inscription: Uint8Array.of(1), parent, signer: channelSigner().key };
}

/** Signed with anna's ledger key, prices and all. */
function priced(change: Partial<MantleTx>): SignedTx {
  const tx: MantleTx = { ops: [], ledger: NOTHING, executionGasPrice: 0n, storageGasPrice: 0n, ...change };
  const message = hexToBytes(txHash(tx));
  const opProofs = tx.ops.map(() => ({ type: "ed25519", signature: channelSigner().sign(message) }) as const);
  return {
    tx,
    opProofs,
    ledgerProof: concatBytes(hexToBytes(anna.signer.key), anna.signer.sign(message), new Uint8Array(32)),
  };
}

test("no transaction makes value: from nothing, by wrapping, through an operation, or through a negative price", () => {
  const note = net.note(0);
  const to = (value: bigint): Note => ({ value, pk: anna.pk });
  const op = inscribe("aa".repeat(32));
  const thefts: Record<string, SignedTx> = {
    "from nothing": signTransfer(anna, [], [to(1n)]),
    "from nothing, beside an operation": signTx([op], channelSigner(), { inputs: [], outputs: [to(1n)] }, anna.signer),
    "more than goes in, beside an operation": priced({
      ops: [op],
      ledger: { inputs: [note], outputs: [to(WALLET_VALUE + 1n)] },
    }),
    "wrapping 64 bits": signTransfer(anna, [note], [to(U64_MAX), to(WALLET_VALUE + 1n)]),
    "wrapping 64 bits 255 times": signTransfer(
      anna,
      [note],
      Array.from({ length: 255 }, () => to(U64_MAX)),
    ),
    "an input twice": signTransfer(anna, [note, note], [to(2n * WALLET_VALUE)]),
    "its own output": signTransfer(
      anna,
      [outputNotes({ inputs: [note], outputs: [to(WALLET_VALUE)] })[0]?.id ?? ""],
      [to(1n)],
    ),
    "gas that wraps 64 bits": priced({
      ops: [op],
      executionGasPrice: U64_MAX,
      storageGasPrice: U64_MAX,
      ledger: { inputs: [note], outputs: [to(WALLET_VALUE)] },
    }),
  };
  for (const [what, theft] of Object.entries(thefts)) assertRefused(judge(net.state, theft), what);
  assert.throws(() => priced({ executionGasPrice: -1n }), { code: "NR-CHAIN-ENCODE" });
});

test("two transactions with one and the same ledger part make their notes once", () => {
  const ledger = { inputs: [net.note(0)], outputs: [{ value: WALLET_VALUE, pk: bob.pk }] };
  const plain = priced({ ledger });
  const dressed = priced({ ledger, ops: [inscribe("aa".repeat(32))] });
  assert.notEqual(txHash(plain.tx), txHash(dressed.tx));
  stateAfter(judge(net.state, plain));
  stateAfter(judge(net.state, dressed));
  assertRefused(judge(net.state, plain, dressed), "both in one block");
  assertRefused(judge(stateAfter(judge(net.state, dressed)), plain), "one after the other");
});

test("nothing that is on the chain can be put on it again, however often its outputs went round", () => {
  const there = signTransfer(anna, [net.note(0)], [{ value: WALLET_VALUE, pk: bob.pk }]);
  const back = signTransfer(bob, [outputNotes(there.tx.ledger)[0]?.id ?? ""], [{ value: WALLET_VALUE, pk: anna.pk }]);
  const inscription = signInscription({ channel: "aa".repeat(32), inscription: Uint8Array.of(1), parent: ZERO_ID });
  const empty = priced({});
  const once = [there, back, inscription, empty].filter((signed) => judge(net.state, signed).ok || signed === back);
  const state = stateAfter(judge(net.state, ...once));
  for (const signed of once) assertRefused(judge(state, signed), `again ${txHash(signed.tx)}`);
  assert.ok(once.length >= 3);
});

test("stake can't be spent, be it by its owner, and what is paid to its owner is no stake", () => {
  const [leader] = net.leaders;
  const [stake] = net.genesis.leaders;
  assert.ok(leader && stake);
  const owner: Wallet = { signer: leader.signer, pk: notePk(leader.key) };
  const spend = (inputs: string[], value: bigint) => signTransfer(owner, inputs, [{ value, pk: bob.pk }]);
  assertRefused(judge(net.state, spend([stake.note], stake.value)), "stake");
  const gift = signTransfer(anna, [net.note(0)], [{ value: WALLET_VALUE, pk: owner.pk }]);
  const given = outputNotes(gift.tx.ledger)[0]?.id ?? "";
  const state = stateAfter(judge(net.state, gift));
  assertRefused(judge(state, spend([given, stake.note], WALLET_VALUE + stake.value)), "stake beside a gift");
  stateAfter(judge(state, spend([given], WALLET_VALUE)));
});

test("an empty transaction is refused: it could be put into every block, and twice into one", () => {
  const world = createWorld({ nodes: 1, consensus: { f: 1 } });
  const [name] = world.names as [string];
  const block = new Forge(world).block(name, 1, world.genesis.id, [priced({}), priced({})]);
  const machine = createMachine(world.config(name), null, slotTime(1));
  machine.start(slotTime(1));
  machine.handle({ type: "message", from: "peer", message: { type: "block", block } }, slotTime(1));
  assert.equal(machine.block(block.id), null);
  const { outputs } = machine.handle({ type: "submit", call: 0, tx: priced({}) }, slotTime(1));
  const answer = outputs.find((output) => output.type === "submitted");
  assert.match((answer?.type === "submitted" && answer.refusal?.reason) || "", /empty transaction/);
});

test("what no JSON number can say exactly is no operation's: a block with it could not be read over HTTP", () => {
  const world = createWorld({ nodes: 1, consensus: { f: 1 } });
  const [name] = world.names as [string];
  const op: Op = {
    type: "blob",
    channel: "aa".repeat(32),
    session: 0n,
    blob: ZERO_ID,
    blobSize: 1n,
    storageGasPrice: 0n,
    parent: ZERO_ID,
    signer: channelSigner().key,
  };
  for (const change of [{ session: 2n ** 53n }, { blobSize: 2n ** 53n }, { blobSize: 0n, storageGasPrice: U64_MAX }]) {
    const tx = priced({ ops: [{ ...op, ...change }] });
    const block = new Forge(world).block(name, 1, world.genesis.id, [tx]);
    const machine = createMachine(world.config(name), null, slotTime(1));
    machine.start(slotTime(1));
    const { outputs } = machine.handle({ type: "message", from: "peer", message: { type: "tx", tx } }, slotTime(1));
    assert.equal(machine.mempoolMetrics().pendingItems, 0, JSON.stringify(outputs));
    assert.equal(judge(net.state, tx).ok, false);
    assert.throws(() => blockToJson(block), { code: "NR-CHAIN-JSON" });
  }
});
