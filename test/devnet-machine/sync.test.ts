import assert from "node:assert/strict";
import test from "node:test";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { txHash } from "../../lib/chain/suite.ts";
import { signSelfTransfer, type Wallet } from "../../lib/chain/wallet.ts";
import type { VirtualNetwork } from "../../lib/deployers/simulation/virtual-network.ts";
import { createNetwork, createWorld, slotTime, WALLET_VALUE, type World } from "./support/network.ts";

/** Time within a slot at which its blocks have reached everybody. */
const MID_SLOT = 500;

function assertOneTip(network: VirtualNetwork): void {
  const tips = network.running().map(([name, machine]) => `${machine.info().tip} at ${name}`);
  assert.equal(new Set(tips.map((tip) => tip.split(" ")[0])).size, 1, tips.join("\n"));
}

function transferOf(world: World, index: number) {
  const wallet = world.wallets[index] as Wallet;
  return signSelfTransfer(wallet, genesisNoteOf(world.genesis, wallet.pk)?.id ?? "", WALLET_VALUE);
}

for (const topology of ["star", "full"] as const) {
  for (const loss of [0, 0.1]) {
    test(`a restarted node catches up: ${topology}, ${loss * 100} % loss`, () => {
      const world = createWorld({ nodes: 5, topology });
      const { network, clock } = createNetwork(world, { link: { loss } });
      clock.runUntil(slotTime(10));
      network.kill("validator-3");
      clock.runUntil(slotTime(40));
      network.start("validator-3");
      assert.equal(network.machine("validator-3").info().mode, "Bootstrapping");
      clock.runUntil(slotTime(50));
      network.links.common = { ...network.links.common, loss: 0 };
      clock.runUntil(slotTime(55) + MID_SLOT);
      assertOneTip(network);
      assert.equal(network.machine("validator-3").info().mode, "Online");
    });
  }
}

test("a late joiner fetches a chain of several batches within two slots, and then proposes", () => {
  const world = createWorld({ nodes: 5, topology: "star", wallets: 10 });
  const late = "validator-4";
  const joined: number[] = [];
  const { network, clock } = createNetwork(world, {
    up: world.names.filter((name) => name !== late),
    watch: (node, output) => {
      if (node === late && output.type === "persist" && output.record.type === "proposed")
        joined.push(output.record.slot);
    },
  });
  for (let i = 0; i < 10; i++) network.submit("validator-1", transferOf(world, i));
  clock.runUntil(slotTime(170));
  assert.ok(network.machine("validator-0").info().height > 2 * 64, "more than two batches");
  network.start(late);
  clock.runUntil(slotTime(172) + MID_SLOT);
  assertOneTip(network);
  assert.equal(network.machine(late).info().lib, network.machine("validator-0").info().lib);
  assert.equal(network.machine(late).totalValue(), 5_000n + 10n * WALLET_VALUE);
  clock.runUntil(slotTime(190));
  assert.ok(joined.length > 0, "the late joiner proposes");
});

test("a wiped node fetches everything again", () => {
  const world = createWorld({ nodes: 4 });
  const { network, clock } = createNetwork(world);
  clock.runUntil(slotTime(30));
  network.kill("validator-2");
  network.wipe("validator-2");
  clock.runUntil(slotTime(33));
  network.start("validator-2");
  clock.runUntil(slotTime(36) + MID_SLOT);
  assertOneTip(network);
});

test("a transaction whose block is reorganised away is pending again, and included in the end", () => {
  const world = createWorld({ nodes: 8, wallets: 1 });
  const { network, clock } = createNetwork(world);
  const [minority, majority] = [world.names.slice(0, 1), world.names.slice(1)];
  clock.runUntil(slotTime(5));
  network.partition([minority, majority]);
  const transfer = transferOf(world, 0);
  const hash = txHash(transfer.tx);
  const lonely = network.machine("validator-0");
  assert.equal(network.submit("validator-0", transfer), null);
  let slot = 6;
  while (lonely.txStatus([hash])[0]?.type !== "in-block") {
    assert.ok(slot < 14, "the minority never included it");
    clock.runUntil(slotTime(slot++) + MID_SLOT);
  }
  const [before] = lonely.txStatus([hash]);
  assert.equal(network.machine("validator-1").txStatus([hash])[0]?.type, "unknown");
  while (network.machine("validator-1").info().height <= lonely.info().height) {
    assert.ok(slot < 16, "the majority is no longer than the minority");
    clock.runUntil(slotTime(slot++) + MID_SLOT);
  }
  network.heal();
  clock.runUntil(slotTime(slot + 5) + MID_SLOT);
  assertOneTip(network);
  for (const [name, machine] of network.running()) {
    const [status] = machine.txStatus([hash]);
    assert.equal(status?.type, "in-block", name);
    assert.notDeepEqual(status, before, "in another block than before");
  }
});

test("pending transactions reach nodes that were cut off when they came", () => {
  const world = createWorld({ nodes: 4, wallets: 1 });
  const { network, clock } = createNetwork(world);
  clock.runUntil(slotTime(0));
  network.partition([["validator-0"], world.names.slice(1)]);
  clock.runUntil(slotTime(0) + 1);
  const transfer = transferOf(world, 0);
  network.submit("validator-0", transfer);
  assert.equal(network.machine("validator-1").mempoolMetrics().pendingItems, 0);
  network.heal();
  clock.runUntil(slotTime(0) + 200);
  assert.equal(network.machine("validator-1").mempoolMetrics().pendingItems, 1);
});
