import assert from "node:assert/strict";
import test from "node:test";
import { gasCost } from "../../lib/chain/gas.ts";
import { type Signer, signerOf } from "../../lib/chain/keys.ts";
import {
  type Applied,
  applyBlock,
  applyTx,
  balanceOf,
  MAX_BLOCK_TXS,
  outputNotes,
  totalValue,
} from "../../lib/chain/ledger.ts";
import { messageId, txHash } from "../../lib/chain/suite.ts";
import { type MantleTx, type Note, type SignedTx, ZERO_ID } from "../../lib/chain/types.ts";
import { verifyTx } from "../../lib/chain/verify-tx.ts";
import {
  blobMessageId,
  channelSigner,
  signBlobOp,
  signInscription,
  signSelfTransfer,
  signTransfer,
  signTx,
  type Wallet,
} from "../../lib/chain/wallet.ts";
import { concatBytes, hexToBytes } from "../../lib/core/bytes.ts";
import { network, WALLET_VALUE } from "./fixture.ts";

const net = network("ledger", 2, 3);
const [anna, bob] = net.wallets as [Wallet, Wallet];
const { state } = net;
const TOTAL = 2n * 1_000n + 3n * WALLET_VALUE;
const CHANNEL = "ab".repeat(32);
const text = new TextEncoder();

function expectState(applied: Applied) {
  assert.equal(applied.ok, true, applied.ok ? "" : applied.reason);
  return applied.ok ? applied.state : state;
}

function expectRefusal(applied: Applied, reason: RegExp, permanent: boolean) {
  assert.equal(applied.ok, false);
  if (applied.ok) return;
  assert.match(applied.reason, reason);
  assert.equal(applied.permanent, permanent);
}

/** A copy with another transaction under the old proofs. */
function altered(signed: SignedTx, change: Partial<MantleTx>): SignedTx {
  return { ...signed, tx: { ...signed.tx, ...change } };
}

/** A transfer that is signed whatever it says. */
function transfer(owner: Wallet, inputs: string[], outputs: Note[]): SignedTx {
  return signTransfer(owner, inputs, outputs);
}

test("the genesis ledger holds all value", () => {
  assert.equal(totalValue(state), TOTAL);
  assert.equal(balanceOf(state, anna.pk), WALLET_VALUE);
});

test("a transfer moves value, conserves it, and its notes' ids are known beforehand", () => {
  const tx = transfer(
    anna,
    [net.note(0)],
    [
      { value: 60n, pk: bob.pk },
      { value: 40n, pk: anna.pk },
    ],
  );
  assert.deepEqual(verifyTx(tx), { ok: true });
  const after = expectState(applyTx(state, tx));
  assert.equal(totalValue(after), TOTAL);
  assert.equal(balanceOf(after, bob.pk), WALLET_VALUE + 60n);
  assert.equal(balanceOf(after, anna.pk), 40n);
  const change = outputNotes(tx.tx.ledger)[1];
  const next = signSelfTransfer(anna, change?.id ?? "", 40n);
  assert.equal(totalValue(expectState(applyTx(after, next))), TOTAL);
  // The state before is untouched.
  assert.equal(balanceOf(state, anna.pk), WALLET_VALUE);
});

test("a double spend is refused: in one transaction, over two, in one block", () => {
  const first = signSelfTransfer(anna, net.note(0), WALLET_VALUE);
  const second = transfer(anna, [net.note(0)], [{ value: WALLET_VALUE, pk: bob.pk }]);
  expectRefusal(applyTx(expectState(applyTx(state, first)), second), /does not exist or is spent/, false);
  expectRefusal(applyBlock(state, [first, second]), /^transaction 1: input .* is spent/, false);
  const twice = transfer(anna, [net.note(0), net.note(0)], [{ value: 2n * WALLET_VALUE, pk: anna.pk }]);
  assert.deepEqual(verifyTx(twice), { ok: false, fault: "malformed", reason: "an input is spent twice" });
});

