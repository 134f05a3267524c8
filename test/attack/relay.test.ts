import assert from "node:assert/strict";
import test from "node:test";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { signSelfTransfer, signTransfer, type Wallet } from "../../lib/chain/wallet.ts";
import { Forge } from "../devnet-machine/support/blocks.ts";
import { createWorld, slotTime, WALLET_VALUE } from "../devnet-machine/support/network.ts";
import { Mesh } from "./support/mesh.ts";
import { withStolenProofs } from "./support/proofs.ts";

const world = createWorld({ nodes: 6, wallets: 2, consensus: { f: 0.5 } });
const forge = new Forge(world);
const [alice, mallory] = world.wallets as [Wallet, Wallet];
const note = genesisNoteOf(world.genesis, alice.pk)?.id ?? "";
const HONEST = world.names.slice(0, 5);
const { name: leader, slot } = forge.winner(1);

function mesh(): Mesh {
  const it = new Mesh(world, HONEST, ["mallory"], slotTime(slot) - 1);
  // Nobody is Online yet at the start of the slot, so nobody proposes.
  it.at(slotTime(slot));
  return it;
}

test("a block that does not apply is not passed on: it would go round among the honest for ever", () => {
  const one = signSelfTransfer(alice, note, WALLET_VALUE);
  const two = signTransfer(alice, [note], [{ value: WALLET_VALUE, pk: mallory.pk }]);
  const doubleSpend = forge.block(leader, slot, world.genesis.id, [one, two]);
  const nodes = mesh();
  for (const name of HONEST) nodes.say("mallory", name, { type: "block", block: doubleSpend });
  assert.equal(nodes.settle(), 0, "messages between the honest");
  for (const machine of nodes.machines()) assert.equal(machine.block(doubleSpend.id), null);
});

test("nor is a good block whose proofs somebody exchanged on the way, and the good one still gets in", () => {
  const good = forge.block(leader, slot, world.genesis.id, [signSelfTransfer(alice, note, WALLET_VALUE)]);
  const bad = withStolenProofs(mallory, good);
  assert.equal(bad.id, good.id);
  const nodes = mesh();
  for (const name of HONEST) nodes.say("mallory", name, { type: "block", block: bad });
  assert.equal(nodes.settle(), 0, "messages between the honest");
  nodes.say("mallory", HONEST[0] as string, { type: "block", block: good });
  const passedOn = nodes.settle();
  assert.ok(passedOn <= HONEST.length ** 2, `${passedOn} messages for one block`);
  for (const machine of nodes.machines()) assert.equal(machine.block(good.id), good);
});
