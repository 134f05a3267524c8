import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, concatBytes, hexToBytes } from "../core/bytes.ts";
import { CodedError } from "../core/errors.ts";
import type { Hex32 } from "./types.ts";

/** An Ed25519 key pair that is ready to sign. */
export interface Signer {
  /** Ed25519 public key. */
  readonly key: Hex32;
  /** A 64-byte signature. */
  sign(message: Uint8Array): Uint8Array;
  /** The same signature, made on one of Node's own threads: that takes a quarter of the caller's time. */
  signBeside(message: Uint8Array): Promise<Uint8Array>;
}

/** DER of an Ed25519 key up to the 32 raw bytes (RFC 8410). */
const PKCS8_HEAD = hexToBytes("302e020100300506032b657004220420");
const SPKI_HEAD = hexToBytes("302a300506032b6570032100");

/** The signer of a 32-byte secret seed. Making one costs about 0.2 ms, a signature a quarter of that: keep it. */
export function signerOf(secret: Uint8Array): Signer {
  if (secret.length !== 32) {
    throw new CodedError("NR-CORE-INTERNAL", `an Ed25519 secret has 32 bytes, not ${secret.length}`);
  }
  const der = Buffer.from(concatBytes(PKCS8_HEAD, secret));
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    key: bytesToHex(new Uint8Array(spki.subarray(SPKI_HEAD.length))),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
    signBeside: (message) =>
      new Promise((resolve, reject) => {
        sign(null, message, privateKey, (error, signature) => (error ? reject(error) : resolve(signature)));
      }),
  };
}

/** How many imported public keys are remembered; a wallet or node needs one. */
const REMEMBERED_KEYS = 4_096;
const publicKeys = new Map<Hex32, KeyObject | null>();

/** The key as OpenSSL has it; null if it is no canonical point or one of small order, for which signatures prove nothing. */
function publicKey(key: Hex32): KeyObject | null {
  const known = publicKeys.get(key);
  if (known !== undefined) return known;
  const imported = isSoundKey(key)
    ? createPublicKey({ key: Buffer.from(concatBytes(SPKI_HEAD, hexToBytes(key))), format: "der", type: "spki" })
    : null;
  if (publicKeys.size >= REMEMBERED_KEYS) publicKeys.delete(publicKeys.keys().next().value as Hex32);
  publicKeys.set(key, imported);
  return imported;
}

/** Whether `key` is a canonically encoded curve point that is not of small order. */
export function isSoundKey(key: Hex32): boolean {
  try {
    return !ed25519.Point.fromHex(key, false).isSmallOrder();
  } catch {
    // noble's only way to say that the bytes are no point.
    return false;
  }
}

/** Whether `signature` is the key's over `message`. False for malformed keys and signatures, never an error. */
export function verifySignature(key: Hex32, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const imported = publicKey(key);
  return imported !== null && verify(null, message, imported, signature);
}
