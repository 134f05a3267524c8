import assert from "node:assert/strict";
import test from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { decodeBlock, encodeBlock } from "../../lib/chain/binary.ts";
import { genesisNoteOf } from "../../lib/chain/genesis.ts";
import { verifySignature } from "../../lib/chain/keys.ts";
import { electorateOf, type Leader, verifyBlock } from "../../lib/chain/leadership.ts";
import { lotteryInput } from "../../lib/chain/lottery.ts";
import { headerId } from "../../lib/chain/suite.ts";
import type { Block, Header, ProofOfLeadership } from "../../lib/chain/types.ts";
import { verifyTx } from "../../lib/chain/verify-tx.ts";
import { vrfEvaluate, vrfVerify } from "../../lib/chain/vrf.ts";
import { signSelfTransfer, type Wallet } from "../../lib/chain/wallet.ts";
import { bytesToHex, concatBytes, hexToBytes } from "../../lib/core/bytes.ts";
import { CodedError } from "../../lib/core/errors.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import { Forge } from "../devnet-machine/support/blocks.ts";
import { CONSENSUS, createWorld, slotTime, WALLET_VALUE } from "../devnet-machine/support/network.ts";

const world = createWorld({ nodes: 4, wallets: 1, consensus: { f: 0.5 } });
const forge = new Forge(world);
const electorate = electorateOf(world.genesis);
const PARAMS = { ...CONSENSUS, f: 0.5 };
const [alice] = world.wallets as [Wallet];
const transfer = signSelfTransfer(alice, genesisNoteOf(world.genesis, alice.pk)?.id ?? "", WALLET_VALUE);
const { name: winner, slot } = forge.winner(1);
const leader = forge.leader(winner);
const good = forge.block(winner, slot, world.genesis.id, [transfer]);

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;

/** What a dishonest leader makes of a header: everything but the change is in order, the signature included. */
function resealed(change: Partial<Header>, by: Leader = leader): Block {
  const header = { ...good.header, ...change };
  const id = headerId(header);
  return { id, header, signature: by.signer.sign(hexToBytes(id)), txs: good.txs };
}

function withProof(change: Partial<ProofOfLeadership>, by: Leader = leader): Block {
  return resealed({ leadership: { ...good.header.leadership, ...change } }, by);
}

