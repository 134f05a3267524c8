import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import type { Block, ConsensusParams, HeaderId } from "../../lib/chain/types.ts";
import { type Random, randomStream } from "../../lib/core/random.ts";
import { VirtualDisk } from "../../lib/deployers/simulation/virtual-disk.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import type { Machine, Message, Output } from "../../lib/devnet/machine/types.ts";
import { Store } from "../../lib/devnet/shell/store.ts";
import { Forge } from "../devnet-machine/support/blocks.ts";
import { createWorld, slotTime, type World } from "../devnet-machine/support/network.ts";

const K = 3;
const BLOCKS = 24;
const NOW = slotTime(100);

function worldOf(tieBreak: ConsensusParams["tieBreak"]): { world: World; forge: Forge } {
  const world = createWorld({ nodes: 3, consensus: { f: 1, k: K, tieBreak } });
  return { world, forge: new Forge(world) };
}

/** A tree of valid blocks with many forks, in an order in which each may come before its parent, and some twice. */
function wildTree(forge: Forge, world: World, random: Random): Block[] {
  const blocks: Block[] = [];
  const slots = new Map<HeaderId, number>([[world.genesis.id, 0]]);
  while (blocks.length < BLOCKS) {
    const ids = [world.genesis.id, ...blocks.map(({ id }) => id)];
    const parentId = random.float() < 0.7 ? random.pick(ids.slice(-2)) : random.pick(ids.slice(-6));
    const slot = (slots.get(parentId) ?? 0) + random.int(1, 2);
    const block = forge.block(random.pick(world.names), slot, parentId);
    if (slots.has(block.id)) continue;
    slots.set(block.id, slot);
    blocks.push(block);
  }
  const order = blocks.map((block, i) => ({ block, at: i + random.int(0, 4) })).sort((a, b) => a.at - b.at);
  return order.flatMap(({ block }) => (random.float() < 0.1 ? [block, block] : [block]));
}

/** One node, its disk, and an eye on its LIB. */
class Subject {
  readonly #world: World;
  readonly #disk = new VirtualDisk();
  #machine: Machine;
  #lib: HeaderId;
  restarts = 0;

  constructor(world: World) {
    this.#world = world;
    this.#lib = world.genesis.id;
    this.#machine = this.#boot(false);
  }

  get machine(): Machine {
    return this.#machine;
  }

  #boot(again: boolean): Machine {
    const config = { ...this.#world.config("validator-0"), neighbours: ["peer"] };
    const machine = createMachine(config, again ? this.#disk.read() : null, NOW, this.#world.memo);
    machine.start(NOW);
    return machine;
  }

  /** Hands it a block; of what it wants written, `records` get to the disk before it dies. */
  show(block: Block, records: number): void {
    const message: Message = { type: "block", block };
    const { outputs } = this.#machine.handle({ type: "message", from: "peer", message }, NOW);
    const wanted = outputs.flatMap((output) => (output.type === "persist" ? [output.record] : []));
    for (const record of wanted.slice(0, records)) this.#disk.write(record);
    if (records < wanted.length) this.restart();
    this.#look();
  }

  restart(): void {
    this.restarts++;
    this.#machine = this.#boot(true);
    this.#look();
  }

  /** The LIB only ever goes on. */
  #look(): void {
    const { lib } = this.#machine.info();
    for (let id = lib; id !== this.#lib; ) {
      const block = this.#machine.block(id);
      assert.ok(block, `the LIB ${lib} does not descend from ${this.#lib}, which was final`);
      id = block.header.parent;
    }
    this.#lib = lib;
  }
}

/** Height of the best block that descends from the LIB, of those that the machine has. */
function bestHeight(machine: Machine, blocks: readonly Block[], genesis: HeaderId): number {
  const { lib } = machine.info();
  const heightOf = (id: HeaderId, met: boolean): number => {
    const block = machine.block(id);
    if (id === genesis || !block) return met || id === lib ? 0 : Number.NEGATIVE_INFINITY;
    return 1 + heightOf(block.header.parent, met || id === lib);
  };
  return Math.max(0, ...blocks.filter(({ id }) => machine.block(id)).map(({ id }) => heightOf(id, false)));
}