test("an overspend, an underspend and value from nothing are refused", () => {
  const cases: [SignedTx, RegExp][] = [
    [signSelfTransfer(anna, net.note(0), WALLET_VALUE + 1n), /inputs 100 less outputs 101/],
    [signSelfTransfer(anna, net.note(0), WALLET_VALUE - 1n), /inputs 100 less outputs 99/],
    [transfer(anna, [], [{ value: 1n, pk: anna.pk }]), /inputs 0 less outputs 1/],
    [transfer(anna, [net.note(0)], []), /inputs 100 less outputs 0/],
    // A sum that would wrap to the inputs in 64 bits.
    [
      transfer(
        anna,
        [net.note(0)],
        [
          { value: 2n ** 64n - 1n, pk: anna.pk },
          { value: WALLET_VALUE + 1n, pk: anna.pk },
        ],
      ),
      /is not the gas cost 0/,
    ],
  ];
  for (const [tx, reason] of cases) {
    assert.deepEqual(verifyTx(tx), { ok: true });
    expectRefusal(applyTx(state, tx), reason, true);
  }
});

test("gas is paid to the last unit and burned", () => {
  const note = net.note(0);
  const rich = { ...state, notes: state.notes.set(note, { value: 10_000n, pk: anna.pk }) };
  const priced = (value: bigint): SignedTx => {
    const ledger = { inputs: [note], outputs: [{ value, pk: anna.pk }] };
    const tx: MantleTx = { ops: [], ledger, executionGasPrice: 1n, storageGasPrice: 2n };
    return { tx, opProofs: [], ledgerProof: proofOf(tx, anna.signer) };
  };
  const bytes = 1n + 1n + 32n + 1n + 40n + 16n;
  const cost = 2_705n + 2n * bytes;
  assert.equal(gasCost(priced(1n).tx), cost);
  const paid = priced(10_000n - cost);
  assert.deepEqual(verifyTx(paid), { ok: true });
  assert.equal(totalValue(expectState(applyTx(rich, paid))), totalValue(rich) - cost);
  expectRefusal(applyTx(rich, priced(10_000n - cost + 1n)), /is not the gas cost 2887/, true);
});

function proofOf(tx: MantleTx, signer: Signer): Uint8Array {
  return concatBytes(hexToBytes(signer.key), signer.sign(hexToBytes(txHash(tx))), new Uint8Array(32));
}

test("another's note and leader notes can't be spent", () => {
  expectRefusal(applyTx(state, signSelfTransfer(bob, net.note(0), WALLET_VALUE)), /belongs to another key/, true);
  const [leader] = net.leaders;
  const [stake] = net.genesis.leaders;
  assert.ok(leader && stake);
  const pk = net.genesis.tx.tx.ledger.outputs[0]?.pk ?? "";
  const theft = transfer({ signer: leader.signer, pk }, [stake.note], [{ value: stake.value, pk: anna.pk }]);
  assert.deepEqual(verifyTx(theft), { ok: true });
  expectRefusal(applyTx(state, theft), /is a leader note/, true);
});

test("inputs of two owners can't be in one transaction", () => {
  const mixed = transfer(anna, [net.note(0), net.note(1)], [{ value: 2n * WALLET_VALUE, pk: anna.pk }]);
  expectRefusal(applyTx(state, mixed), /belongs to another key/, true);
});

test("every signature is checked: of the ledger, of each operation, and over this transaction", () => {
  const good = signSelfTransfer(anna, net.note(0), WALLET_VALUE);
  const other = altered(good, { executionGasPrice: 1n });
  assert.deepEqual(verifyTx(other), {
    ok: false,
    fault: "ledger-proof",
    reason: "ledger proof is not a valid signature",
  });
  const foreignKey = { ...good, ledgerProof: concatBytes(hexToBytes(bob.signer.key), good.ledgerProof.subarray(32)) };
  assert.equal(verifyTx(foreignKey).ok, false);
  const tail = Uint8Array.from(good.ledgerProof);
  tail[100] = 1;
  assert.deepEqual(verifyTx({ ...good, ledgerProof: tail }), {
    ok: false,
    fault: "ledger-proof",
    reason: "ledger proof is not padded with zeros",
  });

  const inscription = signInscription({ channel: CHANNEL, inscription: text.encode("hi"), parent: ZERO_ID });
  assert.deepEqual(verifyTx(inscription), { ok: true });
  const unsigned = { ...inscription, opProofs: [{ type: "none" as const }] };
  const [op] = inscription.tx.ops;
  assert.ok(op);
  const forged = signTx([{ ...op, signer: bob.signer.key }], anna.signer, { inputs: [], outputs: [] }, anna.signer);
  for (const tx of [
    unsigned,
    forged,
    { ...inscription, opProofs: [] },
    { ...inscription, opProofs: [...inscription.opProofs, ...inscription.opProofs] },
  ]) {
    const check = verifyTx(tx);
    assert.equal(!check.ok && check.fault, "op-proof");
  }
  const noLedgerSignature = { ...inscription, ledgerProof: new Uint8Array(128) };
  assert.equal(verifyTx(noLedgerSignature).ok, false);
});

