import assert from "node:assert/strict";
import test from "node:test";
import { buildGenesis } from "../../lib/chain/genesis.ts";
import { electorateOf, leaderOf, leads, proveLeadership, sealBlock, verifyBlock } from "../../lib/chain/leadership.ts";
import { drawTicket, lotteryNonce, slotOccupancy, winProbability, wins } from "../../lib/chain/lottery.ts";
import { blockRoot, headerId, txHash } from "../../lib/chain/suite.ts";
import type { Block, Header } from "../../lib/chain/types.ts";
import { verifyChain } from "../../lib/chain/verify-chain.ts";
import { leaderSecret, signSelfTransfer } from "../../lib/chain/wallet.ts";
import { hexToBytes } from "../../lib/core/bytes.ts";
import { must } from "../../lib/core/errors.ts";
import { chainOf, network, PARAMS, WALLET_VALUE } from "./fixture.ts";

const net = network("leadership", 3, 2);
const electorate = electorateOf(net.genesis);
const [anna, , carl] = net.leaders as [(typeof net.leaders)[0], unknown, (typeof net.leaders)[0]];

/** The first slot that `leader` does or does not win. */
function slotWhere(leader: typeof anna, won: boolean): number {
  for (let slot = 1; slot < 1_000; slot++) if (leads(leader, electorate, PARAMS, slot) === won) return slot;
  return must<number>(undefined, "a slot");
}

/** The block with another header, signed again by the same leader. */
function resigned(block: Block, header: Header, by = anna): Block {
  const id = headerId(header);
  return { ...block, id, header, signature: by.signer.sign(hexToBytes(id)) };
}

test("a winner's block is valid to everyone", () => {
  const block = sealBlock(anna, electorate, net.genesis.id, slotWhere(anna, true), []);
  assert.deepEqual(verifyBlock(block, electorate, PARAMS), { ok: true });
});

test("a loser's block is refused, also when all else is in order", () => {
  const slot = slotWhere(anna, false);
  const block = sealBlock(anna, electorate, net.genesis.id, slot, []);
  assert.deepEqual(verifyBlock(block, electorate, PARAMS), {
    ok: false,
    reason: `leader ${anna.key} did not win slot ${slot}`,
  });
});

test("a proof of one slot is none of another", () => {
  const slot = slotWhere(anna, true);
  const block = sealBlock(anna, electorate, net.genesis.id, slot, []);
  const moved = resigned(block, { ...block.header, slot: slot + 1 });
  assert.deepEqual(verifyBlock(moved, electorate, PARAMS), { ok: false, reason: "VRF proof is invalid" });
});

test("altered blocks are refused, each for its reason", () => {
  const slot = slotWhere(anna, true);
  const block = sealBlock(anna, electorate, net.genesis.id, slot, []);
  const { header } = block;
  const { leadership } = header;
  const tx = signSelfTransfer(must(net.wallets[0], "wallet"), net.note(0), WALLET_VALUE);
  const padded = Uint8Array.from(leadership.proof);
  padded[127] = 1;
  const stranger = leaderOf(leaderSecret("another", "validator-0"));
  const cases: [string, Block][] = [
    ["block id is not the hash of the header", { ...block, header: { ...header, slot: slot + 1 } }],
    ["block root is not that of the transactions", { ...block, txs: [tx] }],
    ["header signature is not the leader's", { ...block, signature: carl.signer.sign(hexToBytes(block.id)) }],
    ["slot 0 can't have a block", resigned(block, { ...header, slot: 0 })],
    [
      "proof of leadership is of another key",
      resigned(block, { ...header, leadership: { ...leadership, leaderKey: carl.key } }, carl),
    ],
    ["proof is not padded with zeros", resigned(block, { ...header, leadership: { ...leadership, proof: padded } })],
    [
      "entropy is not the VRF output",
      resigned(block, { ...header, leadership: { ...leadership, entropy: "00".repeat(32) } }),
    ],
    ["voucher is not zero", resigned(block, { ...header, leadership: { ...leadership, voucher: "01".repeat(32) } })],
    [`leader key ${stranger.key} holds no leader note`, sealBlock(stranger, electorate, net.genesis.id, slot, [])],
  ];
  for (const [reason, altered] of cases) {
    assert.deepEqual(verifyBlock(altered, electorate, PARAMS), { ok: false, reason });
  }
});

test("a leader can't bring another transaction under its own header", () => {
  const first = signSelfTransfer(must(net.wallets[0], "wallet"), net.note(0), WALLET_VALUE);
  const block = sealBlock(anna, electorate, net.genesis.id, slotWhere(anna, true), [first]);
  assert.equal(block.header.blockRoot, blockRoot([txHash(first.tx)]));
  assert.deepEqual(verifyBlock(block, electorate, PARAMS), { ok: true });
});