function reasonAgainst(block: Block): string {
  const check = verifyBlock(block, electorate, PARAMS);
  return check.ok ? "" : check.reason;
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(Uint8Array.from(bytes).reverse())}`);
}

test("a leader can't dress its proof differently, though it signs what it did", () => {
  assert.equal(reasonAgainst(good), "");
  const { proof } = good.header.leadership;
  for (let at = 0; at < 128; at++) {
    const altered = Uint8Array.from(proof);
    altered[at] = (altered[at] ?? 0) ^ 1;
    assert.notEqual(reasonAgainst(withProof({ proof: altered })), "", `byte ${at} of the proof`);
  }
  const other = forge.leader(world.names.find((name) => name !== winner) ?? "");
  const refused: Record<string, Block> = {
    "other entropy": withProof({ entropy: "0".repeat(64) }),
    "a voucher": withProof({ voucher: `01${"0".repeat(62)}` }),
    "another leader's key": withProof({ leaderKey: other.key }, other),
    "a stranger's key": withProof({ leaderKey: alice.signer.key }),
    "a proof of another slot": withProof(forge.block(winner, slot + 1).header.leadership),
    "a proof on another chain": withProof(
      new Forge(createWorld({ nodes: 4, seed: "world", wallets: 2 })).block(winner, slot).header.leadership,
    ),
  };
  for (const [what, block] of Object.entries(refused)) assert.notEqual(reasonAgainst(block), "", what);
});

test("keys of small order lead nothing, whatever the proof", () => {
  const torsion = ["01", "ec", "00"].map(
    (first) => first + (first === "ec" ? `${"ff".repeat(30)}7f` : "00".repeat(31)),
  );
  for (const key of torsion) {
    const proof = concatBytes(hexToBytes(key), new Uint8Array(96));
    assert.match(reasonAgainst(withProof({ leaderKey: key, proof })), /not the leader's|holds no leader note/);
    assert.equal(vrfVerify(hexToBytes(key), new Uint8Array(0), new Uint8Array(80)), null);
    assert.equal(verifySignature(key, new Uint8Array(32), new Uint8Array(64)), false);
  }
});

test("slots that are none are refused, and don't stop a node", () => {
  for (const bad of [0, -1, -0, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, Number.MAX_SAFE_INTEGER]) {
    const block: Block = { ...good, header: { ...good.header, slot: bad } };
    const machine = createMachine({ ...world.config(winner), neighbours: ["peer"] }, null, slotTime(slot));
    machine.start(slotTime(slot));
    machine.handle({ type: "message", from: "peer", message: { type: "block", block } }, slotTime(slot));
    assert.equal(machine.block(block.id), null, `slot ${bad}`);
    machine.handle({ type: "message", from: "peer", message: { type: "block", block: good } }, slotTime(slot));
    assert.ok(machine.block(good.id), "and the real one is taken");
  }
});

/** RFC 9381's hash to a point, written anew: what a cheating prover works on. */
function hashToPoint(alpha: Uint8Array) {
  for (let counter = 0; ; counter++) {
    const head = Uint8Array.of(3, 1);
    const digest = sha512(concatBytes(head, leader.vrf.keyBytes, alpha, Uint8Array.of(counter, 0)));
    try {
      return Point.fromBytes(digest.subarray(0, 32), false).clearCofactor();
    } catch {
      // Not a point: the next counter.
    }
  }
}

test("a leader who knows its secret can make many proofs for a slot, but all show one and the same ticket", () => {
  const alpha = lotteryInput(electorate.nonce, slot);
  const honest = vrfEvaluate(leader.vrf, alpha);
  const hashed = hashToPoint(alpha);
  const eighth = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
  assert.ok(eighth.isSmallOrder());
  let shown = 0;
  for (let nonce = 1n; nonce < 60n; nonce++) {
    // Gamma moved by a point of order 8 passes when the challenge is a multiple of 8.
    const gamma = hashed.multiplyUnsafe(leader.vrf.scalar).add(eighth.multiplyUnsafe(nonce % 8n));
    const points = [hashed, gamma, Point.BASE.multiply(nonce), hashed.multiply(nonce)].map((point) => point.toBytes());
    const digest = sha512(concatBytes(Uint8Array.of(3, 2), leader.vrf.keyBytes, ...points, Uint8Array.of(0)));
    const c = littleEndian(digest.subarray(0, 16));
    const s = Point.Fn.create(nonce + c * leader.vrf.scalar);
    const proof = concatBytes(gamma.toBytes(), digest.subarray(0, 16), Point.Fn.toBytes(s));
    const output = vrfVerify(leader.vrf.keyBytes, alpha, proof);
    if (output) assert.deepEqual(output, honest);
    if (output) shown++;
  }
  assert.ok(shown > 1, `${shown} proofs`);
});

test("a signature has one form: neither a response beyond the order nor a key in another encoding passes", () => {
  const beyond = (signature: Uint8Array) => {
    const s = littleEndian(signature.subarray(32)) + ORDER;
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number((s >> BigInt(8 * i)) & 0xffn));
    return concatBytes(signature.subarray(0, 32), bytes);
  };
  assert.match(reasonAgainst({ ...good, signature: beyond(good.signature) }), /signature is not the leader's/);
  const { ledgerProof } = transfer;
  const moved = concatBytes(ledgerProof.subarray(0, 32), beyond(ledgerProof.subarray(32, 96)), new Uint8Array(32));
  assert.equal(verifyTx({ ...transfer, ledgerProof: moved }).ok, false);
  // y = p + k is another encoding of y = k.
  for (let k = 0; k < 19; k++) {
    for (const sign of [0, 0x80]) {
      const key = `${(0xed + k).toString(16)}${"ff".repeat(30)}${(0x7f | sign).toString(16)}`;
      assert.equal(verifySignature(key, new Uint8Array(32), new Uint8Array(64)), false, key);
      assert.equal(vrfVerify(hexToBytes(key), new Uint8Array(0), new Uint8Array(80)), null, key);
    }
  }
});

/** Why these bytes are no block of this chain, or the empty string. */
function faultOf(bytes: Uint8Array): string {
  let block: Block;
  try {
    block = decodeBlock(bytes);
  } catch (error) {
    assert.ok(error instanceof CodedError && error.code === "NR-CHAIN-DECODE", String(error));
    return error.message;
  }
  assert.deepEqual(encodeBlock(block), bytes, "what decodes encodes to the same bytes");
  const reason = reasonAgainst(block);
  const fault = block.txs.map(verifyTx).find((check) => !check.ok);
  return reason || (fault && !fault.ok ? fault.reason : "");
}

test("no bit of a block can be changed, added or left out", () => {
  const bytes = encodeBlock(good);
  assert.equal(faultOf(bytes), "");
  for (let at = 0; at < bytes.length; at++) {
    const altered = Uint8Array.from(bytes);
    altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
    assert.notEqual(faultOf(altered), "", `byte ${at}`);
  }
  for (let length = 0; length < bytes.length; length += 7) assert.notEqual(faultOf(bytes.slice(0, length)), "");
  assert.notEqual(faultOf(concatBytes(bytes, new Uint8Array(1))), "");
});
