import { must } from "../core/errors.ts";

/**
 * Systematic Reed-Solomon code for erasures over GF(2^8), with a Cauchy matrix for the parity: parity column i is the sum
 * over j of `data[j] / (x_i + y_j)`, with `y_j = j` and `x_i = needed + i`. Every square part of a Cauchy matrix can be
 * inverted, so any `needed` columns determine all.
 *
 * Ours because no package fits: @subspace/reed-solomon-erasure.wasm 0.2.5 frees its flags twice in each reconstruction,
 * which corrupts its heap for the next; the others are native addons, which a single executable can't hold, or correct
 * errors within one code word instead of restoring columns.
 */

/** Most columns of one code word: the elements of GF(2^8). */
export const MAX_COLUMNS = 256;

/** x^8 + x^4 + x^3 + x^2 + 1, for which 2 generates the field's multiplicative group. */
const POLYNOMIAL = 0x11d;

interface Tables {
  /** Of all pairs: `products[a << 8 | b]`. */
  readonly products: Uint8Array;
  readonly inverses: Uint8Array;
}

let tables: Tables | undefined;

/** Made when a blob is first coded: most processes that load this never code one. */
function field(): Tables {
  tables ??= makeTables();
  return tables;
}

function makeTables(): Tables {
  const exp = new Uint8Array(510);
  const log = new Uint8Array(256);
  for (let power = 0, element = 1; power < 255; power++) {
    exp[power] = exp[power + 255] = element;
    log[element] = power;
    element = element & 0x80 ? (element << 1) ^ POLYNOMIAL : element << 1;
  }
  const products = new Uint8Array(65_536);
  for (let a = 1; a < 256; a++) {
    for (let b = 1; b < 256; b++) products[(a << 8) | b] = exp[at(log, a) + at(log, b)] as number;
  }
  return { products, inverses: Uint8Array.from(log, (power, a) => (a === 0 ? 0 : at(exp, 255 - power))) };
}

/** An element that is there. */
function at(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

/** Adds `factor` times `source` to `target`. */
function addScaled(target: Uint8Array, source: Uint8Array, factor: number): void {
  const products = field().products.subarray(factor << 8, (factor + 1) << 8);
  for (let i = 0; i < target.length; i++) target[i] = at(target, i) ^ at(products, at(source, i));
}

/** Weight of data column `j` in parity column `i`. */
function weight(needed: number, i: number, j: number): number {
  return at(field().inverses, (needed + i) ^ j);
}

/** Parity column `i` of data columns of equal length. */
export function parityColumn(data: readonly Uint8Array[], i: number): Uint8Array {
  const parity = new Uint8Array(data[0]?.length ?? 0);
  for (const [j, column] of data.entries()) addScaled(parity, column, weight(data.length, i, j));
  return parity;
}

/**
 * The `needed` data columns of a code word of which at least as many columns are there.
 * @param columns by index, data first, then parity; undefined where missing
 */
export function restoreData(columns: readonly (Uint8Array | undefined)[], needed: number): Uint8Array[] {
  const data = columns.slice(0, needed);
  const missing = [...data.keys()].filter((j) => !data[j]);
  const parities = [...columns.keys()].filter((index) => index >= needed && columns[index]).slice(0, missing.length);
  // What is left of the chosen parity columns without the known data: weights of the missing times the missing.
  const rests = parities.map((index) => {
    const rest = Uint8Array.from(must(columns[index], "parity column"));
    for (const [j, column] of data.entries()) if (column) addScaled(rest, column, weight(needed, index - needed, j));
    return rest;
  });
  const inverse = inverted(parities.map((index) => missing.map((j) => weight(needed, index - needed, j))));
  for (const [row, j] of missing.entries()) {
    const column = new Uint8Array(must(rests[0], "parity column for each missing column").length);
    for (const [k, rest] of rests.entries()) addScaled(column, rest, at(must(inverse[row], "row"), k));
    data[j] = column;
  }
  return data.map((column) => must(column, "data column"));
}

/** Gauss-Jordan elimination. The leading parts of a Cauchy matrix's square part can be inverted too, so no pivot is zero. */
function inverted(matrix: readonly (readonly number[])[]): Uint8Array[] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => Uint8Array.from([...row, ...row.map((_, k) => Number(k === i))]));
  for (const [pivot, row] of rows.entries()) {
    const scaled = new Uint8Array(2 * size);
    addScaled(scaled, row, at(field().inverses, at(row, pivot)));
    rows[pivot] = scaled;
    for (const [i, other] of rows.entries()) if (i !== pivot) addScaled(other, scaled, at(other, pivot));
  }
  return rows.map((row) => row.subarray(size));
}
