import assert from "node:assert/strict";
import test from "node:test";
import * as v from "valibot";
import { recoverBlob, verifyShare } from "../../lib/chain/blob.ts";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { signerOf } from "../../lib/chain/keys.ts";
import { txHash } from "../../lib/chain/suite.ts";
import { type Block, type DaParams, ZERO_ID } from "../../lib/chain/types.ts";
import { signTransfer } from "../../lib/chain/wallet.ts";
import type { VirtualNetwork } from "../../lib/deployers/simulation/virtual-network.ts";
import type { Output } from "../../lib/devnet/machine/types.ts";
import {
  type Misbehaviour,
  MisbehaviourSchema,
  misbehaviourFault,
  misbehaviourText,
} from "../../lib/devnet/misbehaviour/misbehaviour.ts";
import { createNetwork, createWorld, slotTime, WALLET_VALUE, type World } from "./support/network.ts";

const BAD = "validator-2";
const DA: DaParams = {
  shares: 4,
  needed: 2,
  members: [
    ["validator-0", "validator-1"],
    ["validator-1", "validator-2"],
    ["validator-2", "validator-3"],
    ["validator-3", "validator-0"],
  ],
  samples: 2,
};

/** A network of five in which one misbehaves, with everything that its nodes logged. */
function networkWith(misbehave: v.InferInput<typeof MisbehaviourSchema>, bad: readonly string[] = [BAD]) {
  const honest = createWorld({ nodes: 5, executors: 1, wallets: 4, da: DA });
  const dose = v.parse(MisbehaviourSchema, misbehave);
  const world: World = {
    ...honest,
    config: (name) => (bad.includes(name) ? { ...honest.config(name), misbehave: dose } : honest.config(name)),
  };
  const logs: string[] = [];
  const watch = (node: string, output: Output) => {
    if (output.type === "log") logs.push(`${node} ${output.text}`);
  };
  return { ...createNetwork(world, { watch }), world, logs };
}

/** The chain of a node, lowest first. */
function chainOf(network: VirtualNetwork, node: string): Block[] {
  const machine = network.machine(node);
  const chain: Block[] = [];
  for (let block = machine.block(machine.info().tip); block; block = machine.block(block.header.parent)) {
    chain.push(block);
  }
  return chain.reverse();
}

function ledBy(world: World, node: string, chain: readonly Block[]): number {
  const { key } = signerOf(world.config(node).identity.leaderSecret);
  return chain.filter(({ header }) => header.leadership.leaderKey === key).length;
}

test("withheld blocks never reach the others, and only those of the dose are withheld", () => {
  const all = networkWith({ kind: "withhold-blocks", fromSlot: 20 });
  all.clock.runUntil(slotTime(60));
  const chain = chainOf(all.network, "validator-0");
  assert.ok(chain.length > 40);
  assert.ok(
    ledBy(
      all.world,
      BAD,
      chain.filter(({ header }) => header.slot < 20),
    ) > 0,
  );
  assert.equal(
    ledBy(
      all.world,
      BAD,
      chain.filter(({ header }) => header.slot >= 20),
    ),
    0,
  );
  const kept = all.logs.filter((line) => /keeps its block/.test(line)).length;
  assert.ok(kept > 5, `${kept} kept`);
  assert.ok(all.logs.some((line) => line.startsWith(`${BAD} misbehaves on purpose`)));

  const half = networkWith({ kind: "withhold-blocks", percent: 50 });
  half.clock.runUntil(slotTime(60));
  assert.ok(ledBy(half.world, BAD, chainOf(half.network, "validator-0")) > 0);
});

test("who equivocates signs two valid blocks of a slot, and honest nodes have both and agree", () => {
  const { network, clock, logs } = networkWith({ kind: "equivocate" });
  clock.runUntil(slotTime(12.9));
  const told = logs.find((line) => /signs a second block/.test(line)) ?? "";
  const [first = "", second = ""] = [...told.matchAll(/0x([0-9a-f]{64})/g)].map(([, id]) => id);
  for (const name of ["validator-0", "validator-3"]) {
    const blocks = [first, second].map((id) => network.machine(name).block(id));
    assert.ok(
      blocks.every((block) => block !== null),
      name,
    );
    assert.equal(blocks[0]?.header.slot, blocks[1]?.header.slot);
    assert.ok(network.machine(name).branchTips().length > 0);
  }
  assert.ok(logs.some((line) => /has two blocks in slot/.test(line)));
  const tips = new Set(network.running().map(([, machine]) => machine.info().tip));
  assert.equal(tips.size, 1);
});

test("an old tip is a true chain of the past, and a lie about height is only that", () => {
  const old = networkWith({ kind: "serve-old-tip", slots: 8, fromSlot: 10 });
  old.clock.runUntil(slotTime(9.9));
  assert.equal(old.network.machine(BAD).info().tip, old.network.machine("validator-0").info().tip);
  old.clock.runUntil(slotTime(30.9));
  const { tip, height, slot, lib } = old.network.machine(BAD).info();
  const truth = chainOf(old.network, "validator-0");
  const place = truth.findIndex(({ id }) => id === tip);
  assert.deepEqual([truth[place]?.header.slot, place + 1], [slot, height]);
  assert.ok(slot <= 22 && slot >= 18, `slot ${slot}`);
  assert.equal(lib, truth[place - 10]?.id);

  const lie = networkWith({ kind: "lie-about-height", by: -3 });
  lie.clock.runUntil(slotTime(12.9));
  const honest = lie.network.machine("validator-0").info();
  assert.deepEqual(lie.network.machine(BAD).info(), { ...honest, height: honest.height - 3 });
});