test("the genesis channel's zero key signs nothing", () => {
  const tx = signInscription({ channel: ZERO_ID, inscription: text.encode("mine"), parent: ZERO_ID });
  expectRefusal(applyTx(state, tx), /does not belong to/, true);
  const [op] = tx.tx.ops;
  assert.ok(op);
  const asZero = signTx([{ ...op, signer: ZERO_ID }], anna.signer, { inputs: [], outputs: [] }, anna.signer);
  assert.equal(verifyTx(asZero).ok, false);
});

test("a channel is a chain: first message at zero, each next at the tip, by one signer", () => {
  const first = signInscription({ channel: CHANNEL, inscription: text.encode("hi"), parent: ZERO_ID });
  const firstId = messageId(first.tx.ops[0] as NonNullable<(typeof first.tx.ops)[0]>);
  const blob = { channel: CHANNEL, parent: firstId, blob: "cd".repeat(32), size: 248 };
  const second = signBlobOp(blob);
  expectRefusal(applyTx(state, second), /is not the tip 0+ of channel/, false);
  const opened = expectState(applyTx(state, first));
  assert.equal(opened.channels.get(CHANNEL)?.tip, firstId);
  expectRefusal(applyTx(opened, first), /is not the tip/, false);
  const written = expectState(applyTx(opened, second));
  assert.equal(written.channels.get(CHANNEL)?.tip, blobMessageId(blob));
  assert.deepEqual(
    expectState(applyBlock(state, [first, second])).channels.get(CHANNEL),
    written.channels.get(CHANNEL),
  );

  const stranger = signInscription({ channel: CHANNEL, inscription: text.encode("me"), parent: firstId }, anna.signer);
  assert.deepEqual(verifyTx(stranger), { ok: true });
  expectRefusal(applyTx(opened, stranger), /does not belong to/, true);
});

test("counts above 255 are refused, never wrapped", () => {
  const outputs = Array.from({ length: 256 }, () => ({ value: 1n, pk: anna.pk }));
  const inputs = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(64, "0"));
  const [op] = signInscription({ channel: CHANNEL, inscription: text.encode("hi"), parent: ZERO_ID }).tx.ops;
  assert.ok(op);
  const base = signSelfTransfer(anna, net.note(0), WALLET_VALUE);
  for (const [what, change] of Object.entries({
    outputs: { ledger: { inputs: [], outputs } },
    inputs: { ledger: { inputs, outputs: [] } },
    operations: { ops: Array.from({ length: 256 }, () => op) },
  })) {
    const reason = `256 ${what}, at most 255 are allowed`;
    assert.deepEqual(verifyTx(altered(base, change)), { ok: false, fault: "malformed", reason });
    assert.throws(() => txHash({ ...base.tx, ...change }), { code: "NR-CHAIN-ENCODE" });
  }
  const most = { inputs: [net.note(0)], outputs: outputs.slice(0, 255) };
  assert.deepEqual(verifyTx(signTx([], anna.signer, most, anna.signer)), { ok: true });
});

test("outputs without value and beyond u64 are malformed", () => {
  for (const value of [0n, -1n, 2n ** 64n]) {
    const tx = altered(signSelfTransfer(anna, net.note(0), 1n), {
      ledger: { inputs: [], outputs: [{ value, pk: anna.pk }] },
    });
    const check = verifyTx(tx);
    assert.equal(!check.ok && check.fault, "malformed");
  }
});

test("a block holds at most 1,024 transactions", () => {
  const tx = signInscription({ channel: CHANNEL, inscription: text.encode("hi"), parent: ZERO_ID });
  const many = Array.from({ length: MAX_BLOCK_TXS + 1 }, () => tx);
  expectRefusal(applyBlock(state, many), /1025 transactions, at most 1024/, true);
});

test("a malformed key in a proof is a refusal, not a crash", () => {
  const good = signSelfTransfer(anna, net.note(0), WALLET_VALUE);
  for (const fill of [0, 1, 255]) {
    assert.equal(
      verifyTx({ ...good, ledgerProof: concatBytes(new Uint8Array(96).fill(fill), new Uint8Array(32)) }).ok,
      false,
    );
  }
  assert.equal(signerOf(new Uint8Array(32)).key, channelSigner().key);
});
