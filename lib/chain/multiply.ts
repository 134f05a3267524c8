import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { hexToBytes } from "../core/bytes.ts";

/**
 * Scalar multiples on edwards25519 by way of X25519, which the platform's own code does several times faster than
 * arithmetic on bigints. X25519 gives only the u-coordinate of a multiple, and only of scalars that are multiples of
 * eight; the sign comes from the multiple's neighbour, by the formula of Okeya and Sakurai (CHES 2001, section 4).
 */

const { Point } = ed25519;
const { Fp, Fn } = Point;
export type EdwardsPoint = InstanceType<typeof Point>;

/** Coefficient of curve25519, v^2 = u^3 + A u^2 + u. */
const A = 486_662n;
/** sqrt(-(A + 2)), of the map between the two curves (RFC 7748, section 4.1). */
const SCALE = Fp.sqrt(Fp.create(-(A + 2n)));
/** X25519 takes scalars 8 j of j from here to twice that. */
const LEAST = 1n << 251n;

const PRIVATE_KEY = hexToBytes("302e020100300506032b656e04220420");
const PUBLIC_KEY = hexToBytes("302a300506032b656e032100");

/** A scalar, prepared to be multiplied by. */
export interface Multiplier {
  readonly scalar: bigint;
  /** Whether the keys are those of the scalar's negative: one of the two is in X25519's range. */
  readonly negated: boolean;
  /** X25519 keys of the scalar and of the next; null in the rare case that X25519 takes neither. */
  readonly keys: readonly [KeyObject, KeyObject] | null;
}

/** @param scalar below the group's order */
export function multiplierOf(scalar: bigint): Multiplier {
  const negated = scalar < LEAST;
  const j = negated ? Fn.ORDER - scalar : scalar;
  const fits = j >= LEAST && j + 1n < 2n * LEAST;
  return { scalar, negated, keys: fits ? [privateKey(8n * j), privateKey(8n * (j + 1n))] : null };
}

/**
 * The multiple of `cleared`, exactly as the group's arithmetic gives it.
 * @param origin a point with Z = 1
 * @param cleared eight times `origin`, not the identity
 */
export function multiplyCleared(origin: EdwardsPoint, cleared: EdwardsPoint, by: Multiplier): EdwardsPoint {
  if (by.keys === null) return cleared.multiplyUnsafe(by.scalar);
  const { X, Y, Z } = cleared;
  const [overU0, overU, overX] = Fp.invertBatch([1n - origin.Y, Z - Y, X].map((n) => Fp.create(n))) as [
    bigint,
    bigint,
    bigint,
  ];
  const u = Fp.mul(Z + Y, overU);
  const v = Fp.mul(Fp.mul(Fp.mul(SCALE, u), Z), overX);

  const publicKey = createPublicKey({
    key: Buffer.concat([PUBLIC_KEY, Fp.toBytes(Fp.mul(1n + origin.Y, overU0))]),
    format: "der",
    type: "spki",
  });
  const [at, next] = by.keys.map((privateKey) => Fp.fromBytes(diffieHellman({ privateKey, publicKey }))) as [
    bigint,
    bigint,
  ];
  const lifted = Fp.create(Fp.mul(Fp.mul(at, u) + 1n, at + u + 2n * A) - 2n * A - Fp.mul(Fp.sqr(at - u), next));
  const [overLifted, overY] = Fp.invertBatch([lifted, Fp.create(at + 1n)]) as [bigint, bigint];
  // The multiple's v is lifted / 2 v.
  const x = Fp.mul(Fp.mul(Fp.mul(SCALE, at), 2n * v), overLifted);
  const point = Point.fromAffine({ x, y: Fp.mul(at - 1n, overY) });
  return by.negated ? point.negate() : point;
}

function privateKey(scalar: bigint): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([PRIVATE_KEY, littleEndian(scalar)]),
    format: "der",
    type: "pkcs8",
  });
}

function littleEndian(scalar: bigint): Uint8Array {
  return hexToBytes(scalar.toString(16).padStart(64, "0")).reverse();
}
