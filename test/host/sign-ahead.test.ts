import assert from "node:assert/strict";
import { once } from "node:events";
import test, { type TestContext } from "node:test";
import type { Worker } from "node:worker_threads";
import * as v from "valibot";
import { writeRequest } from "../../lib/chain/http/route.ts";
import { ROUTES } from "../../lib/chain/http/routes.ts";
import { walletOf, walletSecret } from "../../lib/chain/wallet.ts";
import type { CodedError } from "../../lib/core/errors.ts";
import { waitFor } from "../../lib/core/wait.ts";
import { startSigningAhead } from "../../lib/host/sign-ahead.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { RunContext } from "../../lib/model/run-context.ts";
import type { SignAhead, SigningRow } from "../../lib/model/sign-ahead.ts";
import type { Wallet } from "../../lib/model/wallets.ts";
import { TransactionsOptionsSchema } from "../../lib/plan/transactions-options.ts";
import { Lane } from "../../lib/workloads/transactions/lane.ts";
import { signingAhead, whileSigning } from "../../lib/workloads/transactions/signing.ts";

function walletsOf(count: number): Wallet[] {
  return Array.from({ length: count }, (_, index) => {
    const secret = walletSecret("ahead", index);
    const note = index.toString(16).padStart(64, "0");
    return { index, label: `wallet-user-${index}`, pk: walletOf(secret).pk, secret, note, value: 100n };
  });
}

function started(t: TestContext, rows: readonly SigningRow[], each?: number): SignAhead {
  const ahead = startSigningAhead(rows, each);
  t.after(() => ahead.close());
  return ahead;
}

async function stocked(ahead: SignAhead, count: number): Promise<void> {
  await waitFor({
    clock: systemClock,
    what: `${count} transfers to be signed`,
    timeoutMs: 20_000,
    intervalMs: 5,
    look: () =>
      ahead.waiting >= count ? { done: true, value: undefined } : { done: false, seen: `${ahead.waiting} are` },
  });
}

/** What goes over the wire. */
function bodyOf(lane: Lane, n: number): string {
  const { signed } = lane.next({ n, intended: n });
  return new TextDecoder().decode(Buffer.from(writeRequest(ROUTES.submit, signed).body ?? ""));
}

test("what is signed ahead is, byte for byte and id for id, what is signed inline", async (t) => {
  const wallets = walletsOf(3);
  const ahead = started(t, wallets);
  for (let round = 0; round < 4; round++) {
    await stocked(ahead, 3);
    for (const [row, wallet] of wallets.entries()) {
      const inline = new Lane(wallet);
      const before = Array.from({ length: round }, (_, n) => inline.next({ n, intended: n }));
      assert.equal(before.length, round);
      const expected = inline.next({ n: round, intended: round });
      const ready = ahead.take(row, round);
      assert.ok(ready, `transfer ${round} of row ${row} is there`);
      assert.equal(ready.tx, expected.tx);
      assert.equal(ready.note, expected.note);
      assert.equal(new TextDecoder().decode(ready.signed.bytes), writeRequest(ROUTES.submit, expected.signed).body);
      assert.deepEqual(ready.signed.tx, expected.signed.tx);
      assert.deepEqual(ready.signed.ledgerProof, expected.signed.ledgerProof);
      assert.deepEqual(ready.signed.opProofs, expected.signed.opProofs);
    }
  }
});

test("what is signed on other threads is what is signed inline, and is there when it is ready", async () => {
  const [wallet] = walletsOf(1) as [Wallet];
  const plain = new Lane(wallet);
  const lane = new Lane(wallet, { beside: true });
  for (let n = 0; n < 5; n++) {
    const expected = plain.next({ n, intended: n });
    const transfer = lane.next({ n, intended: n });
    assert.deepEqual([transfer.tx, transfer.note], [expected.tx, expected.note]);
    assert.throws(() => writeRequest(ROUTES.submit, transfer.signed), /NR-CORE-INTERNAL|is being signed is missing/);
    await transfer.ready;
    assert.deepEqual(writeRequest(ROUTES.submit, transfer.signed), writeRequest(ROUTES.submit, expected.signed));
  }
});

