import { blake2b } from "@noble/hashes/blake2.js";
import { createBLAKE2b, type IHasher } from "hash-wasm";

/*
 * BLAKE2b-256 is what blocks, transactions and blobs cost most of. hash-wasm's takes 1.3 us for a transaction, noble's
 * 10 us (64-bit words are pairs of numbers in JavaScript), and 0.25 ms for 100 KB against 4 ms. It has to be compiled
 * first, which nothing waits for: until then noble's gives the same bytes.
 */
let compiled: IHasher | undefined;

/** Whether the fast one is in use; where WebAssembly is not to be had it never is, and noble's stays. */
export const fastBlake2b: Promise<boolean> = createBLAKE2b(256).then(
  (hasher) => {
    compiled = hasher;
    return true;
  },
  () => false,
);

/** BLAKE2b-256. */
export function blake2b256(bytes: Uint8Array): Uint8Array {
  return compiled ? compiled.init().update(bytes).digest("binary") : blake2b(bytes, { dkLen: 32 });
}
