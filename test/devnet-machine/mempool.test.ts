import assert from "node:assert/strict";
import test from "node:test";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { outputNotes } from "../../lib/chain/ledger.ts";
import { messageId, txHash } from "../../lib/chain/suite.ts";
import { type Op, type SignedTx, ZERO_ID } from "../../lib/chain/types.ts";
import { signBlobOp, signInscription, signSelfTransfer, signTransfer, type Wallet } from "../../lib/chain/wallet.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import type { Machine, Refusal } from "../../lib/devnet/machine/types.ts";
import { createWorld, slotTime, WALLET_VALUE } from "./support/network.ts";

const CHANNEL = "c1".repeat(32);

/** A node by itself that wins every slot, driven by hand. */
class Lonely {
  readonly world = createWorld({
    nodes: 1,
    wallets: 3,
    consensus: { f: 1, k: 3 },
    da: { samples: 1, members: [["absent"]] },
  });
  readonly machine: Machine = createMachine(this.world.config("validator-0"), null, 0);
  #slot = 0;
  #call = 0;

  constructor() {
    this.machine.start(0);
  }

  submit(tx: SignedTx): Refusal | null {
    const call = this.#call++;
    const { outputs } = this.machine.handle({ type: "submit", call, tx }, slotTime(this.#slot));
    const answer = outputs.find((output) => output.type === "submitted");
    assert.ok(answer?.type === "submitted" && answer.call === call);
    return answer.refusal;
  }

  /** Lets the next slot begin; returns its block's transactions and the line that the log has of it. */
  slot(): { txs: readonly SignedTx[]; line: string } {
    const { outputs } = this.machine.handle({ type: "tick" }, slotTime(++this.#slot));
    const block = this.machine.block(this.machine.info().tip);
    const log = outputs.find((output) => output.type === "log" && output.text.startsWith("proposed"));
    return { txs: block?.txs ?? [], line: log?.type === "log" ? log.text : "" };
  }

  wallet(index: number): Wallet {
    return this.world.wallets[index] as Wallet;
  }

  note(index: number): string {
    return genesisNoteOf(this.world.genesis, this.wallet(index).pk)?.id ?? "";
  }

  status(tx: SignedTx): string | undefined {
    return this.machine.txStatus([txHash(tx.tx)])[0]?.type;
  }
}

/** Inscriptions on one channel, each naming the one before. */
function pipeline(length: number): SignedTx[] {
  const txs: SignedTx[] = [];
  let parent = ZERO_ID;
  for (let i = 0; i < length; i++) {
    const tx = signInscription({ channel: CHANNEL, inscription: Uint8Array.of(i), parent });
    parent = messageId(tx.tx.ops[0] as Op);
    txs.push(tx);
  }
  return txs;
}

test("channel messages that depend on one another go into one block, in whatever order they came", () => {
  const node = new Lonely();
  const messages = pipeline(8);
  for (const tx of messages.toReversed()) assert.equal(node.submit(tx), null);
  const { txs, line } = node.slot();
  assert.deepEqual(
    txs.map(({ tx }) => txHash(tx)),
    messages.map(({ tx }) => txHash(tx)),
  );
  assert.match(line, /^proposed block with id 0x[0-9a-f]{64} containing 8 transactions \(0 removed\)$/);
});

test("a chain of transfers goes into one block too", () => {
  const node = new Lonely();
  const first = signTransfer(node.wallet(0), [node.note(0)], [{ value: WALLET_VALUE, pk: node.wallet(1).pk }]);
  const passed = outputNotes(first.tx.ledger)[0]?.id ?? "";
  const second = signSelfTransfer(node.wallet(1), passed, WALLET_VALUE);
  assert.equal(node.submit(second), null);
  assert.deepEqual(node.slot().txs, []);
  assert.equal(node.status(second), "pending");
  assert.equal(node.submit(first), null);
  assert.equal(node.slot().txs.length, 2);
  assert.equal(node.machine.balance(node.wallet(1).pk), 2n * WALLET_VALUE);
  assert.equal(node.machine.totalValue(), 1_000n + 3n * WALLET_VALUE);
});

test("duplicates are refused, pending or included", () => {
  const node = new Lonely();
  const tx = signSelfTransfer(node.wallet(0), node.note(0), WALLET_VALUE);
  assert.equal(node.submit(tx), null);
  const twice = { status: 500, reason: "Item already in mempool" };
  assert.deepEqual(node.submit(tx), twice);
  assert.equal(node.status(tx), "pending");
  assert.deepEqual(node.machine.mempoolMetrics(), { pendingItems: 1, lastItemTimestamp: slotTime(0) });
  node.slot();
  assert.equal(node.status(tx), "in-block");
  assert.deepEqual(node.submit(tx), twice);
  assert.equal(node.machine.mempoolMetrics().pendingItems, 0);
});

test("what can never be valid is refused with the reason", () => {
  const node = new Lonely();
  const good = signSelfTransfer(node.wallet(0), node.note(0), WALLET_VALUE);
  const manyOutputs = {
    inputs: [],
    outputs: Array.from({ length: 256 }, () => ({ value: 1n, pk: node.wallet(0).pk })),
  };
  const refusals: [SignedTx, number, RegExp][] = [
    [{ ...good, ledgerProof: new Uint8Array(128) }, 500, /ledger proof/],
    [signSelfTransfer(node.wallet(0), node.note(0), WALLET_VALUE + 1n), 500, /is not the gas cost/],
    [signSelfTransfer(node.wallet(1), node.note(0), WALLET_VALUE), 500, /belongs to another key/],
    [{ ...good, tx: { ...good.tx, ledger: manyOutputs } }, 500, /256 outputs where a transaction holds at most 255/],
    [{ ...(pipeline(1)[0] as SignedTx), opProofs: [{ type: "none" }] }, 422, /operation 0 is not signed/],
  ];
  for (const [tx, status, reason] of refusals) {
    const refusal = node.submit(tx);
    assert.equal(refusal?.status, status);
    assert.match(refusal?.reason ?? "", reason);
  }
  assert.equal(node.submit(good), null, "a bad copy does not keep out the good one");
});

test("of two that spend one note the later stays pending until the other is final, and then goes", () => {
  const node = new Lonely();
  const one = signSelfTransfer(node.wallet(0), node.note(0), WALLET_VALUE);
  const two = signTransfer(node.wallet(0), [node.note(0)], [{ value: WALLET_VALUE, pk: node.wallet(1).pk }]);
  node.submit(one);
  assert.equal(node.submit(two), null);
  node.slot();
  assert.deepEqual([node.status(one), node.status(two)], ["in-block", "pending"]);
  for (let slot = 0; slot < 3; slot++) node.slot();
  assert.equal(node.status(two), "unknown");
  const refusal = node.submit(two);
  assert.equal(refusal?.status, 500);
  assert.match(refusal?.reason ?? "", /already taken by a final transaction/);
});

test("a block has at most 1,024 transactions; the others wait", () => {
  const node = new Lonely();
  for (const tx of pipeline(1_030)) assert.equal(node.submit(tx), null);
  assert.equal(node.slot().txs.length, 1_024);
  assert.equal(node.slot().txs.length, 6);
});

test("a blob that was never dispersed is never included", () => {
  const node = new Lonely();
  const tx = signBlobOp({ channel: CHANNEL, parent: ZERO_ID, blob: "b0".repeat(32), size: 31 });
  assert.equal(node.submit(tx), null);
  for (let slot = 0; slot < 10; slot++) assert.deepEqual(node.slot().txs, []);
  assert.equal(node.status(tx), "pending");
});
