import { concatBytes, hexToBytes } from "../core/bytes.ts";
import { Writer } from "./encoding.ts";
import { hashToField } from "./suite.ts";
import type { ConsensusParams, HeaderId, Hex32 } from "./types.ts";
import { type VrfKey, vrfEvaluate } from "./vrf.ts";

/**
 * The slot lottery: in every slot each leader note wins by itself with probability phi(sigma) = 1 - (1 - f)^sigma, where
 * sigma is its share of all leader stake (Ouroboros Praos). The real node's development build uses the second-order
 * approximation of this formula.
 */

const ALPHA_DOMAIN = new TextEncoder().encode("NOMOS_RUN_LOTTERY_V1");
/** Tickets and thresholds are compared as integers of this many bits, the most that a double holds exactly. */
const TICKET_RANGE = 2 ** 53;

/** The nonce that the lottery runs on. It never changes: the embedded chain has one epoch. */
export function lotteryNonce(genesis: HeaderId): Hex32 {
  return hashToField("NOMOS_RUN_EPOCH_NONCE_V1", hexToBytes(genesis));
}

/** What the VRF is evaluated on for `slot`. */
export function lotteryInput(nonce: Hex32, slot: number): Uint8Array {
  return concatBytes(ALPHA_DOMAIN, new Writer().id(nonce).u64(slot).finish());
}

/** The ticket drawn: the first 53 bits of the VRF output, as an integer in [0, 2^53). */
export function ticketOf(output: Uint8Array): number {
  const view = new DataView(output.buffer, output.byteOffset, 8);
  return view.getUint32(0) * 2 ** 21 + (view.getUint32(4) >>> 11);
}

/** Probability that a note of `stake` wins a slot when all leader notes together hold `total`. */
export function winProbability(f: number, stake: bigint, total: bigint): number {
  if (stake <= 0n || total <= 0n) return 0;
  return -Math.expm1((Number(stake) / Number(total)) * Math.log1p(-f));
}

/** Whether a ticket wins for a note of `stake`. */
export function wins(ticket: number, f: number, stake: bigint, total: bigint): boolean {
  return ticket < Math.floor(winProbability(f, stake, total) * TICKET_RANGE);
}

/** Draws the ticket of `secret` for `slot`; only the secret's owner can. */
export function drawTicket(secret: VrfKey, nonce: Hex32, slot: number): number {
  return ticketOf(vrfEvaluate(secret, lotteryInput(nonce, slot)));
}

/**
 * Probability that a slot has at least one leader when notes of these stakes are alive: 1 - (1 - f)^s, with s their
 * share of `total`.
 */
export function slotOccupancy(
  params: Pick<ConsensusParams, "f">,
  stakesAlive: readonly bigint[],
  total: bigint,
): number {
  const alive = stakesAlive.reduce((sum, stake) => sum + stake, 0n);
  return winProbability(params.f, alive, total);
}
