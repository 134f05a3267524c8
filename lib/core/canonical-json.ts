import { blake2b } from "@noble/hashes/blake2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";
import { must } from "./errors.ts";

/** JSON with one spelling for one value (RFC 8785), so that equal documents have equal digests. */
export function canonicalJson(value: unknown): string {
  return must(canonicalize(value), "canonical JSON of a document");
}

/** `blake2b-256:<hex>` of the canonical JSON of `value`. */
export function digestOf(value: unknown): string {
  return `blake2b-256:${bytesToHex(blake2b(new TextEncoder().encode(canonicalJson(value)), { dkLen: 32 }))}`;
}
