import assert from "node:assert/strict";
import test from "node:test";
import { type Electorate, electorateOf, leaderOf, leads, sealBlock, verifyBlock } from "../../lib/chain/leadership.ts";
import { winProbability } from "../../lib/chain/lottery.ts";
import { headerId } from "../../lib/chain/suite.ts";
import type { Block, Header } from "../../lib/chain/types.ts";
import { hexToBytes } from "../../lib/core/bytes.ts";
import { CONSENSUS, createNetwork, createWorld, slotTime } from "./support/network.ts";

const SLOTS = 150;
const NODES = 5;
const world = createWorld({ nodes: NODES });

/** All that is public: the genesis, and every block that was gossiped. */
const gossiped = new Map<string, Block>();
const { clock } = createNetwork(world, {
  watch: (_, output) => {
    if (output.type === "send" && output.message.type === "block") {
      gossiped.set(output.message.block.id, output.message.block);
    }
  },
});
clock.runUntil(slotTime(SLOTS + 1) - 1);
const electorate = electorateOf(world.genesis);
const blocks = [...gossiped.values()];

test("an observer with the genesis and gossip verifies every header", () => {
  assert.ok(blocks.length > SLOTS, `${blocks.length} blocks were gossiped`);
  for (const block of blocks) assert.deepEqual(verifyBlock(block, electorate, CONSENSUS), { ok: true });
});

test("a ticket can't be computed from what is public: each guessed secret draws for another key", () => {
  const block = blocks[0] as Block;
  const { slot, leadership } = block.header;
  const guesses = [
    hexToBytes(leadership.leaderKey),
    hexToBytes(world.genesis.id),
    hexToBytes(leadership.entropy),
    leadership.proof.slice(32, 64),
    block.signature.slice(0, 32),
    block.signature.slice(32),
    hexToBytes(block.id),
    new Uint8Array(32),
  ];
  for (const guess of guesses) {
    const forger = leaderOf(guess);
    assert.equal(leads(forger, electorate, CONSENSUS, slot), false, "a stranger's key never leads");
    const own = sealBlock(forger, electorate, block.header.parent, slot, []);
    assert.match(reasonOf(own, electorate), /holds no leader note/);
    const { proof } = own.header.leadership;
    const posed = new Uint8Array([...hexToBytes(leadership.leaderKey), ...proof.slice(32)]);
    const header: Header = { ...own.header, leadership: { ...leadership, proof: posed } };
    const id = headerId(header);
    const signature = forger.signer.sign(hexToBytes(id));
    assert.match(reasonOf({ id, header, signature, txs: [] }, electorate), /signature is not the leader's/);
  }
});

test("a proof of leadership that was gossiped says nothing about another slot", () => {
  for (const block of blocks.slice(0, 20)) {
    for (const slot of [block.header.slot - 1, block.header.slot + 1]) {
      const header: Header = { ...block.header, slot };
      const replay: Block = { ...block, id: headerId(header), header };
      assert.notEqual(reasonOf(replay, electorate), "");
    }
  }
});

function reasonOf(block: Block, voters: Electorate): string {
  const check = verifyBlock(block, voters, CONSENSUS);
  return check.ok ? "" : check.reason;
}

/** For each leader, whether it led in each slot. */
const wins: boolean[][] = world.genesis.leaders.map(({ key }) => {
  const led = new Set(
    blocks.filter((block) => block.header.leadership.leaderKey === key).map(({ header }) => header.slot),
  );
  return Array.from({ length: SLOTS }, (_, i) => led.has(i + 1));
});
const p = winProbability(CONSENSUS.f, 1n, BigInt(NODES));
/** Standard deviations that a figure of this many samples may be off; the worlds' seed is fixed, so this is no flake. */
const SIGMAS = 4;

function assertRate(hits: readonly boolean[], expected: number, what: string): void {
  const rate = hits.filter(Boolean).length / hits.length;
  const sigma = Math.sqrt((expected * (1 - expected)) / hits.length);
  assert.ok(
    Math.abs(rate - expected) < SIGMAS * sigma,
    `${what}: ${rate.toFixed(3)} where ${expected.toFixed(3)} is due`,
  );
}

test("leaders look like independent draws, by node and by slot", () => {
  for (const [i, mine] of wins.entries()) {
    assertRate(mine, p, `node ${i} wins`);
    for (const lag of [1, 2, 3, 5]) {
      const again = mine.slice(lag).filter((_, slot) => mine[slot]);
      assertRate(again, p, `node ${i} wins ${lag} slots after a win`);
    }
    for (const [j, theirs] of wins.entries()) {
      if (j > i)
        assertRate(
          mine.map((won, slot) => won && theirs[slot] === true),
          p * p,
          `nodes ${i} and ${j} win together`,
        );
    }
  }
});

test("nobody who follows the chain predicts the next leader better than by stake", () => {
  const history = (slot: number) => wins.map((mine) => mine.slice(0, slot).filter(Boolean).length);
  const strategies: Record<string, (slot: number) => number> = {
    "the last leader again": (slot) => wins.findIndex((mine) => mine[slot - 1]),
    "in turn": (slot) => slot % NODES,
    "who led most": (slot) => history(slot).indexOf(Math.max(...history(slot))),
    "who led least": (slot) => history(slot).indexOf(Math.min(...history(slot))),
    "who waits longest": (slot) => {
      const last = wins.map((mine) => mine.slice(0, slot).lastIndexOf(true));
      return last.indexOf(Math.min(...last));
    },
    "by the last block's entropy": (slot) => {
      const entropy = blocks.find((block) => block.header.slot === slot)?.header.leadership.entropy ?? "00";
      return Number.parseInt(entropy.slice(0, 2), 16) % NODES;
    },
  };
  for (const [name, predict] of Object.entries(strategies)) {
    const hits = Array.from({ length: SLOTS - 1 }, (_, i) => wins[Math.max(0, predict(i + 1))]?.[i + 1] === true);
    assertRate(hits, p, name);
  }
});
