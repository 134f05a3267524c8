import { normalizeZ } from "@noble/curves/abstract/curve.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes } from "../core/bytes.ts";
import { must } from "../core/errors.ts";
import { type EdwardsPoint, type Multiplier, multiplierOf, multiplyCleared } from "./multiply.ts";
import type { Hex32 } from "./types.ts";

/**
 * ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381: a keyed hash whose owner alone can compute it and everyone can verify.
 * Not constant-time: the keys of a test network derive from its public seed.
 */

const { Point } = ed25519;

/** Bytes of a proof: Gamma (32), challenge (16), response (32). */
export const VRF_PROOF_BYTES = 80;

const SUITE = 0x03;
const CHALLENGE_BYTES = 16;
const SCALARS = Point.Fn;

/** A secret key, expanded once. */
export interface VrfKey {
  readonly key: Hex32;
  readonly keyBytes: Uint8Array;
  readonly scalar: bigint;
  readonly multiplier: Multiplier;
  readonly noncePrefix: Uint8Array;
}

/** The VRF key of an Ed25519 secret seed; its public key is the Ed25519 public key. */
export function vrfKey(secret: Uint8Array): VrfKey {
  const { scalar, pointBytes, prefix } = ed25519.utils.getExtendedPublicKey(secret);
  return {
    key: bytesToHex(pointBytes),
    keyBytes: pointBytes,
    scalar,
    multiplier: multiplierOf(scalar),
    noncePrefix: prefix,
  };
}

/** A point that was hashed to. */
interface Hashed {
  /** What the digest encodes. */
  readonly raw: EdwardsPoint;
  /** The same with its cofactor cleared. */
  readonly point: EdwardsPoint;
}

/** RFC 9381 §5.4.1.1: hashes with a counter until a digest is a point, then clears the cofactor. */
function hashToPoint(keyBytes: Uint8Array, alpha: Uint8Array): Hashed {
  for (let counter = 0; counter < 256; counter++) {
    const digest = sha512(concatBytes(Uint8Array.of(SUITE, 0x01), keyBytes, alpha, Uint8Array.of(counter, 0x00)));
    const raw = decodePoint(digest.subarray(0, 32));
    const point = raw?.clearCofactor();
    if (raw && point && !point.is0()) return { raw, point };
  }
  return must<Hashed>(undefined, "a curve point among 256 digests");
}

function times({ raw, point }: Hashed, scalar: Multiplier): EdwardsPoint {
  return multiplyCleared(raw, point, scalar);
}

/** Strict decoding of RFC 8032: null for what is no canonical point. */
function decodePoint(bytes: Uint8Array): EdwardsPoint | null {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    // noble's only way to say that the bytes are no point.
    return null;
  }
}

function challenge(keyBytes: Uint8Array, ...points: readonly EdwardsPoint[]): bigint {
  // One inversion for all points instead of one for each.
  const encoded = normalizeZ(Point, [...points]).map((point) => point.toBytes());
  const digest = sha512(concatBytes(Uint8Array.of(SUITE, 0x02), keyBytes, ...encoded, Uint8Array.of(0x00)));
  return littleEndian(digest.subarray(0, CHALLENGE_BYTES));
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(Uint8Array.from(bytes).reverse())}`);
}

/** RFC 9381 §5.2. */
function outputOf(gamma: EdwardsPoint): Uint8Array {
  return sha512(concatBytes(Uint8Array.of(SUITE, 0x03), gamma.clearCofactor().toBytes(), Uint8Array.of(0x00)));
}

/** The 64-byte output alone: what a node computes every slot. */
export function vrfEvaluate(secret: VrfKey, alpha: Uint8Array): Uint8Array {
  return outputOf(times(hashToPoint(secret.keyBytes, alpha), secret.multiplier));
}

/** The output with its 80-byte proof (RFC 9381 §5.1): what a node makes when it won. */
export function vrfProve(secret: VrfKey, alpha: Uint8Array): { proof: Uint8Array; output: Uint8Array } {
  const hashed = hashToPoint(secret.keyBytes, alpha);
  const gamma = times(hashed, secret.multiplier);
  const nonce = SCALARS.create(littleEndian(sha512(concatBytes(secret.noncePrefix, hashed.point.toBytes()))));
  const [u, v] = [Point.BASE.multiplyUnsafe(nonce), times(hashed, multiplierOf(nonce))];
  const c = challenge(secret.keyBytes, hashed.point, gamma, u, v);
  const s = SCALARS.create(nonce + c * secret.scalar);
  const proof = concatBytes(gamma.toBytes(), SCALARS.toBytes(c).subarray(0, CHALLENGE_BYTES), SCALARS.toBytes(s));
  return { proof, output: outputOf(gamma) };
}

/**
 * The output that `proof` shows for `alpha` under `key` (RFC 9381 §5.3), or null if it shows nothing: a point that is
 * not canonical, a key of small order, a response not below the group's order, or a challenge that does not come out.
 */
export function vrfVerify(key: Uint8Array, alpha: Uint8Array, proof: Uint8Array): Uint8Array | null {
  if (proof.length !== VRF_PROOF_BYTES || key.length !== 32) return null;
  const keyPoint = decodePoint(key);
  if (!keyPoint || keyPoint.isSmallOrder()) return null;
  const gamma = decodePoint(proof.subarray(0, 32));
  if (!gamma) return null;
  const c = littleEndian(proof.subarray(32, 48));
  const s = littleEndian(proof.subarray(48));
  if (s >= SCALARS.ORDER) return null;
  const hashed = hashToPoint(key, alpha);
  const u = Point.BASE.multiplyUnsafe(s).subtract(keyPoint.multiplyUnsafe(c));
  const v = times(hashed, multiplierOf(s)).subtract(gamma.multiplyUnsafe(c));
  return challenge(key, hashed.point, gamma, u, v) === c ? outputOf(gamma) : null;
}