test("dropped transactions go nowhere; honest nodes still take them", () => {
  const { network, clock, world } = networkWith({ kind: "drop-transactions" });
  clock.runUntil(slotTime(1));
  const wallet = world.wallets[0];
  assert.ok(wallet);
  const note = genesisNoteOf(world.genesis, wallet.pk);
  assert.ok(note);
  const tx = signTransfer(wallet, [note.id], [{ value: WALLET_VALUE, pk: wallet.pk }]);
  assert.equal(network.submit(BAD, tx), null);
  const spoilt = { ...tx, ledgerProof: new Uint8Array(128) };
  assert.notEqual(network.submit(BAD, spoilt), null);
  clock.runUntil(slotTime(8));
  const status = () => network.machine("validator-0").txStatus([txHash(tx.tx)])[0]?.type;
  assert.equal(status(), "unknown");
  assert.equal(network.submit("validator-0", tx), null);
  clock.runUntil(slotTime(16));
  assert.equal(status(), "in-block");
});

test("a double spend is in blocks of who accepts it, and honest nodes refuse those", () => {
  const { network, clock, world, logs } = networkWith({ kind: "accept-double-spends" });
  const [wallet, other] = world.wallets;
  assert.ok(wallet && other);
  const note = genesisNoteOf(world.genesis, wallet.pk);
  assert.ok(note);
  clock.runUntil(slotTime(1));
  assert.equal(network.submit("validator-0", signTransfer(wallet, [note.id], [{ value: 100n, pk: wallet.pk }])), null);
  clock.runUntil(slotTime(25));
  const again = signTransfer(wallet, [note.id], [{ value: 100n, pk: other.pk }]);
  assert.match(network.submit("validator-0", again)?.reason ?? "", /already taken by a final transaction/);
  assert.equal(network.submit(BAD, again), null);
  clock.runUntil(slotTime(50));
  assert.ok(logs.some((line) => /^validator-0 refused block .* does not exist or is spent/.test(line)));
  for (const [name, machine] of network.running()) {
    if (name !== BAD) assert.equal(machine.txStatus([txHash(again.tx)])[0]?.type, "unknown", name);
  }
  assert.equal(network.machine(BAD).info().lib, network.machine("validator-0").info().lib);
});

test("shares are lost, spoilt or kept back by who does so, and the blob is sampled from others", async () => {
  for (const kind of ["lose-shares", "corrupt-shares", "withhold-shares"] as const) {
    const { network, clock } = networkWith({ kind });
    clock.runUntil(slotTime(1));
    const sent = network.disperse("executor-0", {
      channel: "da".repeat(32),
      parent: ZERO_ID,
      data: new Uint8Array(248).fill(7),
    });
    clock.runUntil(slotTime(12));
    const result = await sent;
    assert.ok("blob" in result, kind);
    const shares = network.machine(BAD).shares(result.blob);
    assert.deepEqual(
      shares.map((share) => verifyShare(share).ok),
      kind === "corrupt-shares" ? [false, false] : [],
    );
    const sound = [0, 3].map((index) => network.machine("validator-0").share(result.blob, index));
    assert.ok(sound[0] && sound[1]);
    assert.equal(recoverBlob([sound[0], sound[1]]).length, 248);
    const [included] = chainOf(network, "validator-0").filter(({ txs }) => txs.length > 0);
    assert.ok(included, `${kind}: the blob is in no block`);
  }
});

test("a stalled node answers and does nothing", () => {
  const { network, clock } = networkWith({ kind: "stall", fromSlot: 10 });
  clock.runUntil(slotTime(30));
  assert.ok(network.machine(BAD).info().slot < 10);
  assert.ok(network.machine("validator-0").info().slot > 25);
});

test("unknown kinds and doses are told with their field", () => {
  const text = (value: unknown) => {
    const fault = misbehaviourFault(value);
    return fault && `${fault.field}: ${fault.message}`;
  };
  assert.match(text({ kind: "sulk" }) ?? "", /^kind: /);
  assert.match(text({}) ?? "", /^kind: /);
  assert.match(text({ kind: "stall", percent: 50 }) ?? "", /^percent: /);
  assert.match(text({ kind: "equivocate", percent: 0 }) ?? "", /^percent: /);
  assert.match(text({ kind: "serve-old-tip" }) ?? "", /^slots: /);
  assert.match(text({ kind: "lie-about-height", by: 0 }) ?? "", /^by: must not be 0/);
  assert.equal(text({ kind: "stall", fromSlot: 3 }), null);
  const stall: Misbehaviour = { kind: "stall", fromSlot: 3 };
  assert.equal(misbehaviourText(stall), "stall (fromSlot 3)");
});
