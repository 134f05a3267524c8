import { ReedSolomonErasure } from "@subspace/reed-solomon-erasure.wasm";
import { CodedError } from "../core/errors.ts";
import { REED_SOLOMON_WASM } from "./reed-solomon-wasm.ts";

/** Most columns of one code word: the elements of GF(2^8). */
export const MAX_COLUMNS = 256;

let compiled: ReedSolomonErasure | undefined;

/** The codec, compiled at first use: most nodes never code a blob. */
function codec(): ReedSolomonErasure {
  compiled ??= ReedSolomonErasure.fromBytes(Buffer.from(REED_SOLOMON_WASM, "base64"));
  return compiled;
}

/**
 * Systematic Reed-Solomon code over GF(2^8): `columns` holds `needed` data columns of equal length, then room for the
 * others, which are filled in.
 */
export function fillParity(columns: Uint8Array, total: number, needed: number): void {
  if (total === needed) return;
  expectOk(codec().encode(columns, needed, total - needed), "encode");
}

/** Restores missing data columns in place; `present` says which of all columns are there, at least `needed`. */
export function restoreData(columns: Uint8Array, total: number, needed: number, present: readonly boolean[]): void {
  if (present.slice(0, needed).every(Boolean)) return;
  expectOk(codec().reconstruct(columns, needed, total - needed, [...present]), "reconstruct");
}

function expectOk(result: number, what: string): void {
  if (result === ReedSolomonErasure.RESULT_OK) return;
  throw new CodedError("NR-CORE-INTERNAL", `the Reed-Solomon codec could not ${what}: result ${result}`);
}
