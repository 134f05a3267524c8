import { bytesToHex, concatBytes, hexToBytes } from "../core/bytes.ts";
import { type Signer, signerOf, verifySignature } from "./keys.ts";
import { drawTicket, lotteryInput, lotteryNonce, ticketOf, wins } from "./lottery.ts";
import { blockRoot, digestToField, headerId, txHash } from "./suite.ts";
import {
  type Block,
  type Check,
  type ConsensusParams,
  type Genesis,
  type Header,
  type HeaderId,
  type Hex32,
  type LeaderNote,
  type ProofOfLeadership,
  type SignedTx,
  ZERO_ID,
} from "./types.ts";
import { VRF_PROOF_BYTES, type VrfKey, vrfKey, vrfProve, vrfVerify } from "./vrf.ts";

/** What a node leads with: its note's VRF key and the signer of its headers, both of one Ed25519 secret. */
export interface Leader {
  readonly key: Hex32;
  readonly vrf: VrfKey;
  readonly signer: Signer;
}

/** The leader of a 32-byte secret seed. Takes a few ms: make it once. */
export function leaderOf(secret: Uint8Array): Leader {
  const signer = signerOf(secret);
  return { key: signer.key, vrf: vrfKey(secret), signer };
}

/** Who may lead on a chain: what the genesis says, indexed. */
export interface Electorate {
  readonly nonce: Hex32;
  /** Sum of all leader notes' values. */
  readonly total: bigint;
  readonly byKey: ReadonlyMap<Hex32, LeaderNote>;
}

/** The electorate of a genesis; the same for the chain's whole life. */
export function electorateOf(genesis: Genesis): Electorate {
  return {
    nonce: lotteryNonce(genesis.id),
    total: genesis.leaders.reduce((sum, leader) => sum + leader.value, 0n),
    byKey: new Map(genesis.leaders.map((leader) => [leader.key, leader])),
  };
}

/** Whether `leader` may propose a block in `slot`: one VRF evaluation. False for a key without a note. */
export function leads(
  leader: Leader,
  electorate: Electorate,
  params: Pick<ConsensusParams, "f">,
  slot: number,
): boolean {
  const note = electorate.byKey.get(leader.key);
  if (!note) return false;
  return wins(drawTicket(leader.vrf, electorate.nonce, slot), params.f, note.value, electorate.total);
}

/** The proof of leadership of `leader` for `slot`. It is made for losers too, and then refused by everyone. */
export function proveLeadership(leader: Leader, electorate: Electorate, slot: number): ProofOfLeadership {
  const { proof, output } = vrfProve(leader.vrf, lotteryInput(electorate.nonce, slot));
  return {
    proof: concatBytes(leader.vrf.keyBytes, proof, new Uint8Array(128 - 32 - VRF_PROOF_BYTES)),
    entropy: digestToField(output),
    leaderKey: leader.key,
    voucher: ZERO_ID,
  };
}

/** Builds and signs the block of `leader` in `slot` on `parent`. */
export function sealBlock(
  leader: Leader,
  electorate: Electorate,
  parent: HeaderId,
  slot: number,
  txs: readonly SignedTx[],
): Block {
  const header: Header = {
    parent,
    slot,
    blockRoot: blockRoot(txs.map((signed) => txHash(signed.tx))),
    leadership: proveLeadership(leader, electorate, slot),
  };
  const id = headerId(header);
  return { id, header, signature: leader.signer.sign(hexToBytes(id)), txs };
}

const VALID: Check = { ok: true };

function invalid(reason: string): Check {
  return { ok: false, reason };
}

/** Whether the header's leader holds a note, won the slot and says so with a valid proof. One VRF verification. */
function verifyLeadership(header: Header, electorate: Electorate, params: Pick<ConsensusParams, "f">): Check {
  const { proof, entropy, leaderKey, voucher } = header.leadership;
  if (proof.length !== 128) return invalid(`proof of leadership has ${proof.length} bytes, not 128`);
  const note = electorate.byKey.get(leaderKey);
  if (!note) return invalid(`leader key ${leaderKey} holds no leader note`);
  if (bytesToHex(proof.subarray(0, 32)) !== leaderKey) return invalid("proof of leadership is of another key");
  if (proof.subarray(32 + VRF_PROOF_BYTES).some((byte) => byte !== 0)) return invalid("proof is not padded with zeros");
  if (voucher !== ZERO_ID) return invalid("voucher is not zero");
  const alpha = lotteryInput(electorate.nonce, header.slot);
  const output = vrfVerify(hexToBytes(leaderKey), alpha, proof.subarray(32, 32 + VRF_PROOF_BYTES));
  if (!output) return invalid("VRF proof is invalid");
  if (entropy !== digestToField(output)) return invalid("entropy is not the VRF output");
  if (!wins(ticketOf(output), params.f, note.value, electorate.total)) {
    return invalid(`leader ${leaderKey} did not win slot ${header.slot}`);
  }
  return VALID;
}

/**
 * Everything about a block that does not depend on the chain before it: id, slot, block root, signature, leadership.
 * The cheap checks come first. Transactions are checked by the ledger.
 */
export function verifyBlock(block: Block, electorate: Electorate, params: Pick<ConsensusParams, "f">): Check {
  const { header } = block;
  if (!Number.isSafeInteger(header.slot) || header.slot < 1) return invalid(`slot ${header.slot} can't have a block`);
  if (headerId(header) !== block.id) return invalid("block id is not the hash of the header");
  if (blockRoot(block.txs.map((signed) => txHash(signed.tx))) !== header.blockRoot) {
    return invalid("block root is not that of the transactions");
  }
  if (!verifySignature(header.leadership.leaderKey, hexToBytes(block.id), block.signature)) {
    return invalid("header signature is not the leader's");
  }
  return verifyLeadership(header, electorate, params);
}
