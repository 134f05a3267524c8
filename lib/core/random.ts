import { blake2b } from "@noble/hashes/blake2.js";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { CodedError } from "./errors.ts";

/** A stream of chance of its own. Streams of different names are independent of one another. */
export interface Random {
  /** Uniform in [0, 1). */
  float(): number;
  /** Uniform integer in [min, max], both included. */
  int(min: number, max: number): number;
  /** One of `items`, uniformly. */
  pick<T>(items: readonly T[]): T;
  /** A new array in random order. */
  shuffle<T>(items: readonly T[]): T[];
  bytes(length: number): Uint8Array;
}

const encoder = new TextEncoder();

/**
 * 32 bytes derived from the seed and a name: `BLAKE2b-256("nomos-run/seed" 0 seed 0 part 0 part ...)`.
 * The same seed and name give the same bytes whatever else was drawn, so adding a node does not shift the others.
 */
export function deriveBytes(seed: string, ...name: readonly (string | number)[]): Uint8Array {
  return blake2b(encoder.encode(["nomos-run/seed", seed, ...name].join("\0")), { dkLen: 32 });
}

/** The stream of this seed and name. Two calls with equal arguments give streams that yield equal values. */
export function randomStream(seed: string, ...name: readonly (string | number)[]): Random {
  const words = new DataView(deriveBytes(seed, ...name).buffer);
  const generator = xoroshiro128plusFromState([
    words.getInt32(0, true),
    words.getInt32(4, true),
    words.getInt32(8, true),
    words.getInt32(12, true) | 1,
  ]);
  const float = () => uniformFloat64(generator);
  const int = (min: number, max: number) => uniformInt(generator, min, max);
  return {
    float,
    int,
    pick(items) {
      if (items.length === 0) throw new CodedError("NR-CORE-INTERNAL", "picked from an empty list");
      return items[int(0, items.length - 1)] as (typeof items)[number];
    },
    shuffle(items) {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = int(0, i);
        [copy[i], copy[j]] = [copy[j] as (typeof copy)[number], copy[i] as (typeof copy)[number]];
      }
      return copy;
    },
    bytes(length) {
      return Uint8Array.from({ length }, () => int(0, 255));
    },
  };
}
