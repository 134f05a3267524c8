import assert from "node:assert/strict";
import test from "node:test";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import type { Block, SignedTx } from "../../lib/chain/types.ts";
import { signSelfTransfer, type Wallet } from "../../lib/chain/wallet.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import { createSharedMemo } from "../../lib/devnet/machine/shared-memo.ts";
import { Forge } from "../devnet-machine/support/blocks.ts";
import { createWorld, slotTime, WALLET_VALUE } from "../devnet-machine/support/network.ts";
import { Mesh } from "./support/mesh.ts";
import { withStolenProofs } from "./support/proofs.ts";

/*
 * A block's id does not cover its transactions' proofs, and whether a proof is by the inputs' owner only shows when the
 * parent's state is known. So a block that has to wait may turn out to be another's body under a good id.
 */
const world = createWorld({ nodes: 3, wallets: 2, consensus: { f: 1 } });
const forge = new Forge(world);
const [VICTIM, HONEST, LEADER] = world.names as [string, string, string];
const [alice, mallory] = world.wallets as [Wallet, Wallet];
const transfer: SignedTx = signSelfTransfer(alice, genesisNoteOf(world.genesis, alice.pk)?.id ?? "", WALLET_VALUE);
const first = forge.block(LEADER, 1);
const good = forge.block(LEADER, 2, first.id, [transfer]);
const bad = withStolenProofs(mallory, good);

/** Both blocks are with an honest node. The victim hears of the second from the attacker first, then as it is. */
function ambush(now: number, before: readonly Block[]): Mesh {
  const nodes = new Mesh(world, [HONEST, VICTIM], ["mallory"], now);
  for (const block of [first, good]) nodes.say("mallory", HONEST, { type: "block", block });
  nodes.drop();
  for (const block of [...before, bad]) nodes.say("mallory", VICTIM, { type: "block", block });
  nodes.say(HONEST, VICTIM, { type: "block", block: good });
  nodes.drop();
  return nodes;
}

function assertGood(nodes: Mesh): void {
  assert.equal(nodes.machine(VICTIM).block(good.id)?.txs[0], transfer);
  assert.equal(nodes.machine(VICTIM).totalValue(), 3_000n + 2n * WALLET_VALUE);
}

test("another's body under the id of an orphan does not keep out the real block", () => {
  const nodes = ambush(slotTime(5), []);
  nodes.say(HONEST, VICTIM, { type: "block", block: first });
  nodes.settle();
  assertGood(nodes);
});

test("nor does one that came before its slot", () => {
  const nodes = ambush(slotTime(1), [first]);
  nodes.tick(HONEST, slotTime(2));
  nodes.drop();
  nodes.at(slotTime(2));
  assertGood(nodes);
});

test("a state that is remembered is the state after a block, not after its id", () => {
  const memo = createSharedMemo();
  const see = (name: string, blocks: readonly Block[]) => {
    const machine = createMachine({ ...world.config(name), neighbours: ["mallory"] }, null, slotTime(5), memo);
    machine.start(slotTime(5));
    for (const block of blocks)
      machine.handle({ type: "message", from: "mallory", message: { type: "block", block } }, slotTime(5));
    return machine;
  };
  assert.ok(see(HONEST, [first, good]).block(good.id));
  assert.ok(see(VICTIM, [first, bad]).block(good.id) === null);
});
