import assert from "node:assert/strict";
import test from "node:test";
import { outputNotes } from "../../lib/chain/ledger.ts";
import { walletOf, walletSecret } from "../../lib/chain/wallet.ts";
import type { SeenBlock } from "../../lib/model/feed.ts";
import type { Wallet } from "../../lib/model/wallets.ts";
import type { Transfer } from "../../lib/workloads/transactions/lane.ts";
import { Lanes } from "../../lib/workloads/transactions/lanes.ts";

function wallets(count: number): Wallet[] {
  return Array.from({ length: count }, (_, index) => {
    const secret = walletSecret("lanes", index);
    const note = index.toString(16).padStart(64, "0");
    return { index, label: `wallet-user-${index}`, pk: walletOf(secret).pk, secret, note, value: 100n };
  });
}

const block = (height: number, transfers: readonly Transfer[], id = `b${height}`): SeenBlock => ({
  id,
  parent: "",
  height,
  slot: height,
  txs: transfers.map(({ tx }) => tx),
  messages: [],
});

function begin(lanes: Lanes, n: number, height: number): { transfer: Transfer; early: boolean } | null {
  const free = lanes.take(height);
  return free ? { transfer: lanes.open(free.lane, { n, intended: n }), early: free.early } : null;
}

function begun(lanes: Lanes, n: number, height: number): Transfer {
  const start = begin(lanes, n, height);
  assert.ok(start, `start ${n} found no wallet`);
  return start.transfer;
}

test("a wallet has one transaction outside the chain, and is free again two blocks deep", () => {
  const lanes = new Lanes(wallets(1), 10);
  const first = begun(lanes, 0, 5);
  assert.equal(begin(lanes, 1, 5), null);
  lanes.follow({ removed: [], added: [block(6, [first]), block(7, []), block(8, [])] });
  const second = begin(lanes, 1, 8);
  assert.equal(second?.early, false);
  const note = outputNotes(first.signed.tx.ledger)[0];
  assert.deepEqual(second?.transfer.signed.tx.ledger.inputs, [note?.id]);
});

test("when no wallet is two deep the deepest is taken early, and one outside the chain never", () => {
  const lanes = new Lanes(wallets(3), 10);
  const transfers = [0, 1, 2].map((n) => begun(lanes, n, 5));
  lanes.follow({ removed: [], added: [block(6, [transfers[1] as Transfer]), block(7, [transfers[0] as Transfer])] });
  const third = begin(lanes, 3, 7);
  assert.equal(third?.early, true);
  assert.equal(third?.transfer.lane, transfers[1]?.lane);
  assert.equal(begun(lanes, 4, 7).lane, transfers[0]?.lane);
  assert.equal(begin(lanes, 5, 7), null);
});

test("wallets take turns", () => {
  const lanes = new Lanes(wallets(3), 10);
  const first = [0, 1, 2].map((n) => begun(lanes, n, 0));
  lanes.follow({ removed: [], added: [block(1, first), block(2, []), block(3, [])] });
  assert.deepEqual(
    [3, 4, 5].map((n) => begun(lanes, n, 3).lane.label),
    first.map(({ lane }) => lane.label),
  );
});

test("what a reorganisation throws out is told in the order in which it was sent, what it keeps is not", () => {
  const lanes = new Lanes(wallets(2), 10);
  const a = begun(lanes, 0, 0);
  const b = begun(lanes, 1, 0);
  lanes.follow({ removed: [], added: [block(1, [a, b])] });
  const c = begun(lanes, 2, 1);
  lanes.follow({ removed: [], added: [block(2, [c])] });
  const thrownOut = lanes.follow({
    removed: [block(2, [c]), block(1, [a, b])],
    added: [block(1, [b], "x1"), block(2, [], "x2")],
  });
  assert.deepEqual(thrownOut, [a, c]);
  assert.deepEqual(lanes.underWay(), [a, c]);
  assert.equal(b.height, 1);
});

test("a transaction that a node took and no block has is overdue after three blocks, unless it is being offered", () => {
  const lanes = new Lanes(wallets(1), 10);
  const transfer = begun(lanes, 0, 5);
  transfer.offering = true;
  assert.deepEqual(lanes.overdue(20), []);
  transfer.offering = false;
  transfer.offeredAt = 5;
  assert.deepEqual(lanes.overdue(7), []);
  assert.deepEqual(lanes.overdue(8), [transfer]);
});

test("a wallet whose transaction every node refused spends the same note again", () => {
  const lanes = new Lanes(wallets(1), 10);
  const refused = begun(lanes, 0, 0);
  lanes.withdraw(refused);
  assert.equal(begun(lanes, 1, 0).tx, refused.tx);
});

test("what finality buried is forgotten, and the notes go on from there", () => {
  const lanes = new Lanes(wallets(1), 3);
  let last: Transfer | undefined;
  for (let height = 1; height <= 40; height += 3) {
    const transfer = begun(lanes, height, height - 1);
    const note = last && outputNotes(last.signed.tx.ledger)[0]?.id;
    if (note !== undefined) assert.deepEqual(transfer.signed.tx.ledger.inputs, [note]);
    lanes.follow({ removed: [], added: [block(height, [transfer]), block(height + 1, []), block(height + 2, [])] });
    last = transfer;
  }
  assert.deepEqual(lanes.underWay(), []);
});
