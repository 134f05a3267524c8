import assert from "node:assert/strict";
import test from "node:test";
import { randomStream } from "../../lib/core/random.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import type { Output, PersistRecord } from "../../lib/devnet/machine/types.ts";
import { FinalityWatch } from "./support/finality.ts";
import { CONSENSUS, createNetwork, createWorld, slotTime } from "./support/network.ts";

const KILLS = 50;

test("a node killed 50 times in mid-write and restarted without network: LIB never goes back, no slot proposed twice", () => {
  const world = createWorld({ nodes: 2 });
  const [name, other] = world.names as [string, string];
  const random = randomStream("crash", "kills");
  const proposed: number[] = [];
  const { network, clock } = createNetwork(world, {
    watch: (node, output) => {
      if (node === name && output.type === "persist" && output.record.type === "proposed")
        proposed.push(output.record.slot);
    },
  });
  const finality = new FinalityWatch(network, world.genesis.id, 2_000n);
  clock.runUntil(slotTime(15));
  network.kill(other);

  let kills = 0;
  for (let slot = 16; kills < KILLS; slot++) {
    assert.ok(slot < 1_000, `only ${kills} kills by slot ${slot}`);
    if (!network.isUp(name)) {
      const height = finality.heights().most;
      network.start(name);
      finality.look();
      assert.ok(finality.heights().most >= height);
      kills++;
    }
    network.killAfter(name, random.int(0, 7));
    clock.runUntil(slotTime(slot) + random.int(0, CONSENSUS.slotMs - 1));
    finality.look();
  }
  assert.equal(new Set(proposed).size, proposed.length, "a slot was proposed twice");
  assert.ok(proposed.length > 40, `${proposed.length} proposals`);
  assert.ok(finality.heights().most > 20, `LIB at ${finality.heights().most}`);
});

/** Blocks that the slot of the kill has in the end, by the number of its records that were written. */
const BLOCKS_BY_CUT = [
  { written: [], blocks: 1, why: "nothing is on disk, so the slot is still free" },
  { written: ["proposed"], blocks: 0, why: "the slot is used up" },
  { written: ["proposed", "block"], blocks: 1, why: "the block is there, and so the tip" },
  { written: ["proposed", "block", "tip"], blocks: 1, why: "everything is there" },
];

for (const { written, blocks, why } of BLOCKS_BY_CUT) {
  test(`a kill after the records [${written.join(", ")}] of a proposal: ${why}`, () => {
    const world = createWorld({ nodes: 1, consensus: { f: 1 } });
    const name = world.names[0] as string;
    const { network, clock } = createNetwork(world);
    clock.runUntil(slotTime(12));
    const { height } = network.machine(name).info();
    network.killAfter(name, written.length);
    clock.runUntil(slotTime(13));
    network.kill(name);
    network.start(name);
    clock.runUntil(slotTime(14) - 1);
    assert.equal(network.machine(name).info().height, height + blocks);
    clock.runUntil(slotTime(14));
    assert.equal(network.machine(name).info().height, height + blocks + 1);
  });
}

test("a paused node proposes for none of the slots that passed meanwhile", () => {
  const world = createWorld({ nodes: 1, consensus: { f: 1 } });
  const machine = createMachine(world.config(world.names[0] as string), null, 0);
  machine.start(0);
  const slotsOf = (outputs: readonly Output[]) =>
    outputs.flatMap((output) =>
      output.type === "persist" && output.record.type === "proposed" ? [output.record.slot] : [],
    );
  assert.deepEqual(slotsOf(machine.handle({ type: "tick" }, slotTime(1)).outputs), [1]);
  assert.deepEqual(slotsOf(machine.handle({ type: "tick" }, slotTime(1) + 1).outputs), []);
  assert.deepEqual(slotsOf(machine.handle({ type: "tick" }, slotTime(40) + 900).outputs), [40]);
});

test("what must be on disk comes before what tells others of it", () => {
  const world = createWorld({ nodes: 2, consensus: { f: 1 } });
  const machine = createMachine(world.config(world.names[0] as string), null, 0);
  machine.start(0);
  machine.handle({ type: "connected", peer: world.names[1] as string }, 0);
  const now = slotTime(1) + CONSENSUS.slotMs;
  const { outputs } = machine.handle({ type: "tick" }, now);
  const kinds = outputs.flatMap((output) => {
    if (output.type === "persist") return [(output.record satisfies PersistRecord).type];
    return output.type === "send" ? [`send ${output.message.type}`] : [];
  });
  assert.deepEqual(kinds, ["proposed", "block", "tip", "send block"]);
});
