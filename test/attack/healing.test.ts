import assert from "node:assert/strict";
import test from "node:test";
import type { VirtualNetwork } from "../../lib/deployers/simulation/virtual-network.ts";
import { FinalityWatch } from "../devnet-machine/support/finality.ts";
import { createNetwork, createWorld, slotTime, type WorldOptions } from "../devnet-machine/support/network.ts";

/** Time within a slot at which its blocks have reached everybody. */
const MID_SLOT = 900;

interface Trouble {
  readonly from: number;
  readonly slots: number;
  begin(network: VirtualNetwork): void;
  end(network: VirtualNetwork): void;
}

/** Slots after the trouble until all tips are one; -1 if they are not within 20. Nobody may differ in what is final, ever. */
function slotsToHeal(options: WorldOptions, seed: string, trouble: Trouble): number {
  const world = createWorld(options);
  const { network, clock } = createNetwork(world, { seed });
  const finality = new FinalityWatch(network, world.genesis.id, 1_000n * BigInt(world.names.length));
  const end = trouble.from + trouble.slots;
  let healed = -1;
  for (let slot = 1; slot < end + 20; slot++) {
    if (slot === trouble.from) trouble.begin(network);
    if (slot === end) trouble.end(network);
    clock.runUntil(slotTime(slot) + MID_SLOT);
    finality.look();
    const tips = new Set(network.running().map(([, machine]) => machine.info().tip));
    if (slot >= end && healed < 0 && tips.size === 1) healed = slot - end;
  }
  assert.equal(finality.divergence(), null, "two nodes differ in what is final");
  assert.ok(finality.heights().most > 0, "nothing is final");
  return healed;
}

function setLoss(network: VirtualNetwork, loss: number): void {
  network.links.common = { ...network.links.common, loss };
}

const HALF_LOST: Trouble = {
  from: 5,
  slots: 30,
  begin: (network) => setLoss(network, 0.5),
  end: (network) => setLoss(network, 0),
};

const LOSSY: readonly [string, WorldOptions][] = [
  ["two nodes", { nodes: 2 }],
  ["five nodes that all know one another", { nodes: 5 }],
  ["five nodes around a hub, k = 20", { nodes: 5, topology: "star", consensus: { k: 20 } }],
];

for (const [title, options] of LOSSY) {
  test(`half of all messages are lost for 30 slots: ${title} agree at the LIB, and at the tip two slots later`, () => {
    const healed = slotsToHeal(options, "lossy", HALF_LOST);
    assert.ok(healed >= 0 && healed <= 2, `healed after ${healed} slots`);
  });
}

const DEAD_HUB = [
  { k: 10, slots: 8 },
  { k: 40, slots: 40 },
];

for (const { k, slots } of DEAD_HUB) {
  test(`a hub that is dead for ${slots} slots leaves each node alone; with it back all agree within two, at k = ${k}`, () => {
    const healed = slotsToHeal({ nodes: 5, topology: "star", consensus: { k } }, "hub", {
      from: 8,
      slots,
      begin: (network) => network.kill("validator-0"),
      end: (network) => network.start("validator-0"),
    });
    assert.ok(healed >= 0 && healed <= 2, `healed after ${healed} slots`);
  });
}

test("a node by itself, without neighbours, makes a chain and finality", () => {
  const healed = slotsToHeal({ nodes: 1 }, "one", { from: 15, slots: 1, begin: () => undefined, end: () => undefined });
  assert.equal(healed, 0);
});
