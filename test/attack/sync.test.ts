import assert from "node:assert/strict";
import test from "node:test";
import { type Block, type HeaderId, ZERO_ID } from "../../lib/chain/types.ts";
import { bytesToHex } from "../../lib/core/bytes.ts";
import { deriveBytes } from "../../lib/core/random.ts";
import { Forge } from "../devnet-machine/support/blocks.ts";
import { createWorld, slotTime } from "../devnet-machine/support/network.ts";
import { Mesh } from "./support/mesh.ts";

const world = createWorld({ nodes: 3, consensus: { f: 1 } });
const forge = new Forge(world);
const [VICTIM, HONEST, OTHER] = world.names as [string, string, string];

function nonsense(i: number): HeaderId {
  return bytesToHex(deriveBytes("nonsense", i));
}

/** A chain by {@link OTHER}, who never runs as a machine. */
function chain(length: number): Block[] {
  const blocks: Block[] = [];
  for (let slot = 1; slot <= length; slot++) blocks.push(forge.block(OTHER, slot, blocks.at(-1)?.id));
  return blocks;
}

/** Claims a tip that nobody has, and answers every request with what `blocks` gives, and "there is more". */
function feedForEver(nodes: Mesh, blocks: (round: number) => readonly Block[]): number {
  nodes.say("mallory", VICTIM, { type: "hello", genesis: world.genesis.id, tip: nonsense(-1), height: 1_000 });
  nodes.settle();
  let rounds = 0;
  for (; nodes.intercepted.some(({ message }) => message.type === "sync-request"); rounds++) {
    if (rounds > 100) break;
    nodes.intercepted.length = 0;
    const want = nonsense(-1);
    nodes.say("mallory", VICTIM, { type: "sync-reply", want, blocks: blocks(rounds), more: true });
    nodes.settle();
  }
  return rounds;
}

test("a neighbour that always has more, but nothing good, is soon asked no more", () => {
  const [real] = chain(1) as [Block];
  const known = chain(2);
  const kinds: Record<string, (round: number) => readonly Block[]> = {
    "blocks with made-up ids": (round) => [{ ...real, id: nonsense(round) }],
    "blocks that nobody signed": (round) => [{ ...real, signature: new Uint8Array(64).fill(round) }],
    "blocks that are there already, in turn": (round) => [known[round % 2] as Block],
  };
  for (const [what, blocks] of Object.entries(kinds)) {
    const nodes = new Mesh(world, [VICTIM], ["mallory"], slotTime(5));
    for (const block of known) nodes.say("mallory", VICTIM, { type: "block", block });
    const rounds = feedForEver(nodes, blocks);
    assert.ok(rounds <= 8, `${what}: ${rounds} requests`);
  }
});

test("neighbours that claim tips they never deliver don't keep a node from the real chain, nor from proposing", () => {
  const now = slotTime(40);
  const nodes = new Mesh(world, [HONEST], ["mallory"], now);
  for (const block of chain(30)) nodes.say("mallory", HONEST, { type: "block", block });
  nodes.settle();
  assert.equal(nodes.machine(HONEST).info().height, 30);

  nodes.join(VICTIM);
  const victim = nodes.machine(VICTIM);
  let claims = 0;
  const claim = () => {
    for (let i = 0; i < 200; i++) {
      const tip = nonsense(claims++);
      nodes.say("mallory", VICTIM, { type: "hello", genesis: world.genesis.id, tip, height: 1_000_000 + claims });
    }
  };
  claim();
  nodes.settle();
  let slot = 40;
  for (; slot < 60 && victim.info().height < 30; slot++) {
    claim();
    nodes.at(slotTime(slot));
  }
  assert.ok(slot <= 50, `caught up after ${slot - 40} slots, at height ${victim.info().height}`);
  for (; slot < 60 && victim.info().mode !== "Online"; slot++) {
    claim();
    nodes.at(slotTime(slot));
  }
  assert.ok(slot <= 52, `Online after ${slot - 40} slots`);
});

test("a node whose only neighbour claims a new tip every slot goes Online and proposes all the same", () => {
  const nodes = new Mesh(world, [VICTIM], ["mallory"], slotTime(40));
  let slot = 40;
  for (; slot < 80 && nodes.machine(VICTIM).info().mode !== "Online"; slot++) {
    const tip = nonsense(slot);
    nodes.say("mallory", VICTIM, { type: "hello", genesis: world.genesis.id, tip, height: slot });
    nodes.at(slotTime(slot));
  }
  assert.ok(slot <= 52, `Online after ${slot - 40} slots`);
  nodes.at(slotTime(slot + 1));
  assert.ok(nodes.machine(VICTIM).info().height > 0, "proposes");
});

test("requests with senseless locators are answered with nothing", () => {
  const nodes = new Mesh(world, [VICTIM], ["mallory"], slotTime(40));
  const blocks = chain(30);
  for (const block of blocks) nodes.say("mallory", VICTIM, { type: "block", block });
  nodes.settle();
  const tip = blocks.at(-1)?.id ?? "";
  const unknown = nonsense(1);
  const locators: HeaderId[][] = [[], [ZERO_ID], [unknown], Array.from({ length: 65_535 }, () => unknown)];
  for (const have of locators) {
    nodes.intercepted.length = 0;
    nodes.say("mallory", VICTIM, { type: "sync-request", want: tip, have });
    nodes.settle();
    const [reply] = nodes.intercepted;
    assert.deepEqual(reply?.message, { type: "sync-reply", want: tip, blocks: [], more: false });
  }
});
