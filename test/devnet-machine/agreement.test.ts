import assert from "node:assert/strict";
import test from "node:test";
import { findDivergence } from "../../lib/evidence/agreement.ts";
import { runChaos } from "./support/chaos.ts";
import { assertHolds, CHAOS_SERIES } from "./support/chaos-series.ts";
import { FinalityWatch } from "./support/finality.ts";
import { createNetwork, createWorld, slotTime } from "./support/network.ts";

for (const { title, world: options, chaos, seeds } of CHAOS_SERIES) {
  test(`${title}: agreement and value hold, and the nodes come together`, () => {
    const world = createWorld(options);
    for (let i = 0; i < seeds; i++) assertHolds(runChaos(world, { ...chaos, seed: `agreement-${i}` }));
  });
}

test("a partition longer than finality breaks agreement, and the check says where", () => {
  const world = createWorld({ nodes: 10 });
  const { network, clock } = createNetwork(world);
  const finality = new FinalityWatch(network, world.genesis.id, 10_000n);
  clock.runUntil(slotTime(20) - 1);
  const before = network.machine("validator-0").info();
  const left = world.names.slice(0, 5);
  const right = world.names.slice(5);
  network.partition([left, right]);
  clock.runUntil(slotTime(60) - 1);
  network.heal();
  clock.runUntil(slotTime(80) - 1);
  finality.look();

  const divergence = finality.divergence();
  assert.ok(divergence, "both sides finalised blocks of their own");
  assert.ok(
    divergence.height > before.height - 2 && divergence.height <= before.height + 1,
    `height ${divergence.height}`,
  );
  assert.equal(divergence.blocks.length, 2);
  const sides = divergence.blocks.map(({ nodes }) => nodes.toSorted((a, b) => a.localeCompare(b)).join(" "));
  assert.deepEqual(new Set(sides), new Set([left.join(" "), right.join(" ")]));
  for (const { id, nodes } of divergence.blocks) {
    for (const name of nodes) assert.ok(network.machine(name).block(id), `${name} has its own final block`);
  }
  const tips = new Set(network.running().map(([, machine]) => machine.info().tip));
  assert.equal(tips.size, 2, "each side goes on by itself");
});

test("finding a divergence: the lowest height at which two nodes have different blocks", () => {
  const chain = (node: string, ids: Record<number, string>) => ({
    node,
    blocks: new Map(Object.entries(ids).map(([height, id]) => [Number(height), id])),
  });
  assert.equal(findDivergence([]), null);
  assert.equal(findDivergence([chain("a", { 0: "g", 1: "x" }), chain("b", { 0: "g" })]), null);
  assert.equal(findDivergence([chain("a", { 0: "g", 1: "x" }), chain("b", { 5: "y" })]), null);
  assert.deepEqual(
    findDivergence([
      chain("a", { 0: "g", 1: "x", 2: "p" }),
      chain("b", { 0: "g", 1: "y", 2: "q" }),
      chain("c", { 1: "y" }),
    ]),
    {
      height: 1,
      blocks: [
        { id: "y", nodes: ["b", "c"] },
        { id: "x", nodes: ["a"] },
      ],
    },
  );
});
