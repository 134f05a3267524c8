import assert from "node:assert/strict";
import test from "node:test";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { outputNotes } from "../../lib/chain/ledger.ts";
import { txHash } from "../../lib/chain/suite.ts";
import { type SignedTx, ZERO_ID } from "../../lib/chain/types.ts";
import { signInscription, signSelfTransfer, signTransfer, type Wallet } from "../../lib/chain/wallet.ts";
import { createWorld, slotTime, WALLET_VALUE } from "../devnet-machine/support/network.ts";
import { Mesh } from "./support/mesh.ts";
import { provedBy } from "./support/proofs.ts";

const world = createWorld({ nodes: 3, wallets: 3, consensus: { f: 1 } });
const [alice, bob, mallory] = world.wallets as [Wallet, Wallet, Wallet];
const aliceNote = genesisNoteOf(world.genesis, alice.pk)?.id ?? "";
/** Bob passes on what he is about to get: when his transfer is sent, its input is nowhere yet. */
const first = signTransfer(alice, [aliceNote], [{ value: WALLET_VALUE, pk: bob.pk }]);
const second = signSelfTransfer(bob, outputNotes(first.tx.ledger)[0]?.id ?? "", WALLET_VALUE);

function gossip(nodes: Mesh, tx: SignedTx): void {
  for (const name of world.names) nodes.say("mallory", name, { type: "tx", tx });
  nodes.settle();
}

function statuses(nodes: Mesh, tx: SignedTx): string[] {
  return nodes.machines().map((machine) => machine.txStatus([txHash(tx.tx)])[0]?.type ?? "");
}

test("a transfer proved by a thief before its input exists does not keep out the owner's, of the same hash", () => {
  const nodes = new Mesh(world, world.names, ["mallory"], slotTime(0));
  const stolen = provedBy(mallory, second);
  assert.equal(txHash(stolen.tx), txHash(second.tx));
  gossip(nodes, stolen);
  gossip(nodes, second);
  gossip(nodes, first);
  for (let slot = 1; slot <= 4; slot++) nodes.at(slotTime(slot));
  assert.deepEqual(statuses(nodes, second), ["in-block", "in-block", "in-block"]);
  for (const machine of nodes.machines()) {
    assert.equal(machine.mempoolMetrics().pendingItems, 0);
    assert.equal(machine.totalValue(machine.info().tip), 3_000n + 3n * WALLET_VALUE);
  }
});

test("whoever sends the same transaction with the same right to it, twice or with other signatures, is told it is there", () => {
  const nodes = new Mesh(world, world.names, ["mallory"], slotTime(0));
  const [name] = world.names as [string];
  const submit = (tx: SignedTx) => {
    const answer = nodes.feed(name, { type: "submit", call: 0, tx }).find((output) => output.type === "submitted");
    return answer?.type === "submitted" ? answer.refusal?.reason : "no answer";
  };
  const inscription = signInscription({ channel: "aa".repeat(32), inscription: Uint8Array.of(1), parent: ZERO_ID });
  assert.equal(submit(second), undefined);
  assert.equal(submit({ ...second }), "Item already in mempool");
  assert.equal(submit(inscription), undefined);
  // Without inputs anybody's ledger proof will do, so another one is no other right.
  const other = { ...inscription, ledgerProof: signTransfer(mallory, [], []).ledgerProof };
  assert.match(submit(other) ?? "", /Item already in mempool|not a valid signature/);
  assert.equal(nodes.machine(name).mempoolMetrics().pendingItems, 2);
});

test("a bad copy of a good transaction is refused whenever it comes, and the good one is not forgotten", () => {
  const nodes = new Mesh(world, world.names, ["mallory"], slotTime(0));
  gossip(nodes, provedBy(mallory, first));
  assert.deepEqual(statuses(nodes, first), ["unknown", "unknown", "unknown"]);
  gossip(nodes, { ...first, ledgerProof: new Uint8Array(128) });
  gossip(nodes, first);
  gossip(nodes, provedBy(mallory, first));
  assert.deepEqual(statuses(nodes, first), ["pending", "pending", "pending"]);
  for (let slot = 1; slot <= 4; slot++) nodes.at(slotTime(slot));
  assert.deepEqual(statuses(nodes, first), ["in-block", "in-block", "in-block"]);
});