test("without its secret nobody draws a leader's ticket: the public key alone gives other tickets", () => {
  const impostor = { ...carl.vrf, key: anna.key, keyBytes: anna.vrf.keyBytes };
  const nonce = electorate.nonce;
  for (let slot = 1; slot <= 20; slot++) {
    assert.notEqual(drawTicket(impostor, nonce, slot), drawTicket(anna.vrf, nonce, slot));
  }
});

test("each network has a nonce of its own", () => {
  assert.notEqual(lotteryNonce(net.genesis.id), lotteryNonce(network("other", 3, 2).genesis.id));
});

test("thresholds: independent of how stake is split, and at the ends", () => {
  const whole = winProbability(0.9, 1_000n, 1_000n);
  assert.ok(Math.abs(whole - 0.9) < 1e-15);
  const quarter = winProbability(0.9, 250n, 1_000n);
  assert.ok(Math.abs(1 - (1 - quarter) ** 4 - whole) < 1e-15);
  assert.equal(winProbability(1, 1n, 1_000n), 1);
  assert.equal(winProbability(0.9, 0n, 1_000n), 0);
  assert.equal(wins(2 ** 53 - 1, 1, 1n, 1n), true);
  assert.equal(wins(0, 0.9, 0n, 1n), false);
  assert.equal(slotOccupancy(PARAMS, [500n, 500n], 1_000n), whole);
  assert.ok(Math.abs(slotOccupancy(PARAMS, [500n], 1_000n) - (1 - Math.sqrt(0.1))) < 1e-15);
});

test("slots are won as often as the formula says, within 4 sigma", () => {
  const slots = 120;
  const draws = net.leaders.map(({ vrf }) =>
    Array.from({ length: slots }, (_, i) => wins(drawTicket(vrf, electorate.nonce, i + 1), 0.9, 1_000n, 3_000n)),
  );
  const expectWithin = (won: number, n: number, p: number) => {
    const sigma = Math.sqrt(n * p * (1 - p));
    assert.ok(Math.abs(won - n * p) <= 4 * sigma, `${won} of ${n} at p = ${p}`);
  };
  expectWithin(draws.flat().filter(Boolean).length, 3 * slots, winProbability(0.9, 1_000n, 3_000n));
  const occupied = Array.from({ length: slots }, (_, i) => draws.some((draw) => draw[i]));
  expectWithin(occupied.filter(Boolean).length, slots, slotOccupancy(PARAMS, [1_000n, 1_000n, 1_000n], 3_000n));
});

test("an observer verifies a whole chain from the genesis, and names the block that is wrong", () => {
  const tx = signSelfTransfer(must(net.wallets[0], "wallet"), net.note(0), WALLET_VALUE);
  const chain = chainOf(net, [[], [tx], [], []]);
  const good = verifyChain(net.genesis, PARAMS, chain);
  assert.equal(good.ok, true);

  const replayed = chainOf(net, [[], [tx], [], [tx]]);
  const bad = verifyChain(net.genesis, PARAMS, replayed);
  assert.equal(bad.ok, false);
  assert.deepEqual(bad, {
    ok: false,
    height: 4,
    block: replayed[3]?.id,
    reason: `transaction 0: input ${net.note(0)} does not exist or is spent`,
  });

  const gap = verifyChain(net.genesis, PARAMS, [chain[0], chain[2]] as Block[]);
  assert.equal(gap.ok, false);
  assert.equal(!gap.ok && gap.height, 2);
});

test("a leader's proof is the same whenever it is made", () => {
  assert.deepEqual(proveLeadership(anna, electorate, 7), proveLeadership(anna, electorate, 7));
});

test("stake decides: a note with nine tenths of it draws alone nearly always", () => {
  const secrets = ["big", "small"].map((name) => leaderOf(leaderSecret("stake", name)));
  const [big, small] = secrets as [typeof anna, typeof anna];
  const genesis = buildGenesis({
    nodes: [
      { name: "big", leaderKey: big.key, stake: 9_000n },
      { name: "small", leaderKey: small.key },
    ],
    wallets: [],
  });
  const votes = electorateOf(genesis);
  const count = (leader: typeof anna) =>
    Array.from({ length: 80 }, (_, i) => leads(leader, votes, PARAMS, i + 1)).filter(Boolean).length;
  assert.ok(count(big) > 56, "0.874 of 80 expected");
  assert.ok(count(small) < 32, "0.206 of 80 expected");
});
