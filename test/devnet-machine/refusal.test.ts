import assert from "node:assert/strict";
import test from "node:test";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { electorateOf, proveLeadership } from "../../lib/chain/leadership.ts";
import { blockRoot, headerId, notePk } from "../../lib/chain/suite.ts";
import { type Block, type Header, type SignedTx, ZERO_ID } from "../../lib/chain/types.ts";
import { signInscription, signSelfTransfer, signTransfer, type Wallet } from "../../lib/chain/wallet.ts";
import { hexToBytes } from "../../lib/core/bytes.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import type { Machine } from "../../lib/devnet/machine/types.ts";
import { Forge } from "./support/blocks.ts";
import { createWorld, slotTime, WALLET_VALUE } from "./support/network.ts";

/** f is small, so that slots have losers. */
const world = createWorld({ nodes: 4, wallets: 3, consensus: { f: 0.5 } });
const forge = new Forge(world);
const [alice, bob] = world.wallets as [Wallet, Wallet, Wallet];
const aliceNote = genesisNoteOf(world.genesis, alice.pk)?.id ?? "";
const { name: winner, slot } = forge.winner(1);

/** Shows a block to a fresh machine of every node, each judging by itself, and returns what they say of it. */
function verdicts(block: Block, before: readonly Block[] = []): { accepted: boolean[]; logs: string[] } {
  const logs: string[] = [];
  const accepted = world.names.map((name) => {
    const now = slotTime(Math.max(...[...before, block].map(({ header }) => header.slot)));
    const machine: Machine = createMachine({ ...world.config(name), neighbours: ["peer"] }, null, now);
    machine.start(now);
    for (const one of [...before, block]) {
      const { outputs } = machine.handle(
        { type: "message", from: "peer", message: { type: "block", block: one } },
        now,
      );
      for (const output of outputs) if (output.type === "log" && output.level === "WARN") logs.push(output.text);
    }
    return machine.block(block.id) !== null;
  });
  return { accepted, logs };
}

function assertRefused(block: Block, reason: RegExp): void {
  const { accepted, logs } = verdicts(block);
  assert.deepEqual(accepted, [false, false, false, false]);
  assert.equal(logs.length, 4, "every machine says why");
  for (const text of logs) assert.match(text, reason);
}

function withTxs(...txs: SignedTx[]): Block {
  return forge.block(winner, slot, world.genesis.id, txs);
}

test("an honest block is accepted by every machine", () => {
  const block = withTxs(signSelfTransfer(alice, aliceNote, WALLET_VALUE));
  assert.deepEqual(verdicts(block), { accepted: [true, true, true, true], logs: [] });
});

test("a header by a loser is refused", () => {
  assertRefused(forge.block(forge.loser(slot), slot), /did not win slot/);
});

