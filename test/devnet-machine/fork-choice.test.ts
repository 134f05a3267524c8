import assert from "node:assert/strict";
import test from "node:test";
import type { Block, ConsensusParams } from "../../lib/chain/types.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import type { Machine, Message, Output, Step } from "../../lib/devnet/machine/types.ts";
import { Forge } from "./support/blocks.ts";
import { createWorld, slotTime, type World } from "./support/network.ts";

const K = 3;
const NOW = slotTime(30);

/** Everybody leads every slot, so that any tree of blocks can be built. */
function worldOf(tieBreak: ConsensusParams["tieBreak"]): { world: World; forge: Forge } {
  const world = createWorld({ nodes: 3, consensus: { f: 1, k: K, tieBreak } });
  return { world, forge: new Forge(world) };
}

/** A machine in slot 30 that has not proposed. */
function observer(world: World): Machine {
  const machine = createMachine({ ...world.config("validator-0"), neighbours: ["peer", "other"] }, null, NOW);
  machine.start(NOW);
  return machine;
}

function tell(machine: Machine, message: Message, from = "peer", now = NOW): Step {
  return machine.handle({ type: "message", from, message }, now);
}

function show(machine: Machine, blocks: readonly Block[]): Output[] {
  return blocks.flatMap((block) => [...tell(machine, { type: "block", block }).outputs]);
}

/** Blocks in consecutive slots on a parent. */
function branch(forge: Forge, name: string, parent: string, fromSlot: number, length: number): Block[] {
  const blocks: Block[] = [];
  for (let i = 0; i < length; i++) blocks.push(forge.block(name, fromSlot + i, blocks.at(-1)?.id ?? parent));
  return blocks;
}

test("of two chains of one length the smaller tip id wins, or the first seen", () => {
  for (const tieBreak of ["smaller-id", "first-seen"] as const) {
    const { world, forge } = worldOf(tieBreak);
    const rivals = world.names.map((name) => forge.block(name, 1)).sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const order of [rivals, rivals.toReversed()]) {
      const machine = observer(world);
      show(machine, order);
      const expected = tieBreak === "smaller-id" ? rivals[0] : order[0];
      assert.equal(machine.info().tip, expected?.id, tieBreak);
    }
  }
});

test("a longer chain wins, and k blocks below its tip are final", () => {
  const { world, forge } = worldOf("smaller-id");
  const short = branch(forge, "validator-1", world.genesis.id, 1, 2);
  const long = branch(forge, "validator-2", world.genesis.id, 1, 5);
  const machine = observer(world);
  show(machine, short);
  const outputs = show(machine, long);
  assert.deepEqual(machine.info(), { tip: long[4]?.id, lib: long[1]?.id, slot: 5, height: 5, mode: "Bootstrapping" });
  assert.deepEqual(
    machine.headers(),
    long
      .slice(1)
      .map(({ id }) => id)
      .toReversed(),
  );
  assert.deepEqual(machine.headers(long[3]?.id, long[2]?.id), [long[3]?.id, long[2]?.id]);
  assert.deepEqual(machine.headers("00".repeat(32)), []);
  assert.deepEqual(machine.headers(long[0]?.id), [], "below the LIB");
  assert.equal(machine.block(world.genesis.id), null, "genesis is not stored");
  assert.equal(machine.block(short[0]?.id ?? ""), short[0], "a fork that was cut off is still stored");
  const logs = outputs.flatMap((output) => (output.type === "log" ? [output.text] : []));
  assert.ok(logs.some((text) => /chain reorganised to block 0x.* at height \d: \d blocks removed/.test(text)));
  assert.ok(logs.some((text) => text === `block 0x${long[1]?.id} at height 2 is final`));
});

test("a longer chain that forked below the LIB is refused, with all that follows", () => {
  const { world, forge } = worldOf("smaller-id");
  const machine = observer(world);
  const mine = branch(forge, "validator-1", world.genesis.id, 1, 5);
  show(machine, mine);
  const theirs = branch(forge, "validator-2", world.genesis.id, 1, 9);
  const outputs = show(machine, theirs);
  assert.equal(machine.info().tip, mine[4]?.id);
  assert.ok(outputs.some((output) => output.type === "log" && /forked before the last final block/.test(output.text)));
  assert.ok(!outputs.some((output) => output.type === "send"), "nothing is fetched or passed on");
});

test("blocks that come in reverse order are put together", () => {
  const { world, forge } = worldOf("smaller-id");
  const machine = observer(world);
  const blocks = branch(forge, "validator-1", world.genesis.id, 1, 6);
  show(machine, blocks.toReversed());
  assert.equal(machine.info().tip, blocks[5]?.id);
});

test("two blocks of one leader in one slot are both taken, and it is noticed", () => {
  const { world, forge } = worldOf("first-seen");
  const machine = observer(world);
  const [base] = branch(forge, "validator-1", world.genesis.id, 1, 1) as [Block];
  const twins = [forge.block("validator-2", 2, base.id), forge.block("validator-2", 2, world.genesis.id)];
  const outputs = show(machine, [base, ...twins]);
  for (const { id } of twins) assert.ok(machine.block(id));
  assert.ok(outputs.some((output) => output.type === "log" && /has two blocks in slot 2/.test(output.text)));
});

test("a neighbour that does not answer a request is passed over after a quarter of a slot", () => {
  const { world, forge } = worldOf("smaller-id");
  const machine = observer(world);
  for (const peer of ["peer", "other"]) machine.handle({ type: "connected", peer }, NOW);
  const blocks = branch(forge, "validator-1", world.genesis.id, 1, 4);
  const tip = blocks[3]?.id ?? "";
  const requests = ({ outputs }: Step) =>
    outputs.flatMap((output) => (output.type === "send" && output.message.type === "sync-request" ? [output.to] : []));
  const first = tell(machine, { type: "hello", genesis: world.genesis.id, tip, height: 4 });
  assert.deepEqual(requests(first), ["peer"]);
  assert.deepEqual(requests(machine.handle({ type: "tick" }, NOW + 249)), []);
  assert.deepEqual(requests(machine.handle({ type: "tick" }, NOW + 250)), ["other"]);
  tell(machine, { type: "sync-reply", want: tip, blocks, more: false }, "other", NOW + 260);
  assert.ok(machine.headers(machine.info().tip, world.genesis.id).includes(tip));
});

test("a neighbour of another network is not followed", () => {
  const { world } = worldOf("smaller-id");
  const machine = observer(world);
  machine.handle({ type: "connected", peer: "peer" }, NOW);
  const { outputs } = tell(machine, { type: "hello", genesis: "ab".repeat(32), tip: "cd".repeat(32), height: 9 });
  assert.deepEqual(
    outputs.map(({ type }) => type),
    ["log"],
  );
});
