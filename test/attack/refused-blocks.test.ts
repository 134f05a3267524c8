import assert from "node:assert/strict";
import test from "node:test";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import type { Block, SignedTx } from "../../lib/chain/types.ts";
import { signSelfTransfer, type Wallet } from "../../lib/chain/wallet.ts";
import { Forge } from "../devnet-machine/support/blocks.ts";
import { createWorld, slotTime, WALLET_VALUE } from "../devnet-machine/support/network.ts";
import { Mesh } from "./support/mesh.ts";
import { withStolenProofs } from "./support/proofs.ts";

/*
 * Leaders who break the rules build on what nobody else takes. Their blocks cost an honest node one look each, and the
 * memory of them can't be turned against a block that is good.
 */
const world = createWorld({ nodes: 3, wallets: 2, consensus: { f: 1 } });
const forge = new Forge(world);
const [VICTIM, LEADER, OTHER] = world.names as [string, string, string];
const [alice, mallory] = world.wallets as [Wallet, Wallet];
const UNKNOWN_NOTE = "11".repeat(32);
const bad = forge.block(LEADER, 1, undefined, [signSelfTransfer(alice, UNKNOWN_NOTE, WALLET_VALUE)]);
const fork: Block[] = [bad];
for (let slot = 2; slot <= 6; slot++) fork.push(forge.block(LEADER, slot, fork.at(-1)?.id));

const victim = () => new Mesh(world, [VICTIM], ["mallory"], slotTime(8));
const requests = (nodes: Mesh) => nodes.intercepted.filter(({ message }) => message.type === "sync-request");

test("a fork on a refused block is not asked for, and each of its blocks is looked at once", () => {
  const nodes = victim();
  for (let round = 0; round < 3; round++) {
    for (const block of fork) nodes.say("mallory", VICTIM, { type: "block", block: { ...block } });
    nodes.settle();
  }
  assert.deepEqual(requests(nodes), []);
  const looks = fork.map(({ id }) => nodes.warnings.filter((text) => text.includes(`block 0x${id} from`)).length);
  assert.deepEqual(
    looks,
    fork.map(() => 1),
  );
});

test("the same when the fork comes from its end", () => {
  const nodes = victim();
  for (const block of fork.toReversed()) nodes.say("mallory", VICTIM, { type: "block", block });
  nodes.settle();
  const asked = requests(nodes).length;
  for (const block of fork.toReversed()) nodes.say("mallory", VICTIM, { type: "block", block: { ...block } });
  nodes.settle();
  assert.equal(requests(nodes).length, asked);
});

test("a good block is taken after another's proofs under its id, or a parent that was refused, kept it out", () => {
  const transfer: SignedTx = signSelfTransfer(alice, genesisNoteOf(world.genesis, alice.pk)?.id ?? "", WALLET_VALUE);
  const good = forge.block(OTHER, 2, undefined, [transfer]);
  const nodes = victim();
  nodes.say("mallory", VICTIM, { type: "block", block: bad });
  nodes.say("mallory", VICTIM, { type: "block", block: withStolenProofs(mallory, good) });
  const disguised = { ...good, header: { ...good.header, parent: bad.id } };
  nodes.say("mallory", VICTIM, { type: "block", block: disguised });
  nodes.say("mallory", VICTIM, { type: "block", block: good });
  nodes.settle();
  assert.equal(nodes.machine(VICTIM).block(good.id)?.txs[0], transfer);
});
