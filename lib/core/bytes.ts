export { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";

/** Whether two byte strings are equal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