test("a header whose leadership was copied from another leader is refused", () => {
  const loser = forge.leader(forge.loser(slot));
  const { leadership } = withTxs().header;
  const header: Header = { parent: world.genesis.id, slot, blockRoot: blockRoot([]), leadership };
  const id = headerId(header);
  assertRefused({ id, header, signature: loser.signer.sign(hexToBytes(id)), txs: [] }, /signature is not the leader's/);
});

test("a header replayed in another slot is refused, though its leader signs it again", () => {
  const leader = forge.leader(winner);
  let other = slot + 1;
  while (forge.leads(winner, other)) other++;
  const leadership = proveLeadership(leader, electorateOf(world.genesis), slot);
  const header: Header = { parent: world.genesis.id, slot: other, blockRoot: blockRoot([]), leadership };
  const id = headerId(header);
  assertRefused({ id, header, signature: leader.signer.sign(hexToBytes(id)), txs: [] }, /VRF proof is invalid/);
});

test("a block that was changed after it was signed is refused", () => {
  const block = withTxs();
  const header = { ...block.header, parent: ZERO_ID };
  assertRefused({ ...block, header }, /id is not the hash/);
  assertRefused({ ...block, header, id: headerId(header) }, /signature is not the leader's/);
  assertRefused({ ...block, txs: [signSelfTransfer(alice, aliceNote, WALLET_VALUE)] }, /block root/);
});

test("a block in a slot before its parent's is refused", () => {
  const later = forge.winner(slot + 1);
  const parent = forge.block(later.name, later.slot);
  const { accepted, logs } = verdicts(forge.block(winner, slot, parent.id), [parent]);
  assert.deepEqual(accepted, [false, false, false, false]);
  assert.equal(logs.length, 4);
  for (const text of logs) assert.match(text, /its slot is not after its parent's/);
});

test("a block far ahead of the clock is refused, one slightly ahead waits for its slot", () => {
  const name = world.names[0] as string;
  const { name: leader, slot: due } = forge.winner(20);
  const block = forge.block(leader, due);
  const show = (now: number) => {
    const machine = createMachine({ ...world.config(name), neighbours: ["peer"] }, null, now);
    machine.start(now);
    machine.handle({ type: "message", from: "peer", message: { type: "block", block } }, now);
    return machine;
  };
  assert.equal(show(slotTime(due - 3)).block(block.id), null);
  const machine = show(slotTime(due - 1));
  assert.equal(machine.block(block.id), null);
  machine.handle({ type: "tick" }, slotTime(due));
  assert.ok(machine.block(block.id));
});

test("a block with a double spend is refused, within it and over blocks", () => {
  const one = signSelfTransfer(alice, aliceNote, WALLET_VALUE);
  const two = signTransfer(alice, [aliceNote], [{ value: WALLET_VALUE, pk: bob.pk }]);
  assertRefused(withTxs(one, two), /transaction 1: input .* does not exist or is spent/);
  assertRefused(
    withTxs(signTransfer(alice, [aliceNote, aliceNote], [{ value: 2n * WALLET_VALUE, pk: bob.pk }])),
    /spent twice/,
  );

  const parent = withTxs(one);
  const next = forge.winner(slot + 1);
  const child = forge.block(next.name, next.slot, parent.id, [two]);
  const { accepted, logs } = verdicts(child, [parent]);
  assert.deepEqual(accepted, [false, false, false, false]);
  for (const text of logs) assert.match(text, /does not exist or is spent/);
});

test("a block with an overspend, or one that burns value, is refused", () => {
  assertRefused(
    withTxs(signTransfer(alice, [aliceNote], [{ value: WALLET_VALUE + 1n, pk: bob.pk }])),
    /is not the gas cost/,
  );
  assertRefused(
    withTxs(signTransfer(alice, [aliceNote], [{ value: WALLET_VALUE - 1n, pk: bob.pk }])),
    /is not the gas cost/,
  );
  assertRefused(withTxs(signTransfer(alice, [], [{ value: 1n, pk: alice.pk }])), /is not the gas cost/);
});

test("a block with a wrong signature is refused", () => {
  const good = signSelfTransfer(alice, aliceNote, WALLET_VALUE);
  const flipped = good.ledgerProof.slice();
  flipped[40] = (flipped[40] ?? 0) ^ 1;
  assertRefused(withTxs({ ...good, ledgerProof: flipped }), /ledger proof is not a valid signature/);
  assertRefused(
    withTxs(signTransfer(bob, [aliceNote], [{ value: WALLET_VALUE, pk: bob.pk }])),
    /belongs to another key/,
  );
  const inscription = signInscription({ channel: "aa".repeat(32), inscription: Uint8Array.of(1), parent: ZERO_ID });
  const forged: SignedTx = { ...inscription, opProofs: [{ type: "ed25519", signature: new Uint8Array(64) }] };
  assertRefused(withTxs(forged), /operation 0 is not signed/);
});

test("a leader note can't be spent", () => {
  const { signer } = forge.leader(winner);
  const note = world.genesis.leaders.find(({ key }) => key === signer.key)?.note ?? "";
  const owner: Wallet = { signer, pk: notePk(signer.key) };
  assertRefused(withTxs(signTransfer(owner, [note], [{ value: 1_000n, pk: bob.pk }])), /is a leader note/);
});

test("a valid id with bad signatures beside it does not keep out the real block", () => {
  const good = withTxs(signSelfTransfer(alice, aliceNote, WALLET_VALUE));
  const tampered: Block = { ...good, txs: good.txs.map((tx) => ({ ...tx, ledgerProof: new Uint8Array(128) })) };
  assert.equal(tampered.id, good.id);
  assert.deepEqual(verdicts(good, [tampered]).accepted, [true, true, true, true]);
});