test("a row goes on as it would inline, whatever part of it comes from the thread and whatever is taken back", async (t) => {
  const [wallet] = walletsOf(1) as [Wallet];
  const plain = new Lane(wallet);
  const expected = Array.from({ length: 30 }, (_, n) => bodyOf(plain, n));
  const ahead = started(t, [wallet]);
  let fromThread = 0;
  const lane = new Lane(wallet, {
    ahead: (index) => {
      // Every third comes too late.
      const ready = index % 3 === 2 ? undefined : ahead.take(0, index);
      if (ready) fromThread++;
      return ready;
    },
  });
  for (const [n, body] of expected.entries()) {
    if (n % 4 === 0) await stocked(ahead, 1);
    if (n % 5 === 0) lane.withdraw(lane.next({ n, intended: n }));
    assert.equal(bodyOf(lane, n), body, `transfer ${n}`);
  }
  assert.ok(fromThread >= 5, `${fromThread} came from the thread`);
});

test("no row is signed further ahead than it may be", async (t) => {
  const ahead = started(t, walletsOf(5), 3);
  await stocked(ahead, 15);
  await systemClock.sleep(200);
  assert.equal(ahead.waiting, 15);
  // Fewer than half of the stock leave the thread asleep, the next one wakes it.
  for (let row = 0; row < 5; row++) assert.ok(ahead.take(row, 0));
  for (let row = 0; row < 3; row++) assert.ok(ahead.take(row, 1));
  await stocked(ahead, 15);
  await systemClock.sleep(200);
  assert.equal(ahead.waiting, 15);
});

test("a thread that is killed is a coded error; one that is closed is none", async () => {
  const closed = startSigningAhead(walletsOf(2));
  await closed.close();
  assert.equal(closed.failed.aborted, false);

  const thread = once(process, "worker") as Promise<[Worker]>;
  const killed = startSigningAhead(walletsOf(2));
  const failed = once(killed.failed, "abort");
  await stocked(killed, 4);
  await (await thread)[0].terminate();
  await failed;
  assert.equal((killed.failed.reason as CodedError).code, "NR-HOST-SIGNER");
  await assert.rejects(
    whileSigning(killed, () => new Promise(() => undefined)),
    { code: "NR-HOST-SIGNER" },
  );
});

test("a row that can't be signed ends the thread with the reason", async (t) => {
  const [wallet] = walletsOf(1) as [Wallet];
  const ahead = started(t, [{ ...wallet, secret: new Uint8Array(31) }]);
  await once(ahead.failed, "abort");
  assert.match(String(ahead.failed.reason), /32 bytes, not 31/);
});

test("transfers are signed ahead from 200 per second on, where all of them go back to their owners", async (t) => {
  const wallets = walletsOf(2);
  const started: SignAhead[] = [];
  const signAhead = (rows: readonly SigningRow[]) => {
    const ahead = startSigningAhead(rows);
    t.after(() => ahead.close());
    started.push(ahead);
    return ahead;
  };
  const begin = (written: object, ctx: Pick<RunContext, "signAhead"> = { signAhead }) => {
    const run = { ...ctx, clock: systemClock, signal: new AbortController().signal };
    return signingAhead(v.parse(TransactionsOptionsSchema, written), run, wallets, 2_000);
  };
  assert.equal(await begin({ rate: 199, per: "second" }), undefined);
  assert.equal(await begin({ rate: 399 }), undefined, "199.5 per second");
  assert.equal(await begin({ rate: 300, per: "second", othersPercent: 1 }), undefined);
  assert.equal(await begin({ rate: 300, per: "second" }, {}), undefined, "a simulation");
  assert.equal(await begin({ stages: [{ forMs: 1, rate: 5, to: 199, per: "second" }] }), undefined);
  assert.equal(started.length, 0);
  const ahead = await begin({ rate: 200, per: "second" });
  assert.ok(ahead && ahead.waiting >= 2, "the first starts have what they send");
  assert.ok(await begin({ rate: 400 }));
  assert.ok(await begin({ stages: [{ forMs: 1, rate: 5, to: 200, per: "second" }] }));
  assert.equal(started.length, 3);
});
