import assert from "node:assert/strict";
import test from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { multiplierOf, multiplyCleared } from "../../lib/chain/multiply.ts";
import { deriveBytes, randomStream } from "../../lib/core/random.ts";

const { Point } = ed25519;
const { ORDER } = Point.Fn;

/** Points of any order: what random bytes encode. */
function* rawPoints(count: number) {
  for (let i = 0; count > 0; i++) {
    try {
      const raw = Point.fromBytes(deriveBytes("multiply", "point", String(i)).subarray(0, 32), false);
      if (raw.clearCofactor().is0()) continue;
      yield raw;
      count--;
    } catch (error) {
      assert.ok(error instanceof Error, "bytes that are no point");
    }
  }
}

test("multiples are those of the group's own arithmetic, bit for bit, of either parity and sign", () => {
  const chance = randomStream("multiply", "scalars");
  const scalar = () => BigInt(`0x${Array.from({ length: 64 }, () => chance.int(0, 15).toString(16)).join("")}`) % ORDER;
  const seen = { negated: 0, odd: 0, total: 0 };
  for (const raw of rawPoints(600)) {
    const cleared = raw.clearCofactor();
    for (const k of [scalar(), scalar()]) {
      const by = multiplierOf(k);
      const multiple = multiplyCleared(raw, cleared, by);
      assert.equal(multiple.toHex(), cleared.multiplyUnsafe(k).toHex());
      seen.total++;
      if (by.negated) seen.negated++;
      if (multiple.toBytes()[31]! > 127) seen.odd++;
    }
  }
  assert.ok(seen.negated > 400 && seen.total - seen.negated > 400, JSON.stringify(seen));
  assert.ok(seen.odd > 400 && seen.total - seen.odd > 400, JSON.stringify(seen));
});

test("scalars at the ends of X25519's range, and those that it takes in neither form", () => {
  const [raw] = [...rawPoints(1)];
  assert.ok(raw);
  const cleared = raw.clearCofactor();
  const half = 1n << 251n;
  const ends = [0n, 1n, 2n, ORDER - 1n, ORDER - 2n, half - 1n, half, half + 1n, 2n * half - 2n, 2n * half - 1n];
  for (const k of [...ends, 2n * half, ORDER - half, ORDER - half - 1n, ORDER - 2n * half]) {
    assert.equal(multiplyCleared(raw, cleared, multiplierOf(k)).toHex(), cleared.multiplyUnsafe(k).toHex(), `${k}`);
  }
});
