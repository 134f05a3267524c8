import assert from "node:assert/strict";
import test from "node:test";
import type { HeaderId } from "../../lib/chain/types.ts";
import { CONSENSUS, createWorld, slotTime } from "../devnet-machine/support/network.ts";
import { Mesh } from "./support/mesh.ts";

const world = createWorld({ nodes: 4 });
const [ODD, ...OTHERS] = world.names as [string, string, string, string];
const { slotMs } = CONSENSUS;

/** Nodes that have made a chain of some slots together, and what each calls final from then on. */
class Run {
  readonly nodes = new Mesh(world, world.names, [], slotTime(0), world.memo);
  readonly #final = new Map<number, HeaderId>();
  readonly #seen = new Map<string, HeaderId>();
  #slot = 0;

  get slot(): number {
    return this.#slot;
  }

  /** Lets slots pass; checks that nobody takes back or contradicts what is final. */
  pass(slots: number): void {
    for (const end = this.#slot + slots; this.#slot < end; ) {
      this.nodes.at(slotTime(++this.#slot));
      for (const name of world.names) this.#check(name);
    }
  }

  #check(name: string): void {
    const machine = this.nodes.machine(name);
    const { lib, tip } = machine.info();
    const before = this.#seen.get(name) ?? world.genesis.id;
    const path = [...machine.headers(tip)];
    assert.equal(path.at(-1), lib);
    const fresh: HeaderId[] = [];
    for (let id = lib; id !== before; id = machine.block(id)?.header.parent ?? "") {
      assert.ok(id && id !== world.genesis.id, `${name} took back what was final`);
      fresh.push(id);
    }
    this.#seen.set(name, lib);
    const height = machine.info().height - path.length + 1;
    fresh.forEach((id, i) => {
      const known = this.#final.get(height - i) ?? id;
      assert.equal(id, known, `${name} contradicts another at height ${height - i}`);
      this.#final.set(height - i, id);
    });
  }

  assertTogether(what: string): void {
    assert.equal(new Set(this.nodes.machines().map((machine) => machine.info().tip)).size, 1, what);
  }

  /** Slots that a node has proposed in, oldest first. */
  proposed(name: string): number[] {
    const records = this.nodes.records.get(name) ?? [];
    return records.flatMap((record) => (record.type === "proposed" ? [record.slot] : []));
  }
}

function assertNeverTwice(run: Run, name: string): void {
  const slots = run.proposed(name);
  assert.deepEqual(
    slots,
    [...new Set(slots)].sort((a, b) => a - b),
  );
}

test("a node that was paused for 100 slots and then hears everything at once is back within a slot", () => {
  const run = new Run();
  run.pass(5);
  run.nodes.pause(ODD);
  run.pass(100);
  run.nodes.resume(ODD);
  run.pass(1);
  run.assertTogether("after the pause");
  const during = run.proposed(ODD).filter((slot) => slot > 5 && slot < run.slot);
  assert.deepEqual(during, [], "it proposes for none of the slots that passed");
  run.pass(10);
  assert.ok(
    run.proposed(ODD).some((slot) => slot > 106),
    "and goes on proposing",
  );
  assertNeverTwice(run, ODD);
});

test("a clock that jumps half a minute forward and back again harms nobody, and its node is back when time has caught up", () => {
  const run = new Run();
  run.pass(5);
  run.nodes.setClock(ODD, 30 * slotMs);
  run.pass(10);
  const height = run.nodes.machine(OTHERS[0] as string).info().height;
  assert.ok(height >= 10, `the others go on, at height ${height}`);
  run.nodes.setClock(ODD, 0);
  run.pass(30);
  const before = run.proposed(ODD).length;
  run.pass(15);
  run.assertTogether("after the jump");
  assert.ok(run.proposed(ODD).length > before, "it proposes again");
  assertNeverTwice(run, ODD);
});

test("a clock that jumps half a minute back keeps its node from the chain, not the others, and then it catches up", () => {
  const run = new Run();
  run.pass(5);
  run.nodes.setClock(ODD, -30 * slotMs);
  run.pass(25);
  const stuck = run.nodes.machine(ODD).info().height;
  assert.ok(stuck < run.nodes.machine(OTHERS[0] as string).info().height - 10, `stuck at ${stuck}`);
  run.nodes.setClock(ODD, 0);
  run.pass(2);
  run.assertTogether("after the jump");
  assertNeverTwice(run, ODD);
});