for (const tieBreak of ["smaller-id", "first-seen"] as const) {
  test(`whatever comes in whatever order, over crashes at any record: the LIB never goes back, the tip is the best (${tieBreak})`, () => {
    let restarts = 0;
    for (let seed = 0; seed < 6; seed++) {
      const { world, forge } = worldOf(tieBreak);
      const random = randomStream("histories", tieBreak, seed);
      const order = wildTree(forge, world, random);
      const subject = new Subject(world);
      for (const block of order) {
        subject.show(block, random.float() < 0.25 ? random.int(0, 2) : Number.POSITIVE_INFINITY);
        if (random.float() < 0.1) {
          const before = subject.machine.info();
          subject.restart();
          const { tip, lib, height } = subject.machine.info();
          assert.deepEqual({ tip, lib, height }, { tip: before.tip, lib: before.lib, height: before.height });
        }
      }
      // What a crash lost of the network's messages comes again.
      for (const block of order) subject.show(block, Number.POSITIVE_INFINITY);
      const { machine } = subject;
      assert.equal(machine.info().height, bestHeight(machine, order, world.genesis.id));
      restarts += subject.restarts;
    }
    assert.ok(restarts > 10, `${restarts} restarts`);
  });
}

test("a long branch from below the LIB, fetched in full, changes nothing and ends the asking", () => {
  const { world, forge } = worldOf("smaller-id");
  const machine = createMachine({ ...world.config("validator-0"), neighbours: ["mallory"] }, null, NOW, world.memo);
  machine.start(NOW);
  const grow = (name: string, from: readonly Block[], length: number) => {
    const chain = [...from];
    while (chain.length < length) chain.push(forge.block(name, chain.length + 1, chain.at(-1)?.id));
    return chain;
  };
  const own = grow("validator-1", [], 20);
  for (const block of own) machine.handle({ type: "message", from: "mallory", message: { type: "block", block } }, NOW);
  const { tip, lib } = machine.info();
  assert.equal(lib, own[19 - K]?.id);

  const branch = grow("validator-2", own.slice(0, 5), 90);
  const want = branch.at(-1)?.id ?? "";
  machine.handle({ type: "connected", peer: "mallory" }, NOW);
  const requests = (outputs: readonly Output[]) =>
    outputs.filter((output) => output.type === "send" && output.message.type === "sync-request").length;
  const hello = { type: "hello", genesis: world.genesis.id, tip: want, height: 90 } as const;
  let asked = requests(machine.handle({ type: "message", from: "mallory", message: hello }, NOW).outputs);
  assert.equal(asked, 1);
  for (let sent = 5; sent < 90; sent += 30) {
    const blocks = branch.slice(sent, sent + 30);
    const message = { type: "sync-reply", want, blocks, more: sent + 30 < 90 } as const;
    asked = requests(machine.handle({ type: "message", from: "mallory", message }, NOW).outputs);
  }
  assert.equal(asked, 0, "nothing more is asked for");
  assert.deepEqual([machine.info().tip, machine.info().lib], [tip, lib]);
  assert.equal(requests(machine.handle({ type: "message", from: "mallory", message: hello }, NOW).outputs), 0);
  assert.equal(branch.slice(5).filter(({ id }) => machine.block(id)).length, 0, "and nothing of it is kept");
});

test("what the store gives back after a kill at any step is what a restarted node had", () => {
  const folder = mkdtempSync(join(tmpdir(), "nomos-run-attack-"));
  try {
    const { world, forge } = worldOf("smaller-id");
    const order = wildTree(forge, world, randomStream("store"));
    const owner = { name: "validator-0", genesis: world.genesis.id };
    const config = { ...world.config(owner.name), neighbours: ["peer"] };
    const path = join(folder, "state.sqlite");
    let store = Store.open(path, owner);
    let machine = createMachine(config, null, NOW, world.memo);
    machine.start(NOW);
    for (const [i, block] of order.entries()) {
      const message: Message = { type: "block", block };
      const { outputs } = machine.handle({ type: "message", from: "peer", message }, NOW);
      const records = outputs.flatMap((output) => (output.type === "persist" ? [output.record] : []));
      if (records.length > 0) store.commit(records);
      if (i % 3 !== 0) continue;
      const { tip, lib, height } = machine.info();
      store.close();
      store = Store.open(path, owner);
      machine = createMachine(config, store.snapshot(), NOW, world.memo);
      machine.start(NOW);
      const restored = machine.info();
      assert.deepEqual([restored.tip, restored.lib, restored.height], [tip, lib, height]);
    }
    store.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
